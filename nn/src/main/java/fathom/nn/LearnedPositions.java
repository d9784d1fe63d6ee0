package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Adds a learned vector for each place to sequences `[..., T, C]`. Gehring et al.: *Convolutional
/// sequence to sequence learning* (2017).
///
/// @param weight `[context, C]`
public record LearnedPositions(Parameter weight) implements PositionalEncoding {
    public LearnedPositions {
        Check.weight("LearnedPositions", weight, 2, "[context, C]");
    }

    @Override
    public Tensor forward(Tensor x) {
        check(x);
        return x.add(weight.value().slice(0, 0, x.dim(-2)));
    }

    @Override
    public Tensor encode(Tensor x, Tensor places) {
        check(x);
        return x.add(weight.value().take(places, 0));
    }

    private void check(Tensor x) {
        int context = weight.shape().dim(0);
        int width = weight.shape().dim(1);
        boolean fits = x.rank() >= 2 && x.dim(-1) == width && x.dim(-2) <= context;
        Require.that(fits, "input %s, expected [..., T, %s] with T up to %s", x.type(), width, context);
    }

    /// The blueprint of [LearnedPositions].
    ///
    /// @param context the most places that there can be
    /// @param initializer where the vectors come from
    public record Blueprint(int context, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("learnedPositions: context", context);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(context, other);
        }

        @Override
        public LearnedPositions build(Shape input, RandomStream random) {
            output(input);
            return new LearnedPositions(Parameter.of(initializer.create(Shape.of(context, input.dim(1)), random)));
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 2, "[T, C]");
            int time = input.dim(0);
            Require.that(time <= context, "samples of shape %s, expected T up to %s", input, context);
            return input;
        }
    }
}
