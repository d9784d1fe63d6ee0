package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// What stands outside of an image or sequence that is padded.
public enum Border {
    /// Zeros.
    ZERO,
    /// What is inside, mirrored at the outermost element, which is not repeated.
    REFLECT,
    /// The outermost element, again and again.
    REPLICATE;

    /// Elements before and after along an axis.
    ///
    /// @throws IllegalArgumentException if the axis is too short to be mirrored or empty
    Tensor pad(Tensor x, int axis, int before, int after) {
        if (before + after == 0) {
            return x;
        }
        int n = x.dim(axis);
        return switch (this) {
            case ZERO -> x.pad(axis, before, after);
            case REFLECT -> {
                String message = "input %s padded by %s and %s along axis %s, expected less than its size to reflect";
                Require.that(Math.max(before, after) < n, message, x.type(), before, after, axis);
                Tensor front = x.slice(axis, 1, before + 1).flip(axis);
                Tensor back = x.slice(axis, n - 1 - after, n - 1).flip(axis);
                yield Tensor.concat(axis, front, x, back);
            }
            case REPLICATE -> {
                Require.that(n >= 1, "input %s, expected at least one element along axis %s", x.type(), axis);
                Tensor front = x.slice(axis, 0, 1);
                Tensor back = x.slice(axis, n - 1, n);
                yield Tensor.concat(
                        axis,
                        front.broadcastTo(x.shape().with(axis, before)),
                        x,
                        back.broadcastTo(x.shape().with(axis, after)));
            }
        };
    }
}
