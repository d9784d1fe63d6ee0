package fathom.data.text;

/// A text's tokens as a model wants them, or those of two texts.
///
/// @param ids the tokens' numbers
/// @param types what kind of token the model is told that each is: for BERT 1 for those of the second
///   text
/// @param special which are no part of a text, such as `[CLS]`
public record Encoding(int[] ids, int[] types, boolean[] special) {
    /// How many tokens there are.
    public int length() {
        return ids.length;
    }
}
