package fathom.nn;

import fathom.tensor.Tensor;

/// The mean over each volume, by channel: `[N, D, H, W, C]` to `[N, C]`.
public record GlobalAvgPool3d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.volumes(x);
        return x.mean(1, 2, 3);
    }
}
