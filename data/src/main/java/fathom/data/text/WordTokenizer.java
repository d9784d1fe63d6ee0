package fathom.data.text;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Takes words, numbers and each sign of punctuation for a token.
///
/// @param vocabulary the words and their numbers
/// @param lowerCase whether upper and lower case are the same
public record WordTokenizer(Vocabulary vocabulary, boolean lowerCase) implements Tokenizer {
    private static final Pattern WORD =
            Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:['’][\\p{L}\\p{M}]+)*|[^\\s\\p{L}\\p{M}\\p{N}]");

    /// The words of some texts, the most frequent ones first, after padding and unknown.
    ///
    /// @param leastCount words that occur less often are left out
    /// @param size the most tokens to take
    /// @throws IllegalArgumentException if there is no room for a word
    public static WordTokenizer train(List<String> texts, int leastCount, int size, boolean lowerCase) {
        List<String> all =
                texts.stream().flatMap(text -> words(text, lowerCase).stream()).toList();
        return new WordTokenizer(Vocabulary.of(Tokenizer.count(all), leastCount, size), lowerCase);
    }

    private static List<String> words(String text, boolean lowerCase) {
        String given = lowerCase ? text.toLowerCase(Locale.ROOT) : text;
        return WORD.matcher(given).results().map(MatchResult::group).toList();
    }

    @Override
    public List<String> tokens(String text) {
        return words(text, lowerCase);
    }

    /// The tokens with a space between each two: where there were spaces, the tokens do not tell.
    @Override
    public String text(List<String> tokens) {
        return String.join(" ", tokens);
    }
}
