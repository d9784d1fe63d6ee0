package fathom.models;

import fathom.ir.Require;
import fathom.nn.Module;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// Makes vectors of length 1 of texts, whose products say how alike two texts are. Reimers and Gurevych:
/// *Sentence-BERT: sentence embeddings using Siamese BERT-networks* (2019).
///
/// ```java
/// var encoder = SentenceEncoder.load(folder);
/// var vectors = encoder.apply(batch.ids(), batch.types(), batch.mask());
/// var alike = vectors.matmul(vectors.transpose());
/// ```
///
/// @param bert which makes vectors of tokens
/// @param pooling how these become one
public record SentenceEncoder(Bert bert, Pooling pooling) implements Module {
    /// Rows are filled up to a multiple of this, so that a handful of compiled programs does for all lengths.
    private static final int LENGTHS = 16;

    /// Reads a published model: a folder as for [Bert#load], and in it `1_Pooling/config.json`.
    ///
    /// @throws IllegalArgumentException as [Bert#load], or if tokens are pooled otherwise than [Pooling] can
    /// @throws UncheckedIOException if a file cannot be read
    public static SentenceEncoder load(Path folder) {
        return load(folder, Pooling.read(folder));
    }

    /// Reads a model whose files do not say how tokens are pooled.
    ///
    /// @throws IllegalArgumentException as [Bert#load]
    /// @throws UncheckedIOException if a file cannot be read
    public static SentenceEncoder load(Path folder, Pooling pooling) {
        return new SentenceEncoder(Bert.load(folder), pooling);
    }

    /// Vectors `[N, width]` of texts of as many tokens each, I32 `[N, T]`.
    @Override
    public Tensor forward(Tensor ids) {
        Tensor kinds = Tensor.full(ids.shape(), DType.I32, 0);
        return apply(ids, kinds, Tensor.full(ids.shape(), DType.BOOL, 1));
    }

    /// Vectors of texts.
    ///
    /// @param ids the tokens' numbers, with those that the model wants around a text, I32 `[N, T]`
    /// @param kinds to which text each belongs, I32 `[N, T]`: 0 or 1
    /// @param seen where there are tokens, and not what rows are filled up with, BOOL `[N, T]`
    /// @return `[N, width]`, of length 1 each
    /// @throws IllegalArgumentException if shapes do not fit, or T is greater than the context
    public Tensor apply(Tensor ids, Tensor kinds, Tensor seen) {
        boolean fits = ids.rank() == 2 && ids.dim(1) >= 1 && ids.dim(1) <= bert.context();
        Require.that(fits, "sentenceEncoder: ids %s, expected [N, T] with T up to %s", ids.type(), bert.context());
        int length = Math.min(Math.ceilDiv(ids.dim(1), LENGTHS) * LENGTHS, bert.context());
        Tensor mask = filled(seen, length);
        return pooling.normalized(bert.apply(filled(ids, length), filled(kinds, length), mask), mask);
    }

    private static Tensor filled(Tensor rows, int length) {
        int more = length - rows.dim(1);
        return more == 0
                ? rows
                : Tensor.concat(1, rows, Tensor.full(Shape.of(rows.dim(0), more), rows.dtype(), 0))
                        .evaluate()
                        .detach();
    }
}
