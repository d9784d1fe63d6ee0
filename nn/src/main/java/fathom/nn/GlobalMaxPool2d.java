package fathom.nn;

import fathom.tensor.Tensor;

/// The greatest value of each image, by channel: `[N, H, W, C]` to `[N, C]`. Equal ones share the
/// gradient.
public record GlobalMaxPool2d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return x.max(1, 2);
    }
}
