package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// A table of vectors, looked up by index: I32 or I64 `[...]` to `[..., width]`.
///
/// @param weight `[vocabulary, width]`
/// @param padding the index that fills up sequences, if there is one: its vector does not learn
public record Embedding(Parameter weight, OptionalInt padding) implements Module {
    public Embedding {
        Check.weight("Embedding", weight, 2, "[vocabulary, width]");
        checkPadding(padding, weight.shape().dim(0));
    }

    /// All of whose vectors learn.
    public Embedding(Parameter weight) {
        this(weight, OptionalInt.empty());
    }

    private static void checkPadding(OptionalInt padding, int vocabulary) {
        padding.ifPresent(p ->
                Require.that(p >= 0 && p < vocabulary, "embedding: padding %s, expected 0 to %s", p, vocabulary - 1));
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.indices("input", "index", x, weight.shape().dim(0));
        Tensor vectors = weight.value().take(x, 0);
        if (padding.isEmpty()) {
            return vectors;
        }
        return x.equal(padding.getAsInt()).unsqueeze(-1).select(vectors.detach(), vectors);
    }

    /// The blueprint of an [Embedding].
    ///
    /// @param vocabulary how many vectors there are
    /// @param width how long a vector is
    /// @param initializer where the vectors come from
    /// @param padding the index that fills up sequences, if there is one
    public record Blueprint(int vocabulary, int width, Initializer initializer, OptionalInt padding) implements Layer {
        public Blueprint {
            Require.positive("embedding: vocabulary", vocabulary);
            Require.positive("embedding: width", width);
            checkPadding(padding, vocabulary);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(vocabulary, width, other, padding);
        }

        /// With an index that fills up sequences: its vector is zeros at first, and does not learn.
        ///
        /// @throws IllegalArgumentException if there is no such index
        public Blueprint padding(int index) {
            return new Blueprint(vocabulary, width, initializer, OptionalInt.of(index));
        }

        @Override
        public Embedding build(Shape input, RandomStream random) {
            Tensor vectors = initializer.create(Shape.of(vocabulary, width), random);
            if (padding.isPresent()) {
                Tensor fills = Tensor.arange(vocabulary).equal(padding.getAsInt());
                vectors = fills.unsqueeze(1).select(Tensor.full(Shape.SCALAR, vectors.dtype(), 0), vectors);
            }
            return new Embedding(Parameter.of(vectors), padding);
        }

        @Override
        public Shape output(Shape input) {
            List<Integer> sizes = new ArrayList<>(input.toList());
            sizes.add(width);
            return Shape.of(sizes);
        }
    }
}
