package fathom.nn;

import fathom.ir.Require;
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
        Check.weight("Linear", weight, 2, "[in, out]");
        Check.bias("Linear", bias, weight);
    }

    @Override
    public Tensor forward(Tensor x) {
        int in = weight.shape().dim(0);
        boolean fits = x.rank() >= 1 && x.dim(-1) == in;
        Require.that(fits, "input %s, expected [..., %s] for weight %s", x.type(), in, weight.shape());
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
            Require.positive("linear: units", units);
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
            Require.that(input.rank() > 0, "samples of shape [], expected at least one axis");
            return input.with(-1, units);
        }
    }
}
