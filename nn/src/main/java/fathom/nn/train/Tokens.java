package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Sequences of tokens as lists, out of tensors that have them padded.
final class Tokens {
    private Tokens() {}

    /// The rows of token numbers `[N, T]`, or of the greatest of scores `[N, T, C]`, each up to the
    /// first `end`.
    static List<List<Integer>> rows(String metric, Tensor t, int end) {
        boolean scores = t.dtype().isFloating() && t.rank() == 3;
        Require.that(
                scores || t.dtype().isInteger() && t.rank() == 2,
                "%s: %s, expected tokens [N, T] or scores [N, T, C]",
                metric,
                t.type());
        Tensor numbers = scores ? t.argmax(-1) : t.cast(DType.I32);
        Buffer flat = numbers.buffer();
        int length = t.dim(1);
        List<List<Integer>> rows = new ArrayList<>();
        for (int n = 0; n < t.dim(0); n++) {
            List<Integer> row = new ArrayList<>();
            for (int i = 0; i < length && flat.getLong(n * length + i) != end; i++) {
                row.add((int) flat.getLong(n * length + i));
            }
            rows.add(row);
        }
        return rows;
    }

    /// [#rows] of predictions and of targets, as many.
    static List<List<Integer>> rows(String metric, Tensor t, int end, Tensor like) {
        String message = "%s: predictions %s and targets %s, expected equal numbers of samples";
        Require.that(
                t.rank() > 0 && like.rank() > 0 && t.dim(0) == like.dim(0), message, metric, t.type(), like.type());
        return rows(metric, t, end);
    }
}
