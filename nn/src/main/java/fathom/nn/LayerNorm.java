package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

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
        Tensor standard = Standardize.over(x, epsilon, Standardize.lastAxes(x, weight.shape()));
        return standard.mul(weight.value()).add(bias.value());
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
            int[] sizes = Standardize.lastAxes(input, axes).dims();
            return new LayerNorm(Init.ones(sizes), Init.zeros(sizes), epsilon);
        }

        @Override
        public Shape output(Shape input) {
            Standardize.lastAxes(input, axes);
            return input;
        }
    }
}
