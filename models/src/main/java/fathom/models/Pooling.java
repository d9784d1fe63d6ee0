package fathom.models;

import fathom.io.ModelConfiguration;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/// How the vectors of a text's tokens become one.
public enum Pooling {
    /// Their mean. Reimers and Gurevych: *Sentence-BERT* (2019).
    MEAN,

    /// The first one, which is that of `[CLS]`.
    CLS;

    /// Below it a vector is left as short as it is.
    private static final double SHORTEST = 1e-12;

    /// The file in a published model's folder that says how it pools.
    public static Path file(Path folder) {
        return folder.resolve("1_Pooling").resolve("config.json");
    }

    /// How a published model pools, by the [#file] in its folder.
    ///
    /// @throws IllegalArgumentException if the file is damaged, or asks for something else
    /// @throws UncheckedIOException if it cannot be read
    public static Pooling read(Path folder) {
        ModelConfiguration json = ModelConfiguration.read(file(folder));
        boolean isFirst = json.flag("pooling_mode_cls_token", false);
        boolean isMean = json.flag("pooling_mode_mean_tokens", false);
        long modes = json.values().entrySet().stream()
                .filter(e ->
                        e.getKey().startsWith("pooling_mode_") && e.getValue().equals(true))
                .count();
        boolean isOne = modes == 1 && (isFirst || isMean);
        Require.that(isOne, "%s: expected pooling_mode_cls_token or pooling_mode_mean_tokens alone", json.where());
        return isFirst ? CLS : MEAN;
    }

    /// One vector for each text.
    ///
    /// @param vectors `[N, T, width]`
    /// @param seen where there are tokens, and not what rows are filled up with, BOOL `[N, T]`
    /// @return `[N, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor vectors, Tensor seen) {
        boolean fits = vectors.rank() == 3
                && seen.rank() == 2
                && seen.dim(0) == vectors.dim(0)
                && seen.dim(1) == vectors.dim(1);
        Require.that(fits, "pooling: %s and %s, expected [N, T, width] and [N, T]", vectors.type(), seen.type());
        return switch (this) {
            case MEAN -> {
                Tensor weights = seen.cast(vectors.dtype()).unsqueeze(2);
                // A row of nothing has a mean of zeros.
                Tensor count = weights.sum(false, 1).maximum(1);
                yield vectors.mul(weights).sum(false, 1).div(count);
            }
            case CLS -> vectors.at(1, 0);
        };
    }

    /// The same, each divided by its length, so that products say how alike two texts are.
    ///
    /// @param vectors `[N, T, width]`
    /// @param seen as for [#apply]
    /// @return `[N, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor normalized(Tensor vectors, Tensor seen) {
        Tensor pooled = apply(vectors, seen);
        return pooled.div(pooled.mul(pooled).sum(true, -1).sqrt().maximum(SHORTEST));
    }
}
