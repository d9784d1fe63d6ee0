package fathom.nn;

import fathom.tensor.Tensor;

/// The greatest value of each volume, by channel: `[N, D, H, W, C]` to `[N, C]`. Equal ones share the
/// gradient.
public record GlobalMaxPool3d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.volumes(x);
        return x.max(1, 2, 3);
    }
}
