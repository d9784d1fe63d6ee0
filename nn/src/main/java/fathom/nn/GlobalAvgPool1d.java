package fathom.nn;

import fathom.tensor.Tensor;

/// The mean over each sequence, by channel: `[N, L, C]` to `[N, C]`.
public record GlobalAvgPool1d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.sequences(x);
        return x.mean(1);
    }
}
