package fathom.nn;

/// The mean under each window of sequences `[N, L, C]`, by channel; padding counts as zeros, as in PyTorch.
///
/// @param kernel steps of the window
/// @param sliding stride, padding and dilation, of which those along the width count
public record AvgPool1d(int kernel, Sliding sliding) implements Pool1d<AvgPool1d> {
    public AvgPool1d {
        Pool1d.check("avgPool1d", kernel);
        sliding = sliding.alongWidth();
    }

    @Override
    public AvgPool1d with(Sliding other) {
        return new AvgPool1d(kernel, other);
    }

    @Override
    public AvgPool2d rows() {
        return new AvgPool2d(1, kernel, sliding);
    }
}
