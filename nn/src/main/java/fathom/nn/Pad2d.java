package fathom.nn;

import fathom.tensor.Tensor;

/// Rows and columns around images: `[N, H, W, C]` to `[N, top + H + bottom, left + W + right, C]`.
///
/// @param padding how many of them; with [Border#REFLECT] less than the image has
/// @param border what stands there
public record Pad2d(Padding.Explicit padding, Border border) implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        Tensor columns = border.pad(x, 2, padding.left(), padding.right());
        return border.pad(columns, 1, padding.top(), padding.bottom());
    }
}
