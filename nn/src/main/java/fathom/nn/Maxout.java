package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Units that are each the greatest of several linear functions: `[..., in]` to `[..., units]`.
/// Goodfellow et al.: *Maxout networks* (2013).
///
/// @param linear the functions, `[in, units * pieces]`, those of one unit side by side
/// @param pieces functions for each unit
public record Maxout(Linear linear, int pieces) implements Module {
    public Maxout {
        Require.positive("maxout: pieces", pieces);
        Shape w = linear.weight().shape();
        Require.that(w.dim(1) % pieces == 0, "maxout: weight %s, expected [in, units * %s]", w, pieces);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Activations.maxout(linear.apply(x), pieces);
    }

    /// The blueprint of a [Maxout].
    ///
    /// @param units outputs
    /// @param pieces functions for each unit
    /// @param initializer where the weights come from
    public record Blueprint(int units, int pieces, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("maxout: units", units);
            Require.positive("maxout: pieces", pieces);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(units, pieces, other);
        }

        @Override
        public Maxout build(Shape input, RandomStream random) {
            var linear = new Linear.Blueprint(Math.multiplyExact(units, pieces), true, initializer);
            return new Maxout(linear.build(input, random), pieces);
        }

        @Override
        public Shape output(Shape input) {
            Standardize.channels(input);
            return input.with(-1, units);
        }
    }
}
