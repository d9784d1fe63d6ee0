package fathom.data.text.pipeline;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Regular expressions of Oniguruma, in which published tokenisers are written, as ones of Java.
final class ForeignSyntax {
    /// Lines end with `\n` alone, and each is one for `^` and `$`.
    private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNIX_LINES | Pattern.MULTILINE;

    /// Joiners are no part of words; of the numbers that are no digits, those of Latin-1 are.
    private static final String WORD = "\\p{IsAlphabetic}\\p{M}\\p{Nd}\\p{Pc}²³¹¼-¾";

    private static final String HEXADECIMAL = "0-9a-fA-F";

    private final String expression;
    private final StringBuilder java = new StringBuilder();
    private int at;
    private int brackets;

    private ForeignSyntax(String expression) {
        this.expression = expression;
    }

    /// @param where for errors
    /// @throws IllegalArgumentException if it is no expression, or has what Java's have not
    static Pattern compile(String where, String expression) {
        try {
            return Pattern.compile(new ForeignSyntax(expression).translated(), FLAGS);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(where + ": '" + expression + "': " + e.getDescription(), e);
        }
    }

    private String translated() {
        while (at < expression.length()) {
            char c = expression.charAt(at);
            if (c == '\\' && at + 1 < expression.length()) {
                escaped(expression.charAt(at + 1));
            } else {
                if (expression.startsWith("[[:", at) || brackets > 0 && expression.startsWith("[:", at)) {
                    throw new PatternSyntaxException("POSIX brackets, which are not supported", expression, at);
                }
                brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
                java.append(c);
                at++;
            }
        }
        return java.toString();
    }

    private void escaped(char c) {
        int end = at + 2;
        switch (c) {
            case 'w' -> characters("", WORD);
            case 'W' -> characters("^", WORD);
            case 'h' -> characters("", HEXADECIMAL);
            case 'H' -> characters("^", HEXADECIMAL);
            case 'p', 'P' -> end = property(c);
            default -> java.append(expression, at, end);
        }
        at = end;
    }

    private void characters(String negation, String some) {
        if (brackets > 0 && negation.isEmpty()) {
            java.append(some);
        } else {
            java.append('[').append(negation).append(some).append(']');
        }
    }

    /// Scripts have `Is` before their names in Java, and some other properties too.
    private int property(char c) {
        int close = expression.indexOf('}', at);
        if (close < 0 || expression.charAt(at + 2) != '{') {
            java.append('\\').append(c);
            return at + 2;
        }
        String name = expression.substring(at + 3, close);
        boolean negated = name.startsWith("^") != (c == 'P');
        name = name.startsWith("^") ? name.substring(1) : name;
        java.append(negated ? "\\P{" : "\\p{")
                .append(isKnown("Is" + name) ? "Is" + name : name)
                .append('}');
        return close + 1;
    }

    private static boolean isKnown(String property) {
        try {
            Pattern.compile("\\p{" + property + "}");
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
