package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What pooling layers have in common.
sealed interface Pool2d extends Stateless permits AvgPool2d, MaxPool2d {
    int kernelHeight();

    int kernelWidth();

    Sliding sliding();

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
    static Window window(Pool2d layer, Tensor x) {
        Check.images(x);
        return layer.sliding().over(layer.kernelHeight(), layer.kernelWidth(), x.dim(1), x.dim(2));
    }
}
