package fathom.nn;

import fathom.autodiff.Gradients;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Attention as a function; a layer around it projects what it is given.
public final class Attention {
    /// Scores for all queries at once, over all heads and samples, up to which nothing is gained by
    /// going through the queries in parts: 64 MiB of F32.
    private static final long MOST_SCORES = 1 << 24;

    /// Scores of a part, 8 MiB of F32: they stay in the last cache.
    private static final long SCORES_OF_PART = 1 << 21;

    /// Queries of a part: enough rows for products to run at full speed.
    private static final int FEWEST_QUERIES = 64;

    private Attention() {}

    /// Scaled dot-product attention, `softmax(q k' / √d) v`, over the last two axes. Vaswani et al.:
    /// *Attention is all you need* (2017).
    ///
    /// For long sequences the scores of all queries for all keys are never in memory together: it
    /// goes through the queries in parts, whose scores are computed anew for the gradient, and for a
    /// causal mask without the keys that no query of the part may see. So memory grows with the
    /// length and not with its square. Rabe and Staats: *Self-attention does not need O(n²) memory*
    /// (2021).
    ///
    /// @param query `[..., T, d]`
    /// @param key `[..., S, d]`
    /// @param value `[..., S, e]`
    /// @param causal whether a query sees only the keys up to its own place, which then are as many
    /// @return `[..., T, e]`
    /// @throws IllegalArgumentException if the shapes do not fit
    public static Tensor scaledDotProduct(Tensor query, Tensor key, Tensor value, boolean causal) {
        long scores = (long) query.size() / Math.max(1, query.dim(-1)) * key.dim(-2);
        return inParts(query, key, value, causal, scores <= MOST_SCORES ? query.dim(-2) : queries(query, scores));
    }

    private static int queries(Tensor query, long scores) {
        int all = query.dim(-2);
        return (int) Math.max(FEWEST_QUERIES, SCORES_OF_PART / (scores / all));
    }

    /// @param each queries of a part
    static Tensor inParts(Tensor query, Tensor key, Tensor value, boolean causal, int each) {
        check(query, key, value, causal);
        int all = query.dim(-2);
        if (each >= all) {
            return part(query, key, value, causal, 0);
        }
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < all; from += each) {
            int start = from;
            int end = Math.min(all, from + each);
            int seen = causal ? end : key.dim(-2);
            List<Tensor> operands = List.of(rows(query, start, end), rows(key, 0, seen), rows(value, 0, seen));
            parts.add(Gradients.checkpoint(t -> part(t.get(0), t.get(1), t.get(2), causal, start), operands));
        }
        return Tensor.concat(-2, parts.toArray(Tensor[]::new));
    }

    private static Tensor rows(Tensor x, int from, int to) {
        return x.slice(-2, from, to);
    }

    /// @param first the place of the first query
    private static Tensor part(Tensor query, Tensor key, Tensor value, boolean causal, int first) {
        int axes = query.rank();
        Tensor scores = query.matmul(key.transpose(axes - 2, axes - 1)).mul(1 / Math.sqrt(query.dim(-1)));
        if (causal) {
            Tensor keys = Tensor.arange(key.dim(-2));
            Tensor queries = Tensor.arange(query.dim(-2)).add(first);
            Tensor isPast = keys.unsqueeze(0).lessEqual(queries.unsqueeze(1));
            Tensor never = Tensor.full(Shape.SCALAR, scores.dtype(), Double.NEGATIVE_INFINITY);
            scores = isPast.select(scores, never);
        }
        return scores.softmax(-1).matmul(value);
    }

    private static void check(Tensor query, Tensor key, Tensor value, boolean causal) {
        boolean fits = query.rank() >= 2
                && query.rank() == key.rank()
                && query.rank() == value.rank()
                && query.dim(-1) == key.dim(-1)
                && key.dim(-2) == value.dim(-2)
                && (!causal || query.dim(-2) == key.dim(-2));
        String expected = "attention: query %s, key %s, value %s%s, expected [..., T, d], [..., S, d] and [..., S, e]";
        Require.that(fits, expected, query.type(), key.type(), value.type(), causal ? ", causal (T = S)" : "");
    }
}
