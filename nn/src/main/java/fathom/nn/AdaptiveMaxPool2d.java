package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The greatest value under `height x width` windows that cover an image of any size, by channel: `[N, H, W,
/// C]` to `[N, height, width, C]`. The windows are PyTorch's: the first begins at 0, the last ends
/// with the image, and neighbours overlap by one where the size is no multiple. The first of equal
/// ones gets the gradient.
///
/// @param height rows of the result
/// @param width columns of the result
public record AdaptiveMaxPool2d(int height, int width) implements Stateless {
    public AdaptiveMaxPool2d {
        Require.positive("adaptiveMaxPool2d: height", height);
        Require.positive("adaptiveMaxPool2d: width", width);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return Bins.max(x, height, width);
    }
}
