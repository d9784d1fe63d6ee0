package fathom.models;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// How a weight lies in a file, where that is not as the layers here have it.
///
/// @param name for errors
/// @param stored the shape in the file, of the shape in the model
/// @param convert what lies in the file to what the model has
record WeightLayout(String name, UnaryOperator<Shape> stored, UnaryOperator<Tensor> convert) {
    private static final WeightLayout SAME = new WeightLayout("as it is", s -> s, t -> t);

    private static final WeightLayout TRANSPOSED =
            new WeightLayout("transposed", s -> Shape.of(s.dim(1), s.dim(0)), Tensor::transpose);

    /// As in the model.
    static WeightLayout same() {
        return SAME;
    }

    /// A matrix `[out, in]`, as PyTorch's linear layers have it, and not `[in, out]`.
    static WeightLayout transposed() {
        return TRANSPOSED;
    }

    /// One of several weights that lie side by side along the last axis, such as the queries' of a matrix for
    /// queries, keys and values.
    ///
    /// @param index which
    /// @param count of how many
    static WeightLayout part(int index, int count) {
        return new WeightLayout("part %s of %s".formatted(index + 1, count), s -> s.with(-1, s.dim(-1) * count), t -> {
            int each = t.dim(-1) / count;
            return t.slice(-1, index * each, (index + 1) * each);
        });
    }

    /// Rows of a projection to heads of which neighbours are turned together by their place, as in llama2.c
    /// and in GGUF files of Llama, and not elements half a head apart, as in the files of Hugging Face: row
    /// `2 i` of each head becomes row `i`, and row `2 i + 1` becomes row `d / 2 + i`.
    ///
    /// @param heads of d rows each, d even
    static WeightLayout neighboursToHalves(int heads) {
        return new WeightLayout("neighbours turned together", s -> s, t -> {
            int rows = t.dim(0) / heads;
            boolean fits = t.dim(0) % heads == 0 && rows % 2 == 0;
            Require.that(fits, "weight %s, expected %s heads of an even number of rows", t.shape(), heads);
            int columns = t.size() / Math.max(1, t.dim(0));
            return t.reshape(heads, rows / 2, 2, columns).permute(0, 2, 1, 3).reshape(t.shape());
        });
    }

    /// What lies in the file as this says, and is then still as another says.
    WeightLayout then(WeightLayout next) {
        return new WeightLayout(
                name + ", " + next.name,
                s -> stored.apply(next.stored.apply(s)),
                t -> next.convert.apply(convert.apply(t)));
    }
}
