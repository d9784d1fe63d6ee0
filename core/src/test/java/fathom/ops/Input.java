package fathom.ops;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Random;
import java.util.stream.IntStream;

/// Values of one operand of a sample. Floating operands are tried as F32 and as F64.
///
/// @param shape the shape
/// @param fixed whether the dtype is given, rather than F32 or F64 as asked for
/// @param dtype the dtype if it is fixed
/// @param values the elements
record Input(Shape shape, boolean fixed, DType dtype, double[] values) {

    /// What elementwise functions find hard.
    private static final double[] SPECIAL = {
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        0.0,
        -0.0,
        1,
        -1,
        0.5,
        -2.5,
        1e-3,
        -1e-3,
        30,
        -30,
        88.5,
        -88.5,
        1e-40,
        -1e-40,
        1.5,
        2.5,
        -0.5,
        3e7,
        1000,
        -1000
    };

    static Input normal(int... shape) {
        Random random = new Random(shape.length * 31L + Shape.of(shape).hashCode());
        return floating(shape, () -> random.nextGaussian());
    }

    static Input uniform(double low, double high, int... shape) {
        Random random = new Random(shape.length * 17L + Shape.of(shape).hashCode());
        return floating(shape, () -> low + (high - low) * random.nextDouble());
    }

    /// All different by 0.25 at least, none near a multiple of 1/2: no difference quotient crosses
    /// a tie or a step.
    static Input distinct(int... shape) {
        int n = Shape.of(shape).size();
        int[] order = IntStream.range(0, n).toArray();
        Random random = new Random(n);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int t = order[i];
            order[i] = order[j];
            order[j] = t;
        }
        int[] next = {0};
        return floating(shape, () -> (order[next[0]++] - n / 2) * 0.25 + 0.1);
    }

    /// NaN, infinities, zeros and other hard values, as often as there is room.
    static Input special(int... shape) {
        int[] next = {0};
        return floating(shape, () -> SPECIAL[next[0]++ % SPECIAL.length]);
    }

    /// [#special] in another order, so that every pair is met in a square.
    static Input specialPairs() {
        int n = SPECIAL.length;
        int[] next = {0};
        return floating(new int[] {n, n}, () -> SPECIAL[next[0]++ / n]);
    }

    /// The other half of [#specialPairs].
    static Input specialSquare() {
        return special(SPECIAL.length, SPECIAL.length);
    }

    static Input values(int[] shape, double... values) {
        return new Input(Shape.of(shape), false, DType.F64, values);
    }

    static Input of(DType dtype, int[] shape, double... values) {
        return new Input(Shape.of(shape), true, dtype, values);
    }

    /// Whole numbers from `low` to `high`, both included.
    static Input integers(DType dtype, int low, int high, int... shape) {
        Random random = new Random(dtype.ordinal() + Shape.of(shape).hashCode());
        Input in = floating(shape, () -> random.nextInt(low, high + 1));
        return new Input(in.shape, true, dtype, in.values);
    }

    static Input booleans(int... shape) {
        return integers(DType.BOOL, 0, 1, shape);
    }

    private static Input floating(int[] shape, java.util.function.DoubleSupplier next) {
        Shape s = Shape.of(shape);
        double[] values = new double[s.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = next.getAsDouble();
        }
        return new Input(s, false, DType.F64, values);
    }

    /// Whether differentiation makes sense.
    boolean isFloating() {
        return !fixed;
    }

    /// The operand as a leaf.
    Tensor tensor(DType floating) {
        return tensor(floating, values);
    }

    /// Other elements as such a leaf.
    Tensor tensor(DType floating, double[] elements) {
        Buffer buffer = Buffer.allocate(fixed ? dtype : floating, elements.length);
        for (int i = 0; i < elements.length; i++) {
            buffer.setDouble(i, elements[i]);
        }
        return Tensor.of(buffer, shape);
    }
}
