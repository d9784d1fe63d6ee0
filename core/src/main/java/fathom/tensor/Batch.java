package fathom.tensor;

import fathom.ir.Require;

/// Some samples of a data set, side by side along the first axis.
///
/// @param x the inputs, `[N, ...]`
/// @param y the targets, `[N, ...]`: class indices (I32) or values
public record Batch(Tensor x, Tensor y) {
    public Batch {
        String message = "batch: inputs %s and targets %s, expected the same number of samples along the first axis";
        Require.that(x.rank() > 0 && y.rank() > 0 && x.dim(0) == y.dim(0), message, x.shape(), y.shape());
    }

    /// The number of samples.
    public int size() {
        return x.dim(0);
    }
}
