package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// A rectifier whose slope below 0 is learnt: x above 0, else x times the slope of its channel. He
/// et al.: *Delving deep into rectifiers: surpassing human-level performance on ImageNet
/// classification* (2015).
///
/// @param weight slopes, `[C]` for each channel of `[..., C]`, or `[1]` for all
public record PRelu(Parameter weight) implements Module {
    public PRelu {
        Require.that(weight.shape().rank() == 1, "prelu: weight %s, expected [C] or [1]", weight.shape());
    }

    /// `[..., C]` to the same shape.
    ///
    /// @throws IllegalArgumentException if there are several slopes, but not one for each channel
    @Override
    public Tensor forward(Tensor x) {
        int slopes = weight.shape().dim(0);
        boolean fits = slopes == 1 || x.rank() > 0 && x.dim(-1) == slopes;
        Require.that(fits, "input %s, expected [..., %s]", x.type(), slopes);
        return x.greater(0).select(x, x.mul(weight.value()));
    }

    /// The blueprint of a [PRelu].
    ///
    /// @param perChannel whether each channel has its own slope, or all have one
    /// @param initial the slope at first
    public record Blueprint(boolean perChannel, double initial) implements Layer {
        /// With a slope for each channel.
        public Blueprint withSlopePerChannel() {
            return new Blueprint(true, initial);
        }

        public Blueprint initial(double slope) {
            return new Blueprint(perChannel, slope);
        }

        @Override
        public PRelu build(Shape input, RandomStream random) {
            Shape shape = Shape.of(perChannel ? Standardize.channels(input) : 1);
            return new PRelu(Parameter.of(Initializer.constant(initial).create(shape, random)));
        }

        @Override
        public Shape output(Shape input) {
            if (perChannel) {
                Standardize.channels(input);
            }
            return input;
        }
    }
}
