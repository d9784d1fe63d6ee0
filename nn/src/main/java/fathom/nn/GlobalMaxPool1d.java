package fathom.nn;

import fathom.tensor.Tensor;

/// The greatest value of each sequence, by channel: `[N, L, C]` to `[N, C]`. Equal ones share the
/// gradient.
public record GlobalMaxPool1d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.sequences(x);
        return x.max(1);
    }
}
