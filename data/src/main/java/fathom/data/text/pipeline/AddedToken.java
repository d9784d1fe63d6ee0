package fathom.data.text.pipeline;

/// A token that is looked for in the text itself, before that is cut.
///
/// @param content what it looks like
/// @param id its number
/// @param singleWord whether it has to stand between words
/// @param stripLeft whether it takes the white space before it
/// @param stripRight whether it takes the white space after it
/// @param normalized whether it is looked for after the text was changed, rather than before
/// @param special whether it tells the model something, and is no part of a text
record AddedToken(
        String content,
        int id,
        boolean singleWord,
        boolean stripLeft,
        boolean stripRight,
        boolean normalized,
        boolean special) {
    /// A token that tells the model something.
    static AddedToken special(String content, int id) {
        return new AddedToken(content, id, false, false, false, false, true);
    }
}
