package fathom.data.text.pipeline;

import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/// Classes of characters as the tokenisers of published models have them, and texts changed character
/// by character.
final class Characters {
    private Characters() {}

    /// Whether Unicode calls it white space.
    static boolean isSpace(int character) {
        return switch (character) {
            case ' ', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 -> true;
            default -> character >= 0x9 && character <= 0xd || character >= 0x2000 && character <= 0x200a;
        };
    }

    /// Whether it is punctuation for Unicode, or one of ASCII's signs.
    static boolean isPunctuation(int character) {
        boolean sign = character >= '!' && character <= '/'
                || character >= ':' && character <= '@'
                || character >= '[' && character <= '`'
                || character >= '{' && character <= '~';
        return sign || isUnicodePunctuation(character);
    }

    private static boolean isUnicodePunctuation(int character) {
        return switch (Character.getType(character)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            default -> false;
        };
    }

    /// Whether it is a control character that BERT drops: white space is none.
    static boolean isControl(int character) {
        if (character == '\t' || character == '\n' || character == '\r') {
            return false;
        }
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
            default -> false;
        };
    }

    /// Whether it is of the blocks of Chinese characters, as BERT has them.
    static boolean isChinese(int c) {
        return c >= 0x4e00 && c <= 0x9fff
                || c >= 0x3400 && c <= 0x4dbf
                || c >= 0x20000 && c <= 0x2a6df
                || c >= 0x2a700 && c <= 0x2b73f
                || c >= 0x2b740 && c <= 0x2b81f
                || c >= 0x2b920 && c <= 0x2ceaf
                || c >= 0xf900 && c <= 0xfaff
                || c >= 0x2f800 && c <= 0x2fa1f;
    }

    static boolean isNumber(int character) {
        return switch (Character.getType(character)) {
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
            default -> false;
        };
    }

    /// Whether it is a mark that takes no place of its own, such as an accent.
    static boolean isAccent(int character) {
        return Character.getType(character) == Character.NON_SPACING_MARK;
    }

    /// Whether it is a mark of any kind.
    static boolean isMark(int character) {
        return switch (Character.getType(character)) {
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> true;
            default -> false;
        };
    }

    /// Whether it can be part of a word: a letter, mark, digit, connector or joiner.
    static boolean isWord(int character) {
        return Character.isAlphabetic(character)
                || isMark(character)
                || Character.isDigit(character)
                || Character.getType(character) == Character.CONNECTOR_PUNCTUATION
                || character == 0x200c
                || character == 0x200d;
    }

    static String filter(String text, IntPredicate kept) {
        return map(text, c -> kept.test(c) ? c : -1);
    }

    /// @param change what becomes of a character: another, or -1 for none
    static String map(String text, IntUnaryOperator change) {
        StringBuilder changed = new StringBuilder(text.length());
        text.codePoints().map(change).filter(c -> c >= 0).forEach(changed::appendCodePoint);
        return changed.toString();
    }

    /// Letters by themselves, whatever is before or after them.
    static String lowerCase(String text) {
        StringBuilder lower = new StringBuilder(text.length());
        // Only this letter becomes two.
        text.codePoints().forEach(c -> {
            if (c == 'İ') {
                lower.append("i̇");
            } else {
                lower.appendCodePoint(Character.toLowerCase(c));
            }
        });
        return lower.toString();
    }

    /// With U+FFFD for halves of characters that are alone, which no file can hold.
    static String wellFormed(String text) {
        boolean broken = text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
        return broken
                ? map(text, c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
                : text;
    }
}
