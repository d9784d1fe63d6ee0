package fathom.nn.train;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How much of translations occurs in references: the geometric mean of the precisions of runs of 1
/// to `order` tokens over a whole corpus, times a penalty for being shorter than the references. Not
/// smoothed. Papineni et al. (2002).
public final class Bleu implements Accumulator<Bleu> {
    private final int end;
    private final long[] matches;
    private final long[] totals;
    private long hypothesisLength;
    private long referenceLength;

    private Bleu(int order, int end) {
        this.end = end;
        this.matches = new long[order];
        this.totals = new long[order];
    }

    /// An empty one.
    ///
    /// @param order the longest runs of tokens that are compared, 4 in the paper
    /// @param end the token that ends a sequence in a tensor
    /// @throws IllegalArgumentException if `order` is below 1
    public static Bleu of(int order, int end) {
        Require.positive("bleu: order", order);
        return new Bleu(order, end);
    }

    /// Takes note of a translation and its references, of which the one nearest in length (the
    /// shorter of two) counts for the penalty.
    ///
    /// @throws IllegalArgumentException if there is no reference
    public <T> void add(List<T> hypothesis, List<List<T>> references) {
        Require.that(!references.isEmpty(), "bleu: no references, expected at least one");
        int own = hypothesis.size();
        hypothesisLength += own;
        referenceLength += references.stream()
                .mapToInt(List::size)
                .boxed()
                .min((a, b) -> Math.abs(a - own) != Math.abs(b - own)
                        ? Integer.compare(Math.abs(a - own), Math.abs(b - own))
                        : Integer.compare(a, b))
                .orElseThrow();
        for (int n = 1; n <= matches.length; n++) {
            Map<List<T>, Integer> most = new HashMap<>();
            for (List<T> reference : references) {
                runs(reference, n).forEach((run, count) -> most.merge(run, count, Math::max));
            }
            for (var run : runs(hypothesis, n).entrySet()) {
                matches[n - 1] += Math.min(run.getValue(), most.getOrDefault(run.getKey(), 0));
            }
            totals[n - 1] += Math.max(0, own - n + 1);
        }
    }

    private static <T> Map<List<T>, Integer> runs(List<T> tokens, int n) {
        Map<List<T>, Integer> counts = new HashMap<>();
        for (int i = 0; i + n <= tokens.size(); i++) {
            counts.merge(List.copyOf(tokens.subList(i, i + n)), 1, Integer::sum);
        }
        return counts;
    }

    /// Takes note of a batch with one reference each.
    ///
    /// @param prediction tokens `[N, T]`, or scores `[N, T, C]` whose greatest counts
    /// @param target tokens `[N, S]`
    @Override
    public void add(Tensor prediction, Tensor target) {
        List<List<Integer>> hypotheses = Tokens.rows("bleu", prediction, end, target);
        List<List<Integer>> references = Tokens.rows("bleu", target, end);
        for (int i = 0; i < references.size(); i++) {
            add(hypotheses.get(i), List.of(references.get(i)));
        }
    }

    @Override
    public void merge(Bleu other) {
        String message = "bleu: order %s merged into %s, expected the same";
        Require.that(other.matches.length == matches.length, message, other.matches.length, matches.length);
        Arrays.setAll(matches, i -> matches[i] + other.matches[i]);
        Arrays.setAll(totals, i -> totals[i] + other.totals[i]);
        hypothesisLength += other.hypothesisLength;
        referenceLength += other.referenceLength;
    }

    /// The score, from 0 to 1; 0 if runs of some length never match.
    ///
    /// @throws IllegalStateException if there are no references, or only empty ones
    public double value() {
        if (referenceLength == 0) {
            throw new IllegalStateException("bleu: references without tokens, expected at least one token");
        }
        double logs = 0;
        for (int i = 0; i < matches.length; i++) {
            if (matches[i] == 0) {
                return 0;
            }
            logs += Math.log((double) matches[i] / totals[i]) / matches.length;
        }
        return Math.exp(logs + Math.min(0, 1 - (double) referenceLength / hypothesisLength));
    }
}
