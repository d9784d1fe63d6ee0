package fathom.nn;

import fathom.tensor.Tensor;

/// Steps before and after sequences: `[N, L, C]` to `[N, left + L + right, C]`.
///
/// @param padding how many of them, given as those on the left and right; with [Border#REFLECT] less
///   than the sequence has
/// @param border what stands there
public record Pad1d(Padding.Explicit padding, Border border) implements Stateless {
    public Pad1d {
        padding = padding.alongWidth();
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.sequences(x);
        return border.pad(x, 1, padding.left(), padding.right());
    }
}
