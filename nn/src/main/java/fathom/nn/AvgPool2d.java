package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// The mean under each window, by channel; padding counts as zeros, as in PyTorch.
///
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param sliding stride, padding and dilation
public record AvgPool2d(int kernelHeight, int kernelWidth, Sliding sliding) implements Stateless {
    public AvgPool2d {
        Check.positive("avgPool2d: kernel height", kernelHeight);
        Check.positive("avgPool2d: kernel width", kernelWidth);
    }

    public AvgPool2d stride(int stride) {
        return new AvgPool2d(kernelHeight, kernelWidth, sliding.withStride(stride, stride));
    }

    public AvgPool2d padding(Padding padding) {
        return new AvgPool2d(kernelHeight, kernelWidth, sliding.withPadding(padding));
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return x.avgPool2d(sliding.over(kernelHeight, kernelWidth, x.dim(1), x.dim(2)));
    }

    @Override
    public Shape output(Shape input) {
        Check.sample(input, 3, "images [H, W, C]");
        return sliding.output(input, kernelHeight, kernelWidth, input.dim(2));
    }
}
