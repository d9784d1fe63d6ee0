package fathom.data.text.pipeline;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// The longest pieces that the vocabulary has, from the left: WordPiece.
final class LongestMatch implements SubwordModel {
    private final PrefixTable beginnings;
    private final PrefixTable insides;
    private final int unknown;
    private final int longestWord;

    /// @param ids the pieces and their numbers
    /// @param inside what pieces begin with that do not begin a word
    /// @param unknown the number of what stands for words that cannot be cut
    /// @param longestWord in characters; longer ones are unknown
    LongestMatch(Map<String, Integer> ids, String inside, int unknown, int longestWord) {
        this.beginnings = new PrefixTable(ids);
        Map<String, Integer> rests = new TreeMap<>();
        ids.forEach((piece, id) -> {
            if (piece.startsWith(inside)) {
                rests.put(piece.substring(inside.length()), id);
            }
        });
        this.insides = new PrefixTable(rests);
        this.unknown = unknown;
        this.longestWord = longestWord;
    }

    @Override
    public void encode(String part, IntConsumer out) {
        IntStream.Builder pieces = IntStream.builder();
        boolean fits = part.codePointCount(0, part.length()) <= longestWord;
        for (int at = 0; at < part.length() && fits; ) {
            long longest = (at == 0 ? beginnings : insides).longest(part, at);
            fits = longest >= 0;
            at += (int) (longest >>> Integer.SIZE);
            pieces.accept((int) longest);
        }
        if (fits) {
            pieces.build().forEach(out);
        } else {
            out.accept(unknown);
        }
    }
}
