package fathom.nn;

import fathom.autodiff.Gradients;
import fathom.ir.Require;
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

    /// Scaled dot-product attention, `softmax(q k' / √d) v`, over the last two axes, where all keys
    /// are seen or those up to the query's own place; see [#scaledDotProduct(Tensor, Tensor, Tensor,
    /// AttentionMask, double)].
    ///
    /// @param query `[..., T, d]`
    /// @param key `[..., S, d]`
    /// @param value `[..., S, e]`
    /// @param causal whether a query sees only the keys up to its own place, which then are as many
    /// @return `[..., T, e]`
    /// @throws IllegalArgumentException if the shapes do not fit
    public static Tensor scaledDotProduct(Tensor query, Tensor key, Tensor value, boolean causal) {
        AttentionMask none = AttentionMask.none();
        return scaledDotProduct(query, key, value, causal ? none.causal() : none, 0);
    }

    /// Scaled dot-product attention, `softmax(q k' / √d) v`, over the last two axes. Vaswani et al.:
    /// *Attention is all you need* (2017). A query that sees no key at all has a result of zeros.
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
    /// @param mask which keys a query sees, and what is added to its scores
    /// @param dropout the probability with which a key's share is dropped in training
    /// @return `[..., T, e]`
    /// @throws IllegalArgumentException if the shapes do not fit
    public static Tensor scaledDotProduct(Tensor query, Tensor key, Tensor value, AttentionMask mask, double dropout) {
        check(query, key, value, mask);
        long scores = (long) query.size() / Math.max(1, query.dim(-1)) * key.dim(-2);
        int each = scores <= MOST_SCORES ? query.dim(-2) : queries(query, scores);
        return inParts(query, key, value, mask, new Dropout(dropout), each);
    }

    /// Which share of its attention each query gives to each key, to look at: the weights of
    /// [#scaledDotProduct(Tensor, Tensor, Tensor, AttentionMask, double)], all in memory together.
    ///
    /// @param query `[..., T, d]`
    /// @param key `[..., S, d]`
    /// @return `[..., T, S]`, rows whose sum is 1, or 0 where no key is seen
    /// @throws IllegalArgumentException if the shapes do not fit
    public static Tensor weights(Tensor query, Tensor key, AttentionMask mask) {
        check(query, key, key, mask);
        return weights(query, key, mask, 0);
    }

    private static int queries(Tensor query, long scores) {
        int all = query.dim(-2);
        return (int) Math.max(FEWEST_QUERIES, SCORES_OF_PART / (scores / all));
    }

    /// @param each queries of a part
    static Tensor inParts(Tensor query, Tensor key, Tensor value, AttentionMask mask, Dropout dropout, int each) {
        int all = query.dim(-2);
        if (each >= all) {
            return part(query, key, value, mask, dropout, 0);
        }
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < all; from += each) {
            int start = from;
            int end = Math.min(all, from + each);
            int seen = mask.isSquare() ? end : key.dim(-2);
            List<Tensor> operands = List.of(rows(query, start, end), rows(key, 0, seen), rows(value, 0, seen));
            parts.add(Gradients.checkpoint(t -> part(t.get(0), t.get(1), t.get(2), mask, dropout, start), operands));
        }
        return Tensor.concat(-2, parts);
    }

    private static Tensor rows(Tensor x, int from, int to) {
        return x.slice(-2, from, to);
    }

    /// @param from the number of the first query
    private static Tensor part(Tensor query, Tensor key, Tensor value, AttentionMask mask, Dropout dropout, int from) {
        return dropout.forward(weights(query, key, mask, from)).matmul(value);
    }

    private static Tensor weights(Tensor query, Tensor key, AttentionMask mask, int from) {
        return mask.softmax(query.matmul(key.transpose()).mul(1 / Math.sqrt(query.dim(-1))), from);
    }

    private static void check(Tensor query, Tensor key, Tensor value, AttentionMask mask) {
        boolean fits = query.rank() >= 2
                && query.rank() == key.rank()
                && query.rank() == value.rank()
                && query.dim(-1) == key.dim(-1)
                && key.dim(-2) == value.dim(-2)
                && (!mask.isSquare() || query.dim(-2) == key.dim(-2));
        String expected = "attention: query %s, key %s, value %s%s, expected [..., T, d], [..., S, d] and [..., S, e]";
        String causal = mask.isSquare() ? ", causal (T = S)" : "";
        Require.that(fits, expected, query.type(), key.type(), value.type(), causal);
        mask.check(query.shape().with(-1, key.dim(-2)));
    }
}
