package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A table of vectors, looked up by index: I32 or I64 `[...]` to `[..., width]`.
///
/// @param weight `[vocabulary, width]`
public record Embedding(Parameter weight) implements Module {
    public Embedding {
        Check.weight("Embedding", weight, 2, "[vocabulary, width]");
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.indices("input", "index", x, weight.shape().dim(0));
        return weight.value().take(x, 0);
    }

    /// The blueprint of an [Embedding].
    ///
    /// @param vocabulary how many vectors there are
    /// @param width how long a vector is
    /// @param initializer where the vectors come from
    public record Blueprint(int vocabulary, int width, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("embedding: vocabulary", vocabulary);
            Require.positive("embedding: width", width);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(vocabulary, width, other);
        }

        @Override
        public Embedding build(Shape input, RandomStream random) {
            return new Embedding(Parameter.of(initializer.create(Shape.of(vocabulary, width), random)));
        }

        @Override
        public Shape output(Shape input) {
            List<Integer> sizes = new ArrayList<>(input.toList());
            sizes.add(width);
            return Shape.of(sizes);
        }
    }
}
