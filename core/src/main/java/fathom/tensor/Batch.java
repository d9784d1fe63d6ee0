package fathom.tensor;

import fathom.ir.Require;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Some samples of a data set, side by side along the first axis.
///
/// @param x the inputs, `[N, ...]`
/// @param y the targets, `[N, ...]`: class indices (I32) or values
/// @param others further inputs and targets by name, each `[N, ...]`: `lengths` of sequences, `weights`
///   of samples, whatever a model needs
public record Batch(Tensor x, Tensor y, Map<String, Tensor> others) {
    public Batch {
        others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
        String message = "batch: inputs %s and targets %s, expected the same number of samples along the first axis";
        Require.that(x.rank() > 0 && y.rank() > 0 && x.dim(0) == y.dim(0), message, x.shape(), y.shape());
        others.forEach((name, t) -> {
            boolean fits = t.rank() > 0 && t.dim(0) == x.dim(0);
            String expected = "batch: inputs %s and %s %s, expected the same number of samples along the first axis";
            Require.that(fits, expected, x.shape(), name, t.shape());
        });
    }

    /// Inputs and targets alone.
    public Batch(Tensor x, Tensor y) {
        this(x, y, Map.of());
    }

    /// This batch with one more tensor, or with another one in its place.
    ///
    /// @param values `[N, ...]`
    public Batch with(String name, Tensor values) {
        Map<String, Tensor> more = new LinkedHashMap<>(others);
        more.put(name, values);
        return new Batch(x, y, more);
    }

    /// The further tensor of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    public Tensor get(String name) {
        Tensor found = others.get(name);
        if (found == null) {
            throw new IllegalArgumentException(
                    "batch: no " + name + " besides inputs and targets, expected one of " + others.keySet());
        }
        return found;
    }

    /// The number of samples.
    public int size() {
        return x.dim(0);
    }
}
