package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// A module whose result is added to its input, so that it has to learn the difference only. He et
/// al.: *Deep residual learning for image recognition* (2016).
///
/// @param body what computes the difference
/// @param shortcut what the input goes through, where the difference has another shape
public record Residual(Module body, Optional<Module> shortcut) implements Module {
    @Override
    public Tensor forward(Tensor x) {
        Tensor past = shortcut.isPresent() ? shortcut.get().apply(x) : x;
        return Branches.sum("Residual", body.apply(x), past);
    }

    /// The blueprint of a [Residual].
    ///
    /// @param body what computes the difference
    /// @param shortcut what the input goes through, if anything
    public record Blueprint(Layer body, Optional<Layer> shortcut) implements Layer {
        /// With a layer that the input goes through, where the difference has another shape.
        public Blueprint shortcut(Layer layer) {
            return new Blueprint(body, Optional.of(layer));
        }

        @Override
        public Residual build(Shape input, RandomStream random) {
            output(input);
            return new Residual(
                    body.build(input, random.split("body")),
                    shortcut.map(s -> s.build(input, random.split("shortcut"))));
        }

        @Override
        public Shape output(Shape input) {
            Shape past = shortcut.map(s -> s.output(input)).orElse(input);
            return Branches.sum("residual", List.of(body.output(input), past));
        }
    }
}
