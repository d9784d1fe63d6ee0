package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// The greatest value under each window, by channel; padding counts as absent.
///
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param sliding stride, padding and dilation
public record MaxPool2d(int kernelHeight, int kernelWidth, Sliding sliding) implements Stateless {
    public MaxPool2d {
        Check.positive("maxPool2d: kernel height", kernelHeight);
        Check.positive("maxPool2d: kernel width", kernelWidth);
    }

    public MaxPool2d stride(int stride) {
        return new MaxPool2d(kernelHeight, kernelWidth, sliding.withStride(stride, stride));
    }

    public MaxPool2d padding(Padding padding) {
        return new MaxPool2d(kernelHeight, kernelWidth, sliding.withPadding(padding));
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return x.maxPool2d(sliding.over(kernelHeight, kernelWidth, x.dim(1), x.dim(2)));
    }

    @Override
    public Shape output(Shape input) {
        Check.sample(input, 3, "images [H, W, C]");
        return sliding.output(input, kernelHeight, kernelWidth, input.dim(2));
    }
}
