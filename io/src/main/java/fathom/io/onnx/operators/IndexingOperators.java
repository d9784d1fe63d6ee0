package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Operators that pick and place elements by tensors of indices.
final class IndexingOperators {
    private IndexingOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("Gather", 1, IndexingOperators::gather),
                Operator.of("GatherElements", 11, IndexingOperators::gatherElements),
                Operator.of("GatherND", 11, IndexingOperators::gatherPoints),
                Operator.of("Scatter", 9, IndexingOperators::scatterElements),
                Operator.of("ScatterElements", 11, IndexingOperators::scatterElements),
                Operator.of("ScatterND", 11, IndexingOperators::scatterPoints),
                Operator.of("TensorScatter", 24, IndexingOperators::scatterSequence),
                Operator.of("OneHot", 9, IndexingOperators::oneHot).settings(1, 2),
                Operator.of("ReverseSequence", 10, IndexingOperators::reverseSequence));
    }

    /// Indices counted from 0, from such that may be counted backwards from -1.
    static Tensor wrapped(Tensor indices, int size) {
        return indices.less(0).select(indices.add(size), indices);
    }

    private static Value gather(Call c) {
        Tensor x = c.tensor(0);
        int axis = c.integer("axis", 0);
        return c.moved(x.take(wrapped(c.tensor(1), x.dim(axis)), axis));
    }

    private static Value gatherElements(Call c) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.integer("axis", 0));
        Tensor indices = wrapped(c.tensor(1), x.dim(axis));
        boolean whole = true;
        for (int i = 0; i < x.rank(); i++) {
            whole &= i == axis || x.dim(i) == indices.dim(i);
        }
        if (whole) {
            return c.moved(x.takeAlong(indices, axis));
        }
        Tensor places = places(x.shape(), indices, axis);
        return c.moved(x.reshape(-1).take(places, 0));
    }

    /// Where the elements are in row-major order that indices along an axis name.
    private static Tensor places(Shape x, Tensor indices, int axis) {
        int[] strides = x.strides();
        Tensor place = indices.cast(DType.I64).mul(strides[axis]);
        for (int i = 0; i < strides.length; i++) {
            if (i != axis) {
                place = place.add(
                        Tensor.of(new Op.Iota(indices.shape(), DType.I64, i)).mul(strides[i]));
            }
        }
        return place;
    }

    /// Where the rows are that the last axis of indices names by its coordinates.
    ///
    /// @param from the axis of x that the first coordinate is along
    private static Tensor rows(Shape x, Tensor indices, int from) {
        int[] strides = x.strides();
        int depth = indices.dim(-1);
        Require.that(from + depth <= x.rank(), "indices of %s coordinates for %s", depth, x);
        int row = x.size(from + depth, x.rank());
        Tensor place = Tensor.full(indices.shape().without(List.of(indices.rank() - 1)), DType.I64, 0);
        for (int j = 0; j < depth; j++) {
            Tensor coordinate = wrapped(indices.at(-1, j).cast(DType.I64), x.dim(from + j));
            place = place.add(coordinate.mul(row == 0 ? 0 : strides[from + j] / row));
        }
        return place;
    }

    private static Tensor table(Tensor x, int axes) {
        return x.reshape(x.shape().size(0, axes), x.shape().size(axes, x.rank()));
    }

    private static Value gatherPoints(Call c) {
        Tensor x = c.tensor(0);
        Tensor indices = c.tensor(1);
        int batch = c.integer("batch_dims", 0);
        int depth = indices.dim(-1);
        Tensor rows = rows(x.shape(), indices, batch);
        int each = x.shape().size(batch, batch + depth);
        int stride = 1;
        for (int b = batch - 1; b >= 0; b--) {
            rows = rows.add(Tensor.of(new Op.Iota(rows.shape(), DType.I64, b)).mul((double) each * stride));
            stride *= x.dim(b);
        }
        Tensor taken = table(x, batch + depth).take(rows, 0);
        int[] rest = Arrays.copyOfRange(x.shape().dims(), batch + depth, x.rank());
        return c.moved(taken.reshape(Shape.of(joined(rows.shape().dims(), rest))));
    }

    private static int[] joined(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    private static Value scatterElements(Call c) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.integer("axis", 0));
        Tensor indices = wrapped(c.tensor(1), x.dim(axis));
        Tensor places = places(x.shape(), indices, axis).reshape(-1);
        return scattered(c, x, x.reshape(-1, 1), places, c.tensor(2).reshape(-1, 1));
    }

    private static Value scatterPoints(Call c) {
        Tensor x = c.tensor(0);
        int depth = c.tensor(1).dim(-1);
        Tensor rows = rows(x.shape(), c.tensor(1), 0).reshape(-1);
        Tensor table = table(x, depth);
        return scattered(c, x, table, rows, c.tensor(2).reshape(rows.dim(0), table.dim(1)));
    }

    private static Value scattered(Call c, Tensor x, Tensor table, Tensor places, Tensor updates) {
        if (places.size() == 0 || updates.size() == 0) {
            return c.moved(x);
        }
        Tensor y = switch (c.text("reduction", "none")) {
            case "none" -> Scattering.replace(table, places, updates);
            case "add" -> Scattering.add(table, places, updates);
            case "mul" -> Scattering.combine(table, read(c, places), updates, Tensor::mul);
            case "max" -> Scattering.combine(table, read(c, places), updates, Tensor::maximum);
            case "min" -> Scattering.combine(table, read(c, places), updates, Tensor::minimum);
            case String other -> throw new IllegalArgumentException("reduction '" + other + "'");
        };
        return c.computed(y.reshape(x.shape()));
    }

    private static int[] read(Call c, Tensor places) {
        c.longs(1); // Notes that what follows depends on the indices' values.
        return places.cast(DType.I32).toInts();
    }

    /// The update of a cache of keys or values: along the axis of a sequence, from a place of its own for
    /// each sample.
    private static Value scatterSequence(Call c) {
        Tensor cache = c.tensor(0);
        Tensor update = c.tensor(1);
        int axis = cache.shape().axis(c.integer("axis", -2));
        int length = cache.dim(axis);
        int[] column = new int[update.rank()];
        Arrays.fill(column, 1);
        column[0] = update.dim(0);
        Tensor at = Tensor.of(new Op.Iota(update.shape(), DType.I64, axis));
        if (c.has(2)) {
            at = at.add(c.tensor(2).cast(DType.I64).reshape(Shape.of(column)));
        }
        if (c.text("mode", "linear").equals("circular")) {
            at = at.mod(ElementwiseOperators.full(at, length));
        }
        Tensor places = places(cache.shape(), at, axis).reshape(-1);
        Tensor y = Scattering.replace(cache.reshape(-1, 1), places, update.reshape(-1, 1));
        return c.moved(y.reshape(cache.shape()));
    }

    private static Value oneHot(Call c) {
        int depth = (int) c.scalar(1);
        Tensor indices = Casts.to(c.value(0), OnnxType.INT64).tensor();
        int axis = c.integer("axis", -1);
        int a = axis < 0 ? axis + indices.rank() + 1 : axis;
        Tensor wanted = wrapped(indices, depth).unsqueeze(a);
        Tensor classes = Tensor.of(new Op.Iota(wanted.shape().with(a, depth), DType.I64, a));
        Tensor values = c.tensor(2);
        return Value.of(c.type(2), classes.equal(wanted).select(values.at(0, 1), values.at(0, 0)));
    }

    private static Value reverseSequence(Call c) {
        int batch = c.integer("batch_axis", 1);
        int time = c.integer("time_axis", 0);
        Tensor x = c.tensor(0);
        boolean ordered = batch == 0 && time == 1;
        Require.that(
                ordered || batch == 1 && time == 0, "batch_axis %s and time_axis %s, expected 0 and 1", batch, time);
        return c.moved(
                ordered
                        ? reversed(x, c.tensor(1))
                        : reversed(x.transpose(0, 1), c.tensor(1)).transpose(0, 1));
    }

    /// The first steps of each sequence in reverse order, as many as it has.
    ///
    /// @param x `[N, T, ...]`
    /// @param lengths `[N]`
    static Tensor reversed(Tensor x, Tensor lengths) {
        Tensor at = Tensor.of(new Op.Iota(Shape.of(x.dim(0), x.dim(1)), DType.I64, 1));
        Tensor ends = lengths.cast(DType.I64).unsqueeze(1);
        Tensor from = at.less(ends).select(ends.sub(1).sub(at), at);
        return Tensor.of(new Op.Gather(1, 1), x, from);
    }
}
