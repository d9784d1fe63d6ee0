package fathom.data.text;

import java.util.List;

/// Takes each Unicode character of a text for a token.
///
/// @param vocabulary the characters and their numbers
public record CharacterTokenizer(Vocabulary vocabulary) implements Tokenizer {
    /// The characters of some texts, the most frequent ones first, after padding and unknown.
    public static CharacterTokenizer train(List<String> texts) {
        List<String> all =
                texts.stream().flatMap(text -> characters(text).stream()).toList();
        return new CharacterTokenizer(Vocabulary.of(Tokenizer.count(all), 1, Integer.MAX_VALUE));
    }

    private static List<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString).toList();
    }

    @Override
    public List<String> tokens(String text) {
        return characters(text);
    }

    @Override
    public String text(List<String> tokens) {
        return String.join("", tokens);
    }
}
