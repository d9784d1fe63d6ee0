package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.stream.IntStream;

/// A layer whose weight is learnt as length and direction of each output's column:
///
/// ```
/// w = magnitude * weight / |weight|
/// ```
///
/// The norms are over all axes but the last. The direction is the layer's own parameter, of which
/// only the direction counts. Salimans and Kingma: *Weight normalization: a simple
/// reparameterization to accelerate training of deep neural networks* (2016).
///
/// @param layer what is computed with the normalised weight
/// @param weight the layer's parameter that is normalised, `[..., in, out]`
/// @param magnitude the length of each column, `[out]`
public record WeightNorm(Module layer, Parameter weight, Parameter magnitude) implements Module {
    public WeightNorm {
        Replacement.check("weightNorm", layer, weight);
        Shape expected = Shape.of(weight.shape().dim(-1));
        boolean fits = magnitude.shape().equals(expected);
        Require.that(fits, "weightNorm: magnitude of shape %s, expected %s", magnitude.shape(), expected);
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor w = weight.value();
        return Replacement.apply(layer, x, weight, w.mul(magnitude.value().div(norms(w))));
    }

    private static Tensor norms(Tensor weight) {
        return weight.square()
                .sum(IntStream.range(0, weight.rank() - 1).toArray())
                .sqrt();
    }

    /// The blueprint of a [WeightNorm], which at first computes what the layer alone does.
    ///
    /// @param layer the layer around which it is put
    /// @param path which of the layer's parameters is normalised
    public record Blueprint(Layer layer, String path) implements Layer {
        /// Another parameter of the layer, by its path.
        public Blueprint path(String other) {
            return new Blueprint(layer, other);
        }

        /// @throws IllegalArgumentException if the layer has no such parameter
        @Override
        public WeightNorm build(Shape input, RandomStream random) {
            Module module = layer.build(input, random);
            Parameter weight = Replacement.find("weightNorm", module, path);
            return new WeightNorm(module, weight, Parameter.of(norms(weight.value())));
        }

        @Override
        public Shape output(Shape input) {
            return layer.output(input);
        }
    }
}
