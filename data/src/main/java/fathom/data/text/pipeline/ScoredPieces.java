package fathom.data.text.pipeline;

import fathom.data.text.pipeline.Bpe.Merge;
import fathom.ir.Require;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/// Pieces with scores instead of a list of merges, as SentencePiece has them: of all neighbours that
/// together are a piece, those are merged whose piece has the highest score.
final class ScoredPieces {
    private static final int LONGEST = 512;

    private ScoredPieces() {}

    /// All pairs of pieces that make a piece.
    ///
    /// @param where for errors
    /// @param ids the pieces and their numbers
    /// @param scores of all numbers
    /// @throws IllegalArgumentException if a score is no number, or a piece too long
    static Map<Long, Merge> merges(String where, Map<String, Integer> ids, float[] scores) {
        TreeMap<Float, Integer> ranks = new TreeMap<>();
        ids.values().forEach(id -> ranks.put(-scores[id], 0));
        int next = 0;
        for (Map.Entry<Float, Integer> rank : ranks.entrySet()) {
            rank.setValue(next++);
        }
        Map<Long, Merge> merges = new HashMap<>();
        ids.forEach((piece, id) -> {
            boolean fits = piece.length() <= LONGEST && Float.isFinite(scores[id]);
            Require.that(fits, "%s: piece %s of %s characters with score %s", where, id, piece.length(), scores[id]);
            Merge merge = new Merge(ranks.getOrDefault(-scores[id], 0), id);
            for (int cut = 1; cut < piece.length(); cut++) {
                Integer left = ids.get(piece.substring(0, cut));
                Integer right = ids.get(piece.substring(cut));
                if (left != null && right != null) {
                    merges.put(Bpe.pair(left, right), merge);
                }
            }
        });
        return merges;
    }
}
