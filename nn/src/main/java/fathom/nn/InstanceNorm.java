package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Instance normalisation of `[N, ..., C]`: each channel of every sample is brought to mean 0 and
/// variance 1 over all positions, in training and in inference alike, and scaled and shifted if
/// there are parameters. Ulyanov, Vedaldi and Lempitsky: *Instance normalization: the missing
/// ingredient for fast stylization* (2016).
///
/// @param weight factor of each channel, `[C]`, if any
/// @param bias what is added to each channel, `[C]`, if there are factors
/// @param epsilon what is added to the variance before the root is taken
public record InstanceNorm(Optional<Parameter> weight, Optional<Parameter> bias, double epsilon) implements Module {
    public InstanceNorm {
        Require.positive("instanceNorm: epsilon", epsilon);
        Optional<Shape> w = weight.map(Parameter::shape);
        Optional<Shape> b = bias.map(Parameter::shape);
        boolean fit = w.equals(b) && w.map(s -> s.rank() == 1).orElse(true);
        Require.that(fit, "instanceNorm: weight %s and bias %s, expected [C] twice, or neither", w, b);
    }

    /// `[N, ..., C]` to the same shape.
    ///
    /// @throws IllegalArgumentException if the channels are not those of the weight, or have one
    ///   position only
    @Override
    public Tensor forward(Tensor x) {
        String channels = weight.map(w -> Integer.toString(w.shape().dim(0))).orElse("C");
        boolean fits =
                x.rank() >= 3 && weight.map(w -> w.shape().dim(0) == x.dim(-1)).orElse(true);
        Require.that(fits, "input %s, expected [N, ..., %s] with at least one axis of positions", x.type(), channels);
        boolean many = x.shape().size(1, x.rank() - 1) > 1;
        Require.that(many, "input %s, expected more than one position per channel", x.type());
        Tensor y = Standardize.groups(x, x.dim(-1), epsilon);
        return weight.isPresent() && bias.isPresent()
                ? y.mul(weight.get().value()).add(bias.get().value())
                : y;
    }

    /// The blueprint of an [InstanceNorm].
    ///
    /// @param affine whether each channel is scaled and shifted afterwards
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(boolean affine, double epsilon) implements Layer {
        public Blueprint {
            Require.positive("instanceNorm: epsilon", epsilon);
        }

        /// With a factor and a bias for each channel.
        public Blueprint withAffine() {
            return new Blueprint(true, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(affine, other);
        }

        @Override
        public InstanceNorm build(Shape input, RandomStream random) {
            int channels = output(input).dim(-1);
            return affine
                    ? new InstanceNorm(Optional.of(Init.ones(channels)), Optional.of(Init.zeros(channels)), epsilon)
                    : new InstanceNorm(Optional.empty(), Optional.empty(), epsilon);
        }

        @Override
        public Shape output(Shape input) {
            Require.that(input.rank() >= 2, "samples of shape %s, expected [..., C] with at least two axes", input);
            return input;
        }
    }
}
