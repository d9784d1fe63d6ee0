package fathom.models;

import fathom.data.text.Tokenizer;
import java.util.Arrays;

/// Turns tokens into text as they come. A letter may be made of several tokens, and a token's text may depend
/// on the one before, as in whether there is a space between the two.
final class TextStream {
    /// What a decoder puts for bytes that are no letter, or not yet.
    private static final String BROKEN = "\uFFFD";

    private final Tokenizer tokenizer;
    private final StringBuilder all = new StringBuilder();
    private int[] tokens;

    /// The tokens from here on are decoded again, for the sake of those after them.
    private int from;

    /// The tokens before this have been given on.
    private int given;

    TextStream(Tokenizer tokenizer, int[] beginning) {
        this.tokenizer = tokenizer;
        this.tokens = beginning.clone();
        this.given = tokens.length;
    }

    /// The text that a token adds; none while a letter is not whole.
    String add(int token) {
        tokens = Arrays.copyOf(tokens, tokens.length + 1);
        tokens[tokens.length - 1] = token;
        String more = more();
        return more.endsWith(BROKEN) ? "" : take(more);
    }

    /// What is left when no token follows.
    String rest() {
        return take(more());
    }

    private String more() {
        String before = text(from, given);
        String now = text(from, tokens.length);
        return now.length() > before.length() ? now.substring(before.length()) : "";
    }

    private String take(String more) {
        if (!more.isEmpty()) {
            from = given;
            given = tokens.length;
            all.append(more);
        }
        return more;
    }

    private String text(int start, int end) {
        return tokenizer.decode(Arrays.copyOfRange(tokens, start, end));
    }

    /// All that was given on.
    String all() {
        return all.toString();
    }
}
