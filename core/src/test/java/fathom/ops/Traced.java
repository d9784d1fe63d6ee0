package fathom.ops;

import fathom.tensor.Tensor;

/// A tensor of a random graph, with what is known about its elements: backends may differ by
/// `error` at most, and no finite element exceeds `bound`.
///
/// @param tensor the tensor
/// @param bound the greatest magnitude
/// @param error the greatest difference between two right results; 0 if all must be the same
record Traced(Tensor tensor, double bound, double error) {
    /// Other elements, or the same at other places.
    Traced moved(Tensor t) {
        return new Traced(t, bound, error);
    }

    /// All elements known exactly, so that a step function may be applied.
    boolean isExact() {
        return error == 0;
    }

    /// The result of a computation that rounds.
    ///
    /// @param unit the rounding unit
    /// @param inherited the error from the operands
    static Traced rounded(Tensor t, double bound, double inherited, double unit) {
        return new Traced(t, bound, inherited + 16 * unit * bound);
    }

    /// The result of sums of products of multiples of 1/8, exact as long as they are small.
    static Traced dyadic(Tensor t, double bound, double inherited, double unit) {
        boolean exact = inherited == 0 && bound * 64 < 1 / unit;
        return exact ? new Traced(t, bound, 0) : rounded(t, bound, inherited, unit);
    }
}
