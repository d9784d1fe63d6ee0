package fathom.io.onnx.export;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/// Tables that a model makes on the host and anew for other sizes. A model from an ONNX file does so with
/// all that depends on the sizes of its inputs alone. The common ones are recognised by their elements: one
/// number everywhere, places along an axis, and a few sizes.
final class Tables {
    private static final long MOST_SIZES = 64;

    private final Emitter e;

    Tables(Emitter emitter) {
        this.e = emitter;
    }

    /// How a table that differs from recording to recording follows from the sizes, if it is one of these.
    Optional<Value> of(Term t) {
        return number(t).or(() -> places(t)).or(() -> sizes(t));
    }

    private static int[] hidden(Term t) {
        int[] places = new int[t.rank()];
        Arrays.fill(places, -1);
        return places;
    }

    private Optional<Value> number(Term t) {
        boolean same = t.values().stream()
                .allMatch(v ->
                        v.size() > 0 && IntStream.range(1, v.size()).allMatch(i -> element(v, i) == element(v, 0)));
        if (!same) {
            return Optional.empty();
        }
        double[] each = t.values().stream().mapToDouble(v -> element(v, 0)).toArray();
        boolean fixed = Arrays.stream(each).allMatch(v -> v == each[0]);
        String name = fixed ? e.builder().scalar(t.dtype(), each[0]) : e.sizes().number(each, t.dtype());
        return Optional.of(e.made(t.sizes(), t.dtype(), name, 0, hidden(t)));
    }

    private static double element(Tensor v, int i) {
        return v.buffer().getDouble(i);
    }

    private Optional<Value> places(Term t) {
        for (int axis = 0; axis < t.rank(); axis++) {
            int along = axis;
            if (t.values().stream().allMatch(v -> isPlaces(v, along))) {
                int[] places = hidden(t);
                places[axis] = 0;
                return Optional.of(e.made(t.sizes(), t.dtype(), e.range(t.size(axis), t.dtype()), 1, places));
            }
        }
        return Optional.empty();
    }

    private static boolean isPlaces(Tensor v, int axis) {
        int behind = v.shape().size(axis + 1, v.rank());
        int size = v.dim(axis);
        return size > 1 && IntStream.range(0, v.size()).allMatch(i -> element(v, i) == (double) (i / behind % size));
    }

    private Optional<Value> sizes(Term t) {
        boolean few =
                t.isFixed() && t.dtype().isInteger() && t.size(0, t.rank()).at(0) <= MOST_SIZES;
        if (!few || t.rank() != 1) {
            return Optional.empty();
        }
        String all = e.sizes()
                .vector(IntStream.range(0, (int) t.size(0).at(0))
                        .mapToObj(i -> Size.of(
                                t.values().stream().mapToLong(v -> v.buffer().getLong(i))))
                        .toList());
        return Optional.of(e.made(t, t.dtype() == DType.I64 ? all : e.node("Cast", Casts.to(t.dtype()), all)));
    }
}
