package fathom.data.text.pipeline;

import java.text.Normalizer.Form;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Changes a text before it is cut.
sealed interface Normalizer {
    /// The changed text.
    String normalize(String text);

    /// Leaves texts as they are.
    static Normalizer none() {
        return new Sequence(List.of());
    }

    /// One after the other.
    record Sequence(List<Normalizer> normalizers) implements Normalizer {
        public Sequence {
            normalizers = List.copyOf(normalizers);
        }

        @Override
        public String normalize(String text) {
            String changed = text;
            for (Normalizer normalizer : normalizers) {
                changed = normalizer.normalize(changed);
            }
            return changed;
        }
    }

    /// BERT's.
    ///
    /// @param clean whether control characters are dropped and all white space is a space
    /// @param chinese whether Chinese characters get spaces around them
    /// @param accents whether accents are dropped
    /// @param lowerCase whether letters lose their case
    record Bert(boolean clean, boolean chinese, boolean accents, boolean lowerCase) implements Normalizer {
        @Override
        public String normalize(String text) {
            String changed = text;
            if (clean) {
                changed = Characters.map(changed, c -> {
                    boolean dropped = c == 0 || c == 0xfffd || Characters.isControl(c);
                    return dropped ? -1 : Characters.isSpace(c) ? ' ' : c;
                });
            }
            if (chinese) {
                StringBuilder apart = new StringBuilder(changed.length());
                changed.codePoints().forEach(c -> {
                    if (Characters.isChinese(c)) {
                        apart.append(' ').appendCodePoint(c).append(' ');
                    } else {
                        apart.appendCodePoint(c);
                    }
                });
                changed = apart.toString();
            }
            if (accents) {
                String decomposed = java.text.Normalizer.normalize(changed, Form.NFD);
                changed = Characters.filter(decomposed, c -> !Characters.isAccent(c));
            }
            return lowerCase ? Characters.lowerCase(changed) : changed;
        }
    }

    /// One of Unicode's normal forms.
    record Unicode(Form form) implements Normalizer {
        @Override
        public String normalize(String text) {
            return java.text.Normalizer.normalize(text, form);
        }
    }

    /// Drops the case of letters.
    record Lowercase() implements Normalizer {
        @Override
        public String normalize(String text) {
            return Characters.lowerCase(text);
        }
    }

    /// Drops all marks; for a text in a decomposed form.
    record StripAccents() implements Normalizer {
        @Override
        public String normalize(String text) {
            return Characters.filter(text, c -> !Characters.isMark(c));
        }
    }

    /// Drops white space at the ends.
    record Strip(boolean left, boolean right) implements Normalizer {
        @Override
        public String normalize(String text) {
            int from = 0;
            int to = text.length();
            while (left && from < to && Characters.isSpace(text.charAt(from))) {
                from++;
            }
            while (right && to > from && Characters.isSpace(text.charAt(to - 1))) {
                to--;
            }
            return text.substring(from, to);
        }
    }

    /// Drops control characters, and makes all that are like a space one.
    record Nmt() implements Normalizer {
        @Override
        public String normalize(String text) {
            return Characters.map(text, c -> {
                boolean dropped = c >= 0x1 && c <= 0x8
                        || c == 0xb
                        || c >= 0xe && c <= 0x1f
                        || c == 0x7f
                        || c == 0x8f
                        || c == 0x9f;
                return dropped ? -1 : isLikeSpace(c) ? ' ' : c;
            });
        }

        private static boolean isLikeSpace(int c) {
            return switch (c) {
                case '\t', '\n', '\f', '\r', 0x1680, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd -> true;
                default -> c >= 0x200b && c <= 0x200f;
            };
        }
    }

    /// Puts something in the place of what is found.
    record Replace(Finder pattern, String content) implements Normalizer {
        @Override
        public String normalize(String text) {
            return pattern.replace(text, content);
        }
    }

    /// Puts something before a text, if there is any.
    record Prepend(String prefix) implements Normalizer {
        @Override
        public String normalize(String text) {
            return text.isEmpty() ? text : prefix + text;
        }
    }

    /// Writes the bytes of UTF-8 as letters.
    record Bytes() implements Normalizer {
        @Override
        public String normalize(String text) {
            return ByteLetters.of(text);
        }
    }

    /// Puts characters in the place of others by SentencePiece's table, as the library of Hugging Face
    /// reads it.
    record Precompiled(CharacterMap map) implements Normalizer {
        @Override
        public String normalize(String text) {
            return map.replaceGroups(text);
        }
    }

    /// SentencePiece's own: characters replaced by its table, spaces as marks, and one before the text.
    ///
    /// @param map characters and what takes their place, if any
    /// @param kept texts that stay as they are
    /// @param markBefore whether a mark is put before a text
    /// @param markAfter whether a mark is put after a text
    /// @param tidy whether white space at the ends is dropped, and several spaces are one
    /// @param escape whether spaces are written as marks
    record SentencePiece(
            @Nullable CharacterMap map,
            PrefixTable kept,
            boolean markBefore,
            boolean markAfter,
            boolean tidy,
            boolean escape)
            implements Normalizer {
        private static final String MARK = "▁";

        @Override
        public String normalize(String text) {
            String space = escape ? MARK : " ";
            StringBuilder out = new StringBuilder(text.length() + 1);
            boolean[] afterSpace = {tidy};
            Consumer<String> step = part -> {
                String rest = part;
                while (afterSpace[0] && rest.startsWith(" ")) {
                    rest = rest.substring(1);
                }
                if (!rest.isEmpty()) {
                    if (out.isEmpty() && markBefore) {
                        out.append(space);
                    }
                    out.append(rest.replace(" ", space));
                    afterSpace[0] = tidy && rest.endsWith(" ");
                }
            };
            if (map == null) {
                replaceNothing(text, step);
            } else {
                map.replaceLongest(text, kept, step);
            }
            while (tidy && out.length() >= space.length() && out.lastIndexOf(space) == out.length() - space.length()) {
                out.setLength(out.length() - space.length());
            }
            if (markAfter && !out.isEmpty()) {
                out.append(space);
            }
            return out.toString();
        }

        private void replaceNothing(String text, Consumer<String> step) {
            for (int at = 0; at < text.length(); ) {
                long whole = kept.longest(text, at);
                int width = whole >= 0 ? (int) (whole >>> Integer.SIZE) : Character.charCount(text.codePointAt(at));
                step.accept(text.substring(at, at + width));
                at += width;
            }
        }
    }
}
