package fathom.tensor;

import fathom.ir.Op;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The operations that pick elements: by ranges known when they are written, and by tensors of
/// indices.
public sealed interface Indexing permits Tensor {
    /// This object as a tensor.
    Tensor self();

    /// Elements `start` to `stop` (not included) along the axis; negative ones count from the end,
    /// and both are kept within the axis, as in NumPy.
    default Tensor slice(int axis, int start, int stop) {
        return slice(axis, start, stop, 1);
    }

    /// Elements `start`, `start + step`, ... before `stop` along the axis. With a negative step the
    /// slice runs backwards and `Integer.MIN_VALUE` as `stop` includes the first element.
    ///
    /// @throws IllegalArgumentException if `step` is 0
    default Tensor slice(int axis, int start, int stop, int step) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        int n = x.dim(a);
        Require.that(step != 0, "slice: step 0 along axis %s", axis);
        int low = step > 0 ? 0 : -1;
        int high = step > 0 ? n : n - 1;
        int from = Math.clamp(start < 0 ? start + (long) n : start, low, high);
        int to = stop == Integer.MIN_VALUE ? low : Math.clamp(stop < 0 ? stop + (long) n : stop, low, high);
        int count = Math.max(0, Math.ceilDiv(to - from, step));
        return range(a, from, count, step);
    }

    /// The part of the axis at one index; the axis disappears.
    ///
    /// @throws IllegalArgumentException if there is no such index
    default Tensor at(int axis, int index) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        int n = x.dim(a);
        int i = index < 0 ? index + n : index;
        String message = "at: index %s along axis %s of %s, expected %s to %s";
        Require.that(i >= 0 && i < n, message, index, axis, x.shape(), -n, n - 1);
        return range(a, i, 1, 1).squeeze(a);
    }

    /// NumPy's square brackets: `t.get(at(0), all(), range(1, 3))`. Axes not mentioned are whole.
    ///
    /// @throws IllegalArgumentException if there are more indices than axes, or one is outside
    default Tensor get(Index... indices) {
        Tensor x = self();
        int mentioned = 0;
        for (Index i : indices) {
            mentioned += i instanceof Index.NewAxis || i instanceof Index.Ellipsis ? 0 : 1;
        }
        String message = "get: %s indices for %s, expected at most %s";
        Require.that(mentioned <= x.rank(), message, mentioned, x.shape(), x.rank());
        int rest = x.rank() - mentioned;
        int axis = 0;
        for (Index i : indices) {
            switch (i) {
                case Index.At at -> x = x.at(axis, at.index());
                case Index.Range r -> x = x.slice(axis++, r.start(), r.stop(), r.step());
                case Index.NewAxis n -> x = x.unsqueeze(axis++);
                case Index.Ellipsis e -> {
                    axis += rest;
                    rest = 0;
                }
            }
        }
        return x;
    }

    /// The parts of the axis that `indices` (I32 or I64, any shape) name: the axis is replaced by
    /// the axes of `indices`. Rows of a table: `table.take(ids, 0)`.
    ///
    /// @throws IllegalArgumentException when evaluated, if an index is outside the axis
    default Tensor take(Tensor indices, int axis) {
        Tensor x = self();
        return Tensor.of(new Op.Gather(x.shape().axis(axis), 0), x, indices);
    }

    /// One element along the axis for each index: `indices` has this tensor's axes, any size along
    /// `axis`, as NumPy's `take_along_axis`.
    ///
    /// @throws IllegalArgumentException when evaluated, if an index is outside the axis
    default Tensor takeAlong(Tensor indices, int axis) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        int last = x.rank() - 1;
        Op gather = new Op.Gather(last, last);
        return Tensor.of(gather, x.transpose(a, last), indices.transpose(a, last))
                .transpose(a, last);
    }

    /// This tensor with `updates` added at `indices` along the axis; equal indices add up in
    /// row-major order. `updates` is shaped as `take(indices, axis)`.
    ///
    /// @throws IllegalArgumentException when evaluated, if an index is outside the axis
    default Tensor scatterAdd(Tensor indices, Tensor updates, int axis) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        return x.add(Tensor.of(new Op.ScatterAdd(a, 0, x.dim(a)), updates, indices));
    }

    /// For integer class indices of any shape, a new last axis of `classes` elements of `dtype`: 1
    /// at the index, else 0.
    ///
    /// @throws IllegalArgumentException when evaluated, if an index is outside 0 to classes - 1
    default Tensor oneHot(int classes, DType dtype) {
        Tensor x = self();
        Tensor indices = x.unsqueeze(-1);
        Tensor ones = Tensor.full(indices.shape(), dtype, 1);
        return Tensor.of(new Op.ScatterAdd(x.rank(), x.rank(), classes), ones, indices);
    }

    private Tensor range(int axis, int start, int count, int step) {
        Tensor x = self();
        List<Integer> starts = new ArrayList<>(Collections.nCopies(x.rank(), 0));
        List<Integer> steps = new ArrayList<>(Collections.nCopies(x.rank(), 1));
        List<Integer> sizes = new ArrayList<>(x.shape().toList());
        starts.set(axis, count == 0 ? 0 : start);
        sizes.set(axis, count);
        steps.set(axis, step);
        return Tensor.of(new Op.Slice(List.copyOf(starts), List.copyOf(sizes), List.copyOf(steps)), x);
    }
}
