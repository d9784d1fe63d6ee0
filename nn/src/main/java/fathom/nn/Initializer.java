package fathom.nn;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// Where initial weights come from.
///
/// Many scale with the number of inputs (fan-in) and outputs (fan-out) of a unit. These follow from
/// the shape, whose last axis is the outputs, whose last but one is the inputs, and whose others
/// are the receptive field: `[in, out]` for a linear layer, `[KH, KW, C / groups, K]` for a
/// convolution.
///
/// The normal ones are not truncated.
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
