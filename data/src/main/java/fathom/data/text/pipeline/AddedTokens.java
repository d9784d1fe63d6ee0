package fathom.data.text.pipeline;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds tokens in a text before that is cut: from the left, the longest first.
final class AddedTokens {
    private final List<AddedToken> tokens;
    private final PrefixTable contents;

    /// @param tokens to look for
    /// @param normalizer changes what they look like, as it did the text
    AddedTokens(List<AddedToken> tokens, Normalizer normalizer) {
        this.tokens = List.copyOf(tokens);
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            places.putIfAbsent(normalizer.normalize(tokens.get(i).content()), i);
        }
        this.contents = new PrefixTable(places);
    }

    /// Part of a text: a token that was found, or what lies between.
    ///
    /// @param id the token's number, or -1
    record Found(Piece piece, int id) {}

    /// The tokens in a text and what lies between, which is never empty.
    List<Found> find(Piece piece) {
        String text = piece.text();
        List<Found> found = new ArrayList<>();
        int done = 0;
        int at = 0;
        while (at < text.length() && !contents.isEmpty()) {
            long longest = contents.longest(text, at);
            if (longest < 0) {
                at++;
                continue;
            }
            AddedToken token = tokens.get((int) longest);
            int from = at;
            int to = at + (int) (longest >>> Integer.SIZE);
            at = to;
            if (token.singleWord() && !standsAlone(text, from, to)) {
                continue;
            }
            while (token.stripLeft() && from > done && Characters.isSpace(text.charAt(from - 1))) {
                from--;
            }
            while (token.stripRight() && to < text.length() && Characters.isSpace(text.charAt(to))) {
                to++;
            }
            between(piece, done, from, found);
            found.add(new Found(new Piece(text.substring(from, to), false), token.id()));
            done = to;
            at = to;
        }
        between(piece, done, text.length(), found);
        return found;
    }

    private static void between(Piece piece, int from, int to, List<Found> found) {
        if (from < to) {
            found.add(new Found(new Piece(piece.text().substring(from, to), piece.first() && from == 0), -1));
        }
    }

    private static boolean standsAlone(String text, int from, int to) {
        boolean before = from == 0 || !Characters.isWord(text.codePointBefore(from));
        boolean after = to == text.length() || !Characters.isWord(text.codePointAt(to));
        return before && after;
    }
}
