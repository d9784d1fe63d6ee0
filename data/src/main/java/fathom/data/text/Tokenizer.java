package fathom.data.text;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Cuts a text into tokens, and puts tokens together again.
public interface Tokenizer {
    /// The tokens and their numbers.
    Vocabulary vocabulary();

    /// A text's tokens. Those that the vocabulary has not are still themselves here.
    List<String> tokens(String text);

    /// The text of some tokens.
    String text(List<String> tokens);

    /// The numbers of a text's tokens.
    ///
    /// @throws IllegalArgumentException if a token is not in the vocabulary, and nothing stands for
    ///   unknown ones
    default int[] encode(String text) {
        return vocabulary().ids(tokens(text));
    }

    /// The text of some tokens.
    ///
    /// @throws IllegalArgumentException if a number is not in the vocabulary
    default String decode(int... ids) {
        return text(Arrays.stream(ids).mapToObj(vocabulary()::token).toList());
    }

    /// How often each token occurs.
    static Map<String, Integer> count(Iterable<String> tokens) {
        Map<String, Integer> counts = new HashMap<>();
        tokens.forEach(token -> counts.merge(token, 1, Integer::sum));
        return counts;
    }
}
