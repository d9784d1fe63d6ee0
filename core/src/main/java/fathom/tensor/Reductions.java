package fathom.tensor;

import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.Require;

/// The operations that combine elements along axes: over all axes if none is given. Unless
/// `keepDims` is set, reduced axes disappear.
public sealed interface Reductions permits Tensor {
    /// This object as a tensor.
    Tensor self();

    default Tensor sum(int... axes) {
        return sum(false, axes);
    }

    /// The sum, of the same dtype; of BOOL how many are true, I32.
    default Tensor sum(boolean keepDims, int... axes) {
        Tensor x = self();
        return x.dtype() == DType.BOOL ? x.cast(DType.I32).sum(keepDims, axes) : reduce(ReduceOp.SUM, keepDims, axes);
    }

    default Tensor prod(int... axes) {
        return prod(false, axes);
    }

    default Tensor prod(boolean keepDims, int... axes) {
        return reduce(ReduceOp.PRODUCT, keepDims, axes);
    }

    default Tensor max(int... axes) {
        return max(false, axes);
    }

    /// The greatest; NaN if any is NaN. Equal ones share the gradient.
    default Tensor max(boolean keepDims, int... axes) {
        return reduce(ReduceOp.MAX, keepDims, axes);
    }

    default Tensor min(int... axes) {
        return min(false, axes);
    }

    /// The smallest; NaN if any is NaN. Equal ones share the gradient.
    default Tensor min(boolean keepDims, int... axes) {
        return reduce(ReduceOp.MIN, keepDims, axes);
    }

    /// Whether any is true; BOOL.
    default Tensor any(int... axes) {
        return reduce(ReduceOp.MAX, false, axes);
    }

    /// Whether all are true; BOOL.
    default Tensor all(int... axes) {
        return reduce(ReduceOp.MIN, false, axes);
    }

    default Tensor mean(int... axes) {
        return mean(false, axes);
    }

    /// The mean; NaN over nothing. That of integers is F32, and so is that of BOOL, the share that is true.
    default Tensor mean(boolean keepDims, int... axes) {
        Tensor x = self();
        if (!x.dtype().isFloating() && !x.dtype().isHalf()) {
            return x.cast(DType.F32).mean(keepDims, axes);
        }
        return x.sum(keepDims, axes).mul(1.0 / count(x.shape(), axes));
    }

    default Tensor variance(int... axes) {
        return variance(0, false, axes);
    }

    /// Mean squared distance from the mean, over `n - correction`.
    default Tensor variance(int correction, boolean keepDims, int... axes) {
        Tensor x = self();
        Tensor d = x.sub(x.mean(true, axes));
        return d.mul(d).sum(keepDims, axes).mul(1.0 / (count(x.shape(), axes) - correction));
    }

    /// ln of the sum of exponentials, without overflow.
    default Tensor logSumExp(boolean keepDims, int... axes) {
        Tensor x = self();
        Tensor m = x.max(true, axes).detach();
        // An infinite maximum would give inf - inf.
        Tensor finite = m.isFinite().select(m, m.mul(0).isNaN().select(zerosLike(m), m));
        Tensor kept = x.sub(finite).exp().sum(true, axes).log().add(finite);
        return keepDims ? kept : drop(kept, axes);
    }

    /// Exponentials divided by their sum along the axis.
    default Tensor softmax(int axis) {
        Tensor x = self();
        Tensor e = x.sub(x.max(true, axis).detach()).exp();
        return e.div(e.sum(true, axis));
    }

    /// ln of [#softmax], without loss of precision.
    default Tensor logSoftmax(int axis) {
        Tensor x = self();
        Tensor d = x.sub(x.max(true, axis).detach());
        return d.sub(d.exp().sum(true, axis).log());
    }

    default Tensor argmax(int axis) {
        return argReduce(true, axis);
    }

    /// The I32 index of the first smallest element along the axis, which disappears.
    default Tensor argmin(int axis) {
        return argReduce(false, axis);
    }

    /// Running sum along the axis.
    default Tensor cumsum(int axis) {
        Tensor x = self();
        return Tensor.of(new Op.CumulativeSum(x.shape().axis(axis), false), x);
    }

    /// I32 indices that sort along the axis, stable.
    default Tensor argsort(int axis, boolean descending) {
        Tensor x = self();
        return Tensor.of(new Op.ArgSort(x.shape().axis(axis), descending), x);
    }

    /// Sorted along the axis, stable.
    default Tensor sort(int axis, boolean descending) {
        return self().takeAlong(self().argsort(axis, descending), axis);
    }

    /// The `k` greatest along the axis, descending, and their I32 indices.
    ///
    /// @throws IllegalArgumentException if the axis has fewer than `k` elements
    default TopK topK(int k, int axis) {
        Tensor x = self();
        int size = x.dim(axis);
        Require.that(k >= 0 && k <= size, "topK: k %s along axis %s of %s, expected 0 to %s", k, axis, x.shape(), size);
        Tensor indices = x.argsort(axis, true).slice(axis, 0, k);
        return new TopK(x.takeAlong(indices, axis), indices);
    }

    /// What [#topK] gives.
    ///
    /// @param values the greatest elements, descending
    /// @param indices where they are along the axis, I32
    record TopK(Tensor values, Tensor indices) {}

    private Tensor argReduce(boolean greatest, int axis) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        return drop(Tensor.of(new Op.ArgReduce(greatest, a), x), a);
    }

    private Tensor reduce(ReduceOp how, boolean keepDims, int... axes) {
        Tensor x = self();
        Tensor kept = Tensor.of(new Op.Reduce(how, x.shape().axes(axes)), x);
        return keepDims ? kept : drop(kept, axes);
    }

    private static Tensor drop(Tensor kept, int... axes) {
        return kept.reshape(kept.shape().without(kept.shape().axes(axes)));
    }

    private static Tensor zerosLike(Tensor x) {
        return Tensor.full(x.shape(), x.dtype(), 0);
    }

    private static double count(Shape shape, int... axes) {
        double n = 1;
        for (int a : shape.axes(axes)) {
            n *= shape.dim(a);
        }
        return n;
    }
}
