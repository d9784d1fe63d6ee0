package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Piece.Span;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds places in a text.
sealed interface Finder {
    /// The places that were found and those between, which together are the text.
    default List<Span> spans(String text) {
        List<Span> spans = new ArrayList<>();
        int from = 0;
        for (Span match : matches(text)) {
            if (from < match.from()) {
                spans.add(new Span(from, match.from(), false));
            }
            spans.add(match);
            from = match.to();
        }
        if (from < text.length()) {
            spans.add(new Span(from, text.length(), false));
        }
        return spans;
    }

    /// The places that were found, from left to right.
    List<Span> matches(String text);

    /// A text with something else in the places that are found.
    default String replace(String text, String content) {
        List<Span> matches = matches(text);
        if (matches.isEmpty()) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text.length());
        int from = 0;
        for (Span match : matches) {
            replaced.append(text, from, match.from()).append(content);
            from = match.to();
        }
        return replaced.append(text, from, text.length()).toString();
    }

    /// Finds a text.
    record Literal(String content) implements Finder {
        public Literal {
            Require.that(!content.isEmpty(), "pattern: an empty text, expected at least a character");
        }

        @Override
        public List<Span> matches(String text) {
            List<Span> matches = new ArrayList<>();
            for (int at = text.indexOf(content); at >= 0; at = text.indexOf(content, at + content.length())) {
                matches.add(new Span(at, at + content.length(), true));
            }
            return matches;
        }
    }

    /// Finds each character of a kind.
    ///
    /// @param kind which characters
    record Characterwise(IntPredicate kind) implements Finder {
        @Override
        public List<Span> matches(String text) {
            List<Span> matches = new ArrayList<>();
            for (int i = 0; i < text.length(); ) {
                int character = text.codePointAt(i);
                int end = i + Character.charCount(character);
                if (kind.test(character)) {
                    matches.add(new Span(i, end, true));
                }
                i = end;
            }
            return matches;
        }
    }

    /// Finds a regular expression, as long as that takes no time without bounds.
    record Regex(Pattern pattern) implements Finder {
        /// An expression of a file.
        ///
        /// @param where for errors
        /// @throws IllegalArgumentException if it is none, or has what is not supported
        static Regex of(String where, String expression) {
            return new Regex(ForeignSyntax.compile(where, expression));
        }

        @Override
        public List<Span> matches(String text) {
            List<Span> matches = new ArrayList<>();
            Matcher matcher = pattern.matcher(new BoundedText(text, pattern));
            try {
                while (matcher.find()) {
                    matches.add(new Span(matcher.start(), matcher.end(), true));
                }
            } catch (StackOverflowError e) {
                throw new IllegalArgumentException("pattern '" + pattern + "': needs too deep a recursion", e);
            }
            return matches;
        }
    }

    /// A text that can be looked at a number of times only, since some patterns take a time that grows
    /// exponentially with the text.
    final class BoundedText implements CharSequence {
        private static final long LOOKS_AT_EACH = 2_000;
        private static final long LOOKS = 1_000_000;

        private final String text;
        private final Pattern pattern;
        private long left;

        BoundedText(String text, Pattern pattern) {
            this.text = text;
            this.pattern = pattern;
            this.left = LOOKS + LOOKS_AT_EACH * text.length();
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            Require.that(--left >= 0, "pattern '%s': takes too long for a text of %s", pattern, text.length());
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
