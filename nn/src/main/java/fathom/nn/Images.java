package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Checks of image batches.
final class Images {
    private Images() {}

    /// The shape `[H, W, C]` of one image of a batch.
    static Shape sample(Tensor x) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException(
                    "input " + x.dtype() + x.shape() + ", expected images [N, H, W, C]");
        }
        return Shape.of(x.dim(1), x.dim(2), x.dim(3));
    }
}
