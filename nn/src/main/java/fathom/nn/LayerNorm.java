package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.stream.IntStream;

/// Layer normalisation: the last axes of every sample are brought to mean 0 and variance 1, then
/// scaled and shifted element by element. Ba, Kiros and Hinton: *Layer normalization* (2016).
///
/// @param weight factors, shaped as the axes that are normalised
/// @param bias what is added, shaped as `weight`
/// @param epsilon what is added to the variance before the root is taken
public record LayerNorm(Parameter weight, Parameter bias, double epsilon) implements Module {
    public LayerNorm {
        Require.positive("layerNorm: epsilon", epsilon);
        boolean fit = weight.shape().rank() > 0 && bias.shape().equals(weight.shape());
        String message = "layerNorm: weight %s and bias %s, expected equal shapes of at least one axis";
        Require.that(fit, message, weight.shape(), bias.shape());
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape s = weight.shape();
        int first = x.rank() - s.rank();
        boolean fits = first >= 0 && x.shape().toList().subList(first, x.rank()).equals(s.toList());
        Require.that(fits, "input %s, expected last axes %s", x.type(), s);
        int[] axes = IntStream.range(first, x.rank()).toArray();
        Tensor centred = x.sub(x.mean(true, axes));
        Tensor variance = centred.mul(centred).mean(true, axes);
        return centred.div(variance.add(epsilon).sqrt()).mul(weight.value()).add(bias.value());
    }

    /// The blueprint of a [LayerNorm].
    ///
    /// @param axes how many of the last axes are normalised together
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(int axes, double epsilon) implements Layer {
        public Blueprint {
            Require.positive("layerNorm: axes", axes);
            Require.positive("layerNorm: epsilon", epsilon);
        }

        public Blueprint axes(int count) {
            return new Blueprint(count, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(axes, other);
        }

        @Override
        public LayerNorm build(Shape input, RandomStream random) {
            output(input);
            int[] sizes = IntStream.range(input.rank() - axes, input.rank())
                    .map(input::dim)
                    .toArray();
            Parameter weight = Init.ones(sizes);
            return new LayerNorm(weight, Parameter.of(Initializer.zeros().create(weight.shape(), random)), epsilon);
        }

        @Override
        public Shape output(Shape input) {
            Require.that(input.rank() >= axes, "samples of shape %s, expected at least %s axes", input, axes);
            return input;
        }
    }
}
