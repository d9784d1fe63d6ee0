package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// A bilinear form of two vectors for each output, plus a bias: `y = x1' W x2 + b`, from `[...,
/// in1]` and `[..., in2]` to `[..., out]`.
///
/// As a module, which has one input, it takes both side by side: `[..., in1 + in2]`.
///
/// @param weight `[in1, in2, out]`
/// @param bias `[out]`, if any
public record Bilinear(Parameter weight, Optional<Parameter> bias) implements Module {
    public Bilinear {
        Check.weight("Bilinear", weight, 3, "[in1, in2, out]");
        Check.bias("Bilinear", bias, weight);
    }

    @Override
    public Tensor forward(Tensor x) {
        int first = weight.shape().dim(0);
        int both = first + weight.shape().dim(1);
        boolean fits = x.rank() >= 1 && x.dim(-1) == both;
        Require.that(fits, "input %s, expected [..., %s] for weight %s", x.type(), both, weight.shape());
        return apply(x.slice(-1, 0, first), x.slice(-1, first, both));
    }

    /// The forms of two inputs.
    ///
    /// @param first `[..., in1]`
    /// @param second `[..., in2]`, with the same leading axes
    /// @throws IllegalArgumentException if the shapes do not fit
    public Tensor apply(Tensor first, Tensor second) {
        Shape w = weight.shape();
        boolean fits = first.rank() >= 1
                && second.shape().equals(first.shape().with(-1, w.dim(1)))
                && first.dim(-1) == w.dim(0);
        String message = "Bilinear: inputs %s and %s, expected [..., %s] and [..., %s] for weight %s";
        Require.that(fits, message, first.type(), second.type(), w.dim(0), w.dim(1), w);
        Tensor products = first.unsqueeze(-1).mul(second.unsqueeze(-2)).flatten(first.rank() - 1);
        Tensor y = products.matmul(weight.value().reshape(-1, w.dim(2)));
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// The blueprint of a [Bilinear], whose samples are two vectors side by side: `[..., in1 + in2]`.
    ///
    /// @param first elements of the first vector
    /// @param units outputs
    /// @param bias whether there is a bias, initially zero
    /// @param initializer where the weights come from
    public record Blueprint(int first, int units, boolean bias, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("bilinear: first", first);
            Require.positive("bilinear: units", units);
        }

        public Blueprint withoutBias() {
            return new Blueprint(first, units, false, initializer);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(first, units, bias, other);
        }

        @Override
        public Bilinear build(Shape input, RandomStream random) {
            output(input);
            Shape shape = Shape.of(first, input.dim(-1) - first, units);
            return new Bilinear(
                    Parameter.of(initializer.create(shape, random)),
                    bias ? Optional.of(Init.zeros(units)) : Optional.empty());
        }

        @Override
        public Shape output(Shape input) {
            boolean fits = input.rank() > 0 && input.dim(-1) > first;
            Require.that(fits, "samples of shape %s, expected more than %s elements on the last axis", input, first);
            return input.with(-1, units);
        }
    }
}
