package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Operators whose results have as many elements as their operands' values say. Those are read; what they
/// pick is picked by tensor operations, and so has gradients.
final class SelectionOperators {
    private SelectionOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("NonZero", 9, SelectionOperators::nonZero),
                Operator.of("Compress", 9, SelectionOperators::compress),
                Operator.several("Unique", 11, SelectionOperators::unique),
                Operator.of("NonMaxSuppression", 10, NonMaxSuppression::select),
                Operator.of("TfIdfVectorizer", 9, NGrams::count));
    }

    private static Value nonZero(Call c) {
        double[] elements = c.doubles(0);
        int[] found = IntStream.range(0, elements.length)
                .filter(i -> elements[i] != 0)
                .toArray();
        Shape shape = c.shape(0);
        int[] strides = shape.strides();
        long[] coordinates = new long[strides.length * found.length];
        for (int a = 0; a < strides.length; a++) {
            for (int i = 0; i < found.length; i++) {
                coordinates[a * found.length + i] = found[i] / strides[a] % Math.max(1, shape.dim(a));
            }
        }
        return Value.of(Tensor.of(coordinates, strides.length, found.length));
    }

    private static Value compress(Call c) {
        Tensor x = c.tensor(0);
        long[] kept = c.longs(1);
        Tensor from = c.gives("axis") ? x : x.reshape(-1);
        int axis = from.shape().axis(c.integer("axis", 0));
        int[] places = IntStream.range(0, Math.min(kept.length, from.dim(axis)))
                .filter(i -> kept[i] != 0)
                .toArray();
        return c.moved(from.take(Tensor.of(places), axis));
    }

    private static List<Value> unique(Call c) {
        Tensor x = c.gives("axis") ? c.tensor(0) : c.tensor(0).reshape(-1);
        int axis = x.shape().axis(c.integer("axis", 0));
        c.doubles(0);
        Comparator<Integer> order = slices(Value.of(c.type(0), x), axis);
        int n = x.dim(axis);
        Integer[] sorted = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(sorted, order);
        int[] group = new int[n];
        int[] first = new int[n];
        long[] counts = new long[n];
        int groups = 0;
        for (int i = 0; i < n; i++) {
            if (i == 0 || order.compare(sorted[i - 1], sorted[i]) != 0) {
                first[groups++] = sorted[i]; // The sort is stable: the first of equal ones.
            }
            group[sorted[i]] = groups - 1;
            counts[groups - 1]++;
        }
        Integer[] ranks = IntStream.range(0, groups).boxed().toArray(Integer[]::new);
        if (!c.flag("sorted", true)) {
            Arrays.sort(ranks, Comparator.comparingInt(g -> first[g]));
        }
        long[] place = new long[groups];
        for (int i = 0; i < groups; i++) {
            place[ranks[i]] = i;
        }
        int[] picked = Arrays.stream(ranks).mapToInt(g -> first[g]).toArray();
        return List.of(
                c.moved(x.take(Tensor.of(picked), axis)),
                Value.of(Arrays.stream(picked).asLongStream().toArray()),
                Value.of(Arrays.stream(group).mapToLong(g -> place[g]).toArray()),
                Value.of(Arrays.stream(ranks).mapToLong(g -> counts[g]).toArray()));
    }

    /// Compares the parts of a tensor along an axis, element by element.
    private static Comparator<Integer> slices(Value value, int axis) {
        Tensor ordered = Unsigned.ordered(value);
        Tensor rows = ordered.transpose(0, axis);
        Buffer elements = rows.buffer();
        int width = rows.dim(0) == 0 ? 0 : rows.size() / rows.dim(0);
        boolean whole = value.type().isInteger() || value.type() == OnnxType.BOOL;
        return (a, b) -> {
            int result = 0;
            for (int i = 0; i < width && result == 0; i++) {
                int p = a * width + i;
                int q = b * width + i;
                result = whole
                        ? Long.compare(elements.getLong(p), elements.getLong(q))
                        : Double.compare(elements.getDouble(p) + 0.0, elements.getDouble(q) + 0.0);
            }
            return result;
        };
    }

    static void require(boolean fits, String what, Shape shape, String expected) {
        Require.that(fits, "%s of shape %s, expected %s", what, shape, expected);
    }
}
