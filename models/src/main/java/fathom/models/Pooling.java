package fathom.models;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// How the vectors of a text's tokens become one.
public enum Pooling {
    /// Their mean. Reimers and Gurevych: *Sentence-BERT* (2019).
    MEAN,

    /// The first one, which is that of `[CLS]`.
    CLS;

    /// One vector for each text.
    ///
    /// @param vectors `[N, T, width]`
    /// @param seen where there are tokens, and not what rows are filled up with, BOOL `[N, T]`
    /// @return `[N, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor vectors, Tensor seen) {
        boolean fits = vectors.rank() == 3
                && seen.rank() == 2
                && seen.dim(0) == vectors.dim(0)
                && seen.dim(1) == vectors.dim(1);
        Require.that(fits, "pooling: %s and %s, expected [N, T, width] and [N, T]", vectors.type(), seen.type());
        return switch (this) {
            case MEAN -> {
                Tensor weights = seen.cast(vectors.dtype()).unsqueeze(2);
                // A row of nothing has a mean of zeros.
                Tensor count = weights.sum(false, 1).maximum(1);
                yield vectors.mul(weights).sum(false, 1).div(count);
            }
            case CLS -> vectors.at(1, 0);
        };
    }
}
