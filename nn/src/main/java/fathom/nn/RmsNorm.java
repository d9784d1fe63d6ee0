package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Normalisation by the root of the mean square: the last axes of every sample are divided by it,
/// then scaled element by element; the mean is left where it is. Zhang and Sennrich: *Root mean
/// square layer normalization* (2019).
///
/// @param weight factors, shaped as the axes that are normalised
/// @param epsilon what is added to the mean square before the root is taken
public record RmsNorm(Parameter weight, double epsilon) implements Module {
    public RmsNorm {
        Require.positive("rmsNorm: epsilon", epsilon);
        Shape s = weight.shape();
        Require.that(s.rank() > 0, "rmsNorm: weight %s, expected at least one axis", s);
    }

    /// `[..., last axes]` to the same shape.
    ///
    /// @throws IllegalArgumentException if the last axes are not those of the weight
    @Override
    public Tensor forward(Tensor x) {
        Tensor meanSquare = x.mul(x).mean(true, Standardize.lastAxes(x, weight.shape()));
        return x.div(meanSquare.add(epsilon).sqrt()).mul(weight.value());
    }

    /// The blueprint of an [RmsNorm].
    ///
    /// @param axes how many of the last axes are normalised together
    /// @param epsilon what is added to the mean square before the root is taken
    public record Blueprint(int axes, double epsilon) implements Layer {
        public Blueprint {
            Require.positive("rmsNorm: axes", axes);
            Require.positive("rmsNorm: epsilon", epsilon);
        }

        public Blueprint axes(int count) {
            return new Blueprint(count, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(axes, other);
        }

        @Override
        public RmsNorm build(Shape input, RandomStream random) {
            return new RmsNorm(Init.ones(Standardize.lastAxes(input, axes).dims()), epsilon);
        }

        @Override
        public Shape output(Shape input) {
            Standardize.lastAxes(input, axes);
            return input;
        }
    }
}
