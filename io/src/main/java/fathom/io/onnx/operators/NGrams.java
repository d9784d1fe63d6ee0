package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often the n-grams of a given list stand in sequences of numbers, perhaps with gaps in between,
/// weighted by how much they say.
final class NGrams {
    private NGrams() {}

    static Value count(Call c) {
        long[] pool = c.wholes("pool_int64s")
                .orElseThrow(() -> new IllegalArgumentException("n-grams of texts, expected such of whole numbers"));
        int[] starts = c.integers("ngram_counts").orElseThrow();
        int[] columns = c.integers("ngram_indexes").orElseThrow();
        int shortest = c.integer("min_gram_length", 1);
        int longest = c.integer("max_gram_length", 1);
        int gaps = c.integer("max_skip_count", 0);
        Map<List<Long>, Integer> known = known(pool, starts);
        Tensor x = c.tensor(0);
        Require.that(x.rank() == 1 || x.rank() == 2, "sequences of shape %s, expected [L] or [N, L]", x.shape());
        long[] tokens = c.longs(0);
        int rows = x.rank() == 1 ? 1 : x.dim(0);
        int length = x.dim(-1);
        int width = Arrays.stream(columns).max().orElse(-1) + 1;
        float[] counts = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            long[] sequence = Arrays.copyOfRange(tokens, row * length, (row + 1) * length);
            for (int n = shortest; n <= longest; n++) {
                // A single token has no gaps.
                for (int skip = 0; skip <= (n == 1 ? 0 : gaps); skip++) {
                    for (int at = 0; at + (n - 1) * (skip + 1) < length; at++) {
                        Integer gram = known.get(gram(sequence, at, n, skip + 1));
                        if (gram != null) {
                            counts[row * width + columns[gram]]++;
                        }
                    }
                }
            }
        }
        double[] weights = c.numbers("weights").orElse(null);
        String mode = c.text("mode", "TF");
        for (int row = 0; row < rows; row++) {
            for (int gram = 0; gram < columns.length; gram++) {
                int i = row * width + columns[gram];
                double weight = weights == null ? 1 : weights[gram];
                counts[i] = (float)
                        switch (mode) {
                            case "TF" -> counts[i];
                            case "IDF" -> counts[i] > 0 ? weight : 0;
                            case "TFIDF" -> counts[i] * weight;
                            default -> throw new IllegalArgumentException("mode '" + mode + "'");
                        };
            }
        }
        return Value.of(x.rank() == 1 ? Tensor.of(counts) : Tensor.of(counts, rows, width));
    }

    private static List<Long> gram(long[] sequence, int at, int n, int step) {
        Long[] all = new Long[n];
        Arrays.setAll(all, i -> sequence[at + i * step]);
        return List.of(all);
    }

    /// The n-grams with their numbers; `starts[n - 1]` is where those of n elements begin.
    private static Map<List<Long>, Integer> known(long[] pool, int[] starts) {
        Map<List<Long>, Integer> known = new HashMap<>();
        int number = 0;
        for (int n = 1; n <= starts.length; n++) {
            int to = n < starts.length ? starts[n] : pool.length;
            for (int at = starts[n - 1]; at + n <= to; at += n) {
                known.put(gram(pool, at, n, 1), number++);
            }
        }
        return known;
    }
}
