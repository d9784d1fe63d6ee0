package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The mean under `height x width` windows that cover an image of any size, by channel: `[N, H, W,
/// C]` to `[N, height, width, C]`. The windows are PyTorch's: the first begins at 0, the last ends
/// with the image, and neighbours overlap by one where the size is no multiple.
///
/// @param height rows of the result
/// @param width columns of the result
public record AdaptiveAvgPool2d(int height, int width) implements Stateless {
    public AdaptiveAvgPool2d {
        Require.positive("adaptiveAvgPool2d: height", height);
        Require.positive("adaptiveAvgPool2d: width", width);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return new Bins(x.dim(2), width).mean(new Bins(x.dim(1), height).mean(x, 1), 2);
    }
}
