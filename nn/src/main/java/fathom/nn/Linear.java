package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// A matrix product over the last axis, plus a bias: `[..., in]` to `[..., out]`.
///
/// @param weight `[in, out]`
/// @param bias `[out]`, if any
public record Linear(Parameter weight, Optional<Parameter> bias) implements Module {
    public Linear {
        if (weight.shape().rank() != 2) {
            throw new IllegalArgumentException("Linear: weight of shape " + weight.shape() + ", expected [in, out]");
        }
        int out = weight.shape().dim(1);
        bias.ifPresent(b -> {
            if (!b.shape().equals(Shape.of(out))) {
                throw new IllegalArgumentException("Linear: bias of shape " + b.shape() + ", expected [" + out + "]");
            }
        });
    }

    @Override
    public Tensor forward(Tensor x) {
        int in = weight.shape().dim(0);
        if (x.rank() < 1 || x.dim(-1) != in) {
            throw new IllegalArgumentException(
                    "input " + x.dtype() + x.shape() + ", expected [..., " + in + "] for weight " + weight.shape());
        }
        Tensor y = x.matmul(weight.value());
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// The blueprint of a [Linear].
    ///
    /// @param units outputs
    /// @param bias whether there is a bias, initially zero
    /// @param initializer where the weights come from
    public record Blueprint(int units, boolean bias, Initializer initializer) implements Layer {
        public Blueprint {
            Check.positive("linear: units", units);
        }

        public Blueprint withoutBias() {
            return new Blueprint(units, false, initializer);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(units, bias, other);
        }

        @Override
        public Linear build(Shape input, RandomStream random) {
            output(input);
            Shape shape = Shape.of(input.dim(-1), units);
            return new Linear(
                    Parameter.of(initializer.create(shape, random)),
                    bias ? Optional.of(Init.zeros(units)) : Optional.empty());
        }

        @Override
        public Shape output(Shape input) {
            if (input.rank() == 0) {
                throw new IllegalArgumentException("samples of shape [], expected at least one axis");
            }
            return input.with(-1, units);
        }
    }
}
