package fathom.nn;

import fathom.tensor.Tensor;

/// The greatest value under each window, by channel; padding counts as absent.
///
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param sliding stride, padding and dilation
public record MaxPool2d(int kernelHeight, int kernelWidth, Sliding sliding) implements Pool2d<MaxPool2d> {
    public MaxPool2d {
        Pool2d.check("maxPool2d", kernelHeight, kernelWidth);
    }

    @Override
    public MaxPool2d with(Sliding other) {
        return new MaxPool2d(kernelHeight, kernelWidth, other);
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.maxPool2d(Pool2d.window(this, x));
    }
}
