package fathom.nn;

/// The greatest value under each window of sequences `[N, L, C]`, by channel; padding counts as absent.
///
/// @param kernel steps of the window
/// @param sliding stride, padding and dilation, of which those along the width count
public record MaxPool1d(int kernel, Sliding sliding) implements Pool1d<MaxPool1d> {
    public MaxPool1d {
        Pool1d.check("maxPool1d", kernel);
        sliding = sliding.alongWidth();
    }

    @Override
    public MaxPool1d with(Sliding other) {
        return new MaxPool1d(kernel, other);
    }

    @Override
    public MaxPool2d rows() {
        return new MaxPool2d(1, kernel, sliding);
    }
}
