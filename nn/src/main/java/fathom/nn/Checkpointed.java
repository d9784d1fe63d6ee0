package fathom.nn;

import fathom.autodiff.Gradients;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// A module whose inner values are not kept for the gradient, but computed anew when that is: less
/// memory for about a third more time. What it computes is the same, dropout included.
///
/// The module must not report running statistics, as batch normalisation does.
///
/// @param module what to compute
public record Checkpointed(Module module) implements Module {
    @Override
    public Tensor forward(Tensor x) {
        return Context.isTraining()
                ? Gradients.checkpoint(inner -> Context.withoutReports(() -> module.apply(inner)), x)
                : module.apply(x);
    }

    /// The blueprint of a [Checkpointed].
    ///
    /// @param layer what to compute
    public record Blueprint(Layer layer) implements Layer {
        @Override
        public Checkpointed build(Shape input, RandomStream random) {
            return new Checkpointed(layer.build(input, random));
        }

        @Override
        public Shape output(Shape input) {
            return layer.output(input);
        }
    }
}
