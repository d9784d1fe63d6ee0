package fathom.nn;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Where initial weights come from.
///
/// Many scale with the number of inputs (fan-in) and outputs (fan-out) of a unit. These follow from
/// the shape, whose last axis is the outputs, whose last but one is the inputs, and whose others
/// are the receptive field: `[in, out]` for a linear layer, `[KH, KW, C / groups, K]` for a
/// convolution.
///
/// The normal ones are not truncated, but for [#truncatedNormal].
@FunctionalInterface
public interface Initializer {
    /// Initial F32 values.
    Tensor create(Shape shape, RandomStream random);

    /// Zeros.
    static Initializer zeros() {
        return constant(0);
    }

    /// Ones.
    static Initializer ones() {
        return constant(1);
    }

    /// The same value everywhere.
    static Initializer constant(double value) {
        return (shape, random) -> {
            // Filled here: no program need be compiled for it.
            float[] values = new float[shape.size()];
            Arrays.fill(values, (float) value);
            return Tensor.of(Buffer.wrap(DType.F32, values.length, values), shape);
        };
    }

    /// Evenly spread over `low` to `high`.
    ///
    /// @throws IllegalArgumentException if `low` is not below `high`
    static Initializer uniform(double low, double high) {
        Require.that(low < high, "uniform: from %s to %s, expected the first to be below", low, high);
        return (shape, random) -> random.uniform(shape).mul(high - low).add(low);
    }

    /// Normally distributed.
    ///
    /// @throws IllegalArgumentException if the standard deviation is not above 0
    static Initializer normal(double mean, double standardDeviation) {
        Require.positive("normal: standard deviation", standardDeviation);
        return (shape, random) -> random.normal(shape).mul(standardDeviation).add(mean);
    }

    /// Uniform with variance 2 / (fan-in + fan-out), for symmetric activations. Glorot and Bengio:
    /// *Understanding the difficulty of training deep feedforward neural networks* (2010).
    static Initializer glorotUniform() {
        return (shape, random) -> spread(shape, random, Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape))));
    }

    /// Normal with variance 2 / (fan-in + fan-out). Glorot and Bengio (2010).
    static Initializer glorotNormal() {
        return (shape, random) -> random.normal(shape).mul(Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape))));
    }

    /// Uniform with variance 2 / fan-in, for rectifiers. He et al.: *Delving deep into rectifiers*
    /// (2015).
    static Initializer heUniform() {
        return (shape, random) -> spread(shape, random, Math.sqrt(6.0 / fanIn(shape)));
    }

    /// Normal with variance 2 / fan-in. He et al. (2015).
    static Initializer heNormal() {
        return (shape, random) -> random.normal(shape).mul(Math.sqrt(2.0 / fanIn(shape)));
    }

    /// Uniform with variance 1 / fan-in, for self-normalising networks. LeCun et al.: *Efficient
    /// BackProp* (1998).
    static Initializer lecunUniform() {
        return (shape, random) -> spread(shape, random, Math.sqrt(3.0 / fanIn(shape)));
    }

    /// Normal with variance 1 / fan-in. LeCun et al. (1998).
    static Initializer lecunNormal() {
        return (shape, random) -> random.normal(shape).mul(Math.sqrt(1.0 / fanIn(shape)));
    }

    /// Orthonormal rows or columns, whichever are fewer, of the matrix whose columns are the last
    /// axis. Saxe et al.: *Exact solutions to the nonlinear dynamics of learning in deep linear
    /// neural networks* (2014).
    static Initializer orthogonal() {
        return orthogonal(1);
    }

    /// [#orthogonal()], times a factor.
    ///
    /// @throws IllegalArgumentException if the factor is not above 0
    static Initializer orthogonal(double gain) {
        Require.positive("orthogonal: gain", gain);
        return (shape, random) -> {
            int columns = shape.rank() == 0 ? 1 : shape.dim(-1);
            int rows = columns == 0 ? 0 : shape.size() / columns;
            float[] gaussian = random.normal(shape).toFloats();
            float[] q = Orthogonal.of(gaussian, rows, columns);
            for (int i = 0; i < q.length; i++) {
                q[i] *= (float) gain;
            }
            return Tensor.of(Buffer.wrap(DType.F32, q.length, q), shape);
        };
    }

    /// Normally distributed within two standard deviations of the mean, what falls outside being drawn
    /// again. What is left varies less: its standard deviation is 0.8796 of the one given.
    ///
    /// @throws IllegalArgumentException if the standard deviation is not above 0
    static Initializer truncatedNormal(double mean, double standardDeviation) {
        Require.positive("truncatedNormal: standard deviation", standardDeviation);
        return (shape, random) -> {
            float[] values = random.normal(shape).toFloats();
            int[] outside = outside(values, IntStream.range(0, values.length));
            while (outside.length > 0) {
                float[] again = random.normal(Shape.of(outside.length)).toFloats();
                for (int i = 0; i < again.length; i++) {
                    values[outside[i]] = again[i];
                }
                outside = outside(values, Arrays.stream(outside));
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (mean + standardDeviation * values[i]);
            }
            return Tensor.of(Buffer.wrap(DType.F32, values.length, values), shape);
        };
    }

    private static int[] outside(float[] values, IntStream places) {
        return places.filter(i -> Math.abs(values[i]) > 2).toArray();
    }

    /// Weights that hand each input on to the output of the same number, and nothing else: 1 where the
    /// two meet, in the middle of the receptive field, else 0. So `[in, out]` is the identity matrix,
    /// and a convolution with same padding and one group gives its input.
    static Initializer identity() {
        return identity(1);
    }

    /// [#identity()], times a factor.
    static Initializer identity(double gain) {
        return (shape, random) -> {
            Require.that(shape.rank() >= 2, "identity: weight of shape %s, expected [..., in, out]", shape);
            int in = shape.dim(-2);
            int out = shape.dim(-1);
            int middle = 0;
            for (int axis = 0; axis < shape.rank() - 2; axis++) {
                middle = middle * shape.dim(axis) + (shape.dim(axis) - 1) / 2;
            }
            float[] values = new float[shape.size()];
            for (int i = 0; i < Math.min(in, out); i++) {
                values[(middle * in + i) * out + i] = (float) gain;
            }
            return Tensor.of(Buffer.wrap(DType.F32, values.length, values), shape);
        };
    }

    /// The given values, which are read when this is called, as F32.
    ///
    /// What is returned throws [IllegalArgumentException] for a weight of another shape.
    static Initializer of(Tensor values) {
        Tensor copy = values.cast(DType.F32).copy();
        return (shape, random) -> {
            boolean fits = shape.equals(copy.shape());
            Require.that(fits, "values of shape %s for a weight of shape %s, expected the same", copy.shape(), shape);
            return copy;
        };
    }

    /// Inputs of one unit of a weight tensor of the given shape.
    static int fanIn(Shape shape) {
        return switch (shape.rank()) {
            case 0 -> 1;
            case 1 -> shape.dim(0);
            default -> shape.dim(-2) * field(shape);
        };
    }

    /// Outputs that one input of a weight tensor of the given shape goes to.
    static int fanOut(Shape shape) {
        return shape.rank() == 0 ? 1 : shape.dim(-1) * field(shape);
    }

    private static int field(Shape shape) {
        return shape.size(0, shape.rank() - 2);
    }

    private static Tensor spread(Shape shape, RandomStream random, double limit) {
        return random.uniform(shape).mul(2 * limit).sub(limit);
    }
}
