package fathom.nn;

import fathom.tensor.Tensor;

/// The mean under each window, by channel; padding counts as zeros, as in PyTorch.
///
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param sliding stride, padding and dilation
public record AvgPool2d(int kernelHeight, int kernelWidth, Sliding sliding) implements Pool2d<AvgPool2d> {
    public AvgPool2d {
        Pool2d.check("avgPool2d", kernelHeight, kernelWidth);
    }

    @Override
    public AvgPool2d with(Sliding other) {
        return new AvgPool2d(kernelHeight, kernelWidth, other);
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.avgPool2d(Pool2d.window(this, x));
    }
}
