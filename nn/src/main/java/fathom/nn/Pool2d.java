package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What pooling layers have in common.
///
/// @param <P> the layer itself
sealed interface Pool2d<P> extends Stateless permits AvgPool2d, MaxPool2d {
    int kernelHeight();

    int kernelWidth();

    Sliding sliding();

    /// With windows that move otherwise.
    P with(Sliding other);

    default P stride(int stride) {
        return stride(stride, stride);
    }

    default P stride(int height, int width) {
        return with(sliding().withStride(height, width));
    }

    default P padding(Padding padding) {
        return with(sliding().withPadding(padding));
    }

    @Override
    default Shape output(Shape input) {
        Check.sample(input, 3, "images [H, W, C]");
        return sliding().output(input, kernelHeight(), kernelWidth(), input.dim(2));
    }

    static void check(String layer, int kernelHeight, int kernelWidth) {
        Require.positive(layer + ": kernel height", kernelHeight);
        Require.positive(layer + ": kernel width", kernelWidth);
    }

    /// The window over a batch of images.
    static Window window(Pool2d<?> layer, Tensor x) {
        Check.images(x);
        return layer.sliding().over(layer.kernelHeight(), layer.kernelWidth(), x.dim(1), x.dim(2));
    }
}
