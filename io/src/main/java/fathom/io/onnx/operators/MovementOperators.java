package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Operators that rearrange elements, and those that make tensors.
final class MovementOperators {
    private MovementOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("Reshape", 5, MovementOperators::reshape),
                Operator.of("Flatten", 1, MovementOperators::flatten),
                Operator.of("Transpose", 1, MovementOperators::transpose),
                Operator.of("Squeeze", 1, MovementOperators::squeeze),
                Operator.of("Unsqueeze", 1, MovementOperators::unsqueeze),
                Operator.of("Concat", 4, MovementOperators::concat),
                Operator.several("Split", 2, MovementOperators::split),
                Operator.of("Slice", 1, MovementOperators::slice).settings(1, 2, 3, 4),
                Operator.of("Expand", 8, MovementOperators::expand),
                Operator.of("Tile", 6, MovementOperators::tile),
                Operator.of("Pad", 2, Padding::pad).settings(2),
                Operator.of("Shape", 1, MovementOperators::shape).kind(Operator.Kind.SHAPES),
                Operator.of(
                                "Size",
                                1,
                                c -> Value.of(Tensor.of(new long[] {c.tensor(0).size()}, new int[0])))
                        .kind(Operator.Kind.SHAPES),
                Operator.of("Constant", 1, MovementOperators::constant),
                Operator.of("ConstantOfShape", 9, MovementOperators::constantOfShape),
                Operator.of("Range", 11, MovementOperators::range).settings(0, 1, 2),
                Operator.of("EyeLike", 9, MovementOperators::eyeLike),
                Operator.of("Trilu", 14, MovementOperators::triangle),
                Operator.of("DepthToSpace", 1, MovementOperators::depthToSpace),
                Operator.of("SpaceToDepth", 1, MovementOperators::spaceToDepth));
    }

    private static Value reshape(Call c) {
        Tensor x = c.tensor(0);
        long[] wanted = c.longs(1);
        int[] sizes = new int[wanted.length];
        boolean zeros = c.flag("allowzero", false);
        int unknown = -1;
        for (int i = 0; i < sizes.length; i++) {
            String message = "shape %s for %s, expected sizes of 0 or more, and -1 at most once";
            Require.that(
                    wanted[i] >= -1 && wanted[i] <= Integer.MAX_VALUE && (wanted[i] >= 0 || unknown < 0),
                    message,
                    Arrays.toString(wanted),
                    x.shape());
            unknown = wanted[i] < 0 ? i : unknown;
            sizes[i] = wanted[i] == 0 && !zeros ? x.dim(i) : (int) wanted[i];
        }
        if (unknown >= 0 && x.size() == 0) {
            sizes[unknown] = 0;
        }
        return c.moved(x.reshape(sizes));
    }

    private static Value flatten(Call c) {
        Tensor x = c.tensor(0);
        int axis = c.integer("axis", 1);
        int a = axis < 0 ? axis + x.rank() : axis;
        Require.that(a >= 0 && a <= x.rank(), "axis %s of %s", axis, x.shape());
        return c.moved(x.reshape(x.shape().size(0, a), x.shape().size(a, x.rank())));
    }

    private static Value transpose(Call c) {
        Tensor x = c.tensor(0);
        int[] reversed = IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).toArray();
        return c.moved(x.permute(c.integers("perm").orElse(reversed)));
    }

    private static Value squeeze(Call c) {
        Tensor x = c.tensor(0);
        int[] axes = c.integers("axes", 1)
                .orElseGet(() ->
                        IntStream.range(0, x.rank()).filter(i -> x.dim(i) == 1).toArray());
        for (int axis : axes) {
            Require.that(x.dim(axis) == 1, "axis %s of %s, expected one of size 1", axis, x.shape());
        }
        return c.moved(
                axes.length == 0 ? x : x.reshape(x.shape().without(x.shape().axes(axes))));
    }

    private static Value unsqueeze(Call c) {
        Tensor x = c.tensor(0);
        int[] axes = c.integers("axes", 1).orElse(new int[0]);
        int rank = x.rank() + axes.length;
        int[] sizes = new int[rank];
        for (int axis : axes) {
            int a = axis < 0 ? axis + rank : axis;
            boolean fits = a >= 0 && a < rank && sizes[a] == 0;
            Require.that(fits, "axes %s for a result of %s axes", Arrays.toString(axes), rank);
            sizes[a] = 1;
        }
        int from = 0;
        for (int i = 0; i < rank; i++) {
            if (sizes[i] == 0) {
                sizes[i] = x.dim(from++);
            }
        }
        return c.moved(x.reshape(Shape.of(sizes)));
    }

    private static Value concat(Call c) {
        List<Layout> all = Layout.alike(
                IntStream.range(0, c.inputs()).mapToObj(c::tensor).toList());
        Layout first = all.getFirst();
        int axis = first.axis(c.shape(0).axis(c.integer("axis", 1)));
        return c.moved(first.back(
                Tensor.concat(axis, all.stream().map(Layout::tensor).toList())));
    }

    private static List<Value> split(Call c) {
        Tensor x = c.tensor(0);
        Layout layout = Layout.of(x);
        int axis = x.shape().axis(c.integer("axis", 0));
        int n = x.dim(axis);
        int parts = c.integer("num_outputs", c.outputs());
        int each = Math.ceilDiv(n, Math.max(1, parts));
        int[] sizes = c.integers("split", 1)
                .orElseGet(() -> IntStream.range(0, parts)
                        .map(i -> Math.clamp(n - (long) i * each, 0, each))
                        .toArray());
        boolean fits = IntStream.of(sizes).allMatch(s -> s >= 0)
                && IntStream.of(sizes).asLongStream().sum() == n;
        Require.that(fits, "parts of %s along axis %s of %s", Arrays.toString(sizes), axis, x.shape());
        List<Value> all = new ArrayList<>();
        int from = 0;
        for (int size : sizes) {
            all.add(c.moved(layout.back(layout.tensor().slice(layout.axis(axis), from, from + size))));
            from += size;
        }
        return all;
    }

    private static Value slice(Call c) {
        Tensor x = c.tensor(0);
        int[] starts = c.integers("starts", 1).orElseThrow();
        int[] ends = c.integers("ends", 2).orElseThrow();
        int[] axes = c.integers("axes", 3)
                .orElseGet(() -> IntStream.range(0, starts.length).toArray());
        int[] steps = c.has(4) ? c.ints(4) : IntStream.of(starts).map(_ -> 1).toArray();
        boolean fits = ends.length == starts.length && axes.length == starts.length && steps.length == starts.length;
        Require.that(fits, "starts, ends, axes and steps of different lengths");
        Layout layout = Layout.of(x);
        Tensor y = layout.tensor();
        for (int i = 0; i < starts.length; i++) {
            int axis = layout.axis(x.shape().axis(axes[i]));
            // An end before the first element, for a slice that runs backwards.
            int end = steps[i] < 0 && ends[i] < -y.dim(axis) ? Integer.MIN_VALUE : ends[i];
            y = y.slice(axis, starts[i], end, steps[i]);
        }
        return c.moved(layout.back(y));
    }

    private static Value expand(Call c) {
        Tensor x = c.tensor(0);
        Shape shape = Shape.broadcast("Expand", x.shape(), Shape.of(c.ints(1)));
        return c.moved(x.broadcastTo(shape));
    }

    private static Value tile(Call c) {
        Tensor x = c.tensor(0);
        int[] repeats = c.ints(1);
        Require.that(repeats.length == x.rank(), "%s repeats for %s", repeats.length, x.shape());
        for (int i = 0; i < repeats.length; i++) {
            x = repeated(x, i, repeats[i]);
        }
        return c.moved(x);
    }

    private static Tensor repeated(Tensor x, int axis, int times) {
        if (times == 1) {
            return x;
        }
        Tensor apart = x.unsqueeze(axis);
        Tensor all = apart.broadcastTo(apart.shape().with(axis, times));
        return all.reshape(x.shape().with(axis, Math.multiplyExact(x.dim(axis), times)));
    }

    private static Value shape(Call c) {
        long[] sizes = Arrays.stream(c.shape(0).dims()).asLongStream().toArray();
        int from = bound(c.integer("start", 0), sizes.length);
        int to = bound(c.integer("end", sizes.length), sizes.length);
        return Value.of(Arrays.copyOfRange(sizes, from, Math.max(from, to)));
    }

    private static int bound(int index, int length) {
        return Math.clamp(index < 0 ? (long) index + length : index, 0, length);
    }

    private static Value constant(Call c) {
        if (c.gives("value")) {
            return c.constant("value").orElseThrow();
        }
        if (c.gives("value_float")) {
            return Value.of(Tensor.scalar(c.number("value_float", 0)));
        }
        if (c.gives("value_int")) {
            return Value.of(Tensor.of(new long[] {c.whole("value_int", 0)}, new int[0]));
        }
        if (c.gives("value_floats")) {
            return Value.of(Tensor.of(c.numbers("value_floats").orElseThrow()).cast(DType.F32));
        }
        if (c.gives("value_ints")) {
            return Value.of(c.wholes("value_ints").orElseThrow());
        }
        throw new IllegalArgumentException("a constant without a number, expected value, value_float or the like");
    }

    private static Value constantOfShape(Call c) {
        Shape shape = Shape.of(c.ints(0));
        Value value = c.constant("value").orElse(Value.of(Tensor.of(new float[] {0})));
        Require.that(value.tensor().size() == 1, "value of shape %s, expected one element", value.shape());
        return Value.of(value.type(), filled(shape, value));
    }

    /// A constant that takes no memory, where a number can say it.
    private static Tensor filled(Shape shape, Value value) {
        double number = value.tensor().item();
        boolean exact = value.tensor().dtype() != DType.I64 || Math.abs(number) < 1L << 53;
        return exact
                ? Tensor.full(shape, value.tensor().dtype(), number)
                : value.tensor().reshape(Shape.SCALAR).broadcastTo(shape);
    }

    private static Value range(Call c) {
        OnnxType type = c.type(0);
        if (!type.isFloating()) {
            long start = c.longs(0)[0];
            long limit = c.longs(1)[0];
            long step = c.longs(2)[0];
            Require.that(step != 0, "a step of 0");
            int n = Math.toIntExact(Math.max(0, Math.ceilDiv(limit - start, step)));
            Tensor counted = Tensor.of(new Op.Iota(Shape.of(n), type.carrier(), 0));
            Tensor scaled = counted.mul(Tensor.full(counted.shape(), type.carrier(), step));
            return Value.computed(type, scaled.add(Tensor.full(counted.shape(), type.carrier(), start)));
        }
        double start = c.scalar(0);
        double step = c.scalar(2);
        Require.that(step != 0, "a step of 0");
        int n = (int) Math.max(0, Math.ceil((c.scalar(1) - start) / step));
        Tensor counted = Tensor.of(new Op.Iota(Shape.of(n), DType.I32, 0)).cast(type.carrier());
        return Value.computed(type, counted.mul(step).add(start));
    }

    private static Value eyeLike(Call c) {
        Shape shape = c.shape(0);
        OnnxType type = c.elementType("dtype").orElse(c.type(0));
        Tensor rows = Tensor.of(new Op.Iota(shape, DType.I32, 0)).add(c.integer("k", 0));
        Tensor columns = Tensor.of(new Op.Iota(shape, DType.I32, 1));
        return Value.of(type, rows.equal(columns).cast(type.carrier()));
    }

    private static Value triangle(Call c) {
        Tensor x = c.tensor(0);
        long k = c.has(1) ? c.longs(1)[0] : 0;
        int shift = Math.clamp(k, -x.dim(-2) - 1, x.dim(-1) + 1);
        Shape matrix = Shape.of(x.dim(-2), x.dim(-1));
        Tensor rows = Tensor.of(new Op.Iota(matrix, DType.I32, 0)).add(shift);
        Tensor columns = Tensor.of(new Op.Iota(matrix, DType.I32, 1));
        Tensor kept = c.flag("upper", true) ? rows.lessEqual(columns) : columns.lessEqual(rows);
        return c.moved(kept.select(x, ElementwiseOperators.zeros(x)));
    }

    private static Value depthToSpace(Call c) {
        Tensor x = c.tensor(0);
        int b = c.integer("blocksize", 1);
        int channels = x.dim(1) / (b * b);
        boolean rowsFirst = c.text("mode", "DCR").equals("DCR");
        Tensor parts = rowsFirst
                ? x.reshape(x.dim(0), b, b, channels, x.dim(2), x.dim(3)).permute(0, 3, 4, 1, 5, 2)
                : x.reshape(x.dim(0), channels, b, b, x.dim(2), x.dim(3)).permute(0, 1, 4, 2, 5, 3);
        return c.moved(parts.reshape(x.dim(0), channels, x.dim(2) * b, x.dim(3) * b));
    }

    private static Value spaceToDepth(Call c) {
        Tensor x = c.tensor(0);
        int b = c.integer("blocksize", 1);
        Tensor parts = x.reshape(x.dim(0), x.dim(1), x.dim(2) / b, b, x.dim(3) / b, b);
        return c.moved(parts.permute(0, 3, 5, 1, 2, 4).reshape(x.dim(0), x.dim(1) * b * b, x.dim(2) / b, x.dim(3) / b));
    }
}
