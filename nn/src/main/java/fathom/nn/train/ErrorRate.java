package fathom.nn.train;

import fathom.tensor.Tensor;
import java.util.List;

/// The edits that make references of hypotheses, over the length of the references: the word error
/// rate if tokens are words, the character error rate if they are characters.
public final class ErrorRate implements Accumulator<ErrorRate> {
    private final int end;
    private long edits;
    private long length;

    /// @param end the token that ends a sequence in a tensor
    public ErrorRate(int end) {
        this.end = end;
    }

    /// Levenshtein's distance: the fewest insertions, deletions and substitutions that make one
    /// sequence of the other. Levenshtein (1966).
    public static int editDistance(List<?> from, List<?> to) {
        int[] row = new int[to.size() + 1];
        for (int j = 0; j <= to.size(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.size(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.size(); j++) {
                int substituted = diagonal + (from.get(i - 1).equals(to.get(j - 1)) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.size()];
    }

    /// Takes note of a sequence.
    public void add(List<?> hypothesis, List<?> reference) {
        edits += editDistance(hypothesis, reference);
        length += reference.size();
    }

    /// Takes note of the words of two texts.
    public void addWords(String hypothesis, String reference) {
        add(words(hypothesis), words(reference));
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }

    /// Takes note of a batch.
    ///
    /// @param prediction tokens `[N, T]`, or scores `[N, T, C]` whose greatest counts
    /// @param target tokens `[N, S]`
    @Override
    public void add(Tensor prediction, Tensor target) {
        List<List<Integer>> hypotheses = Tokens.rows("error rate", prediction, end, target);
        List<List<Integer>> references = Tokens.rows("error rate", target, end);
        for (int i = 0; i < references.size(); i++) {
            add(hypotheses.get(i), references.get(i));
        }
    }

    @Override
    public void merge(ErrorRate other) {
        edits += other.edits;
        length += other.length;
    }

    /// The edits over the references' length; it may be above 1.
    ///
    /// @throws IllegalStateException if there are no references, or only empty ones
    public double value() {
        if (length == 0) {
            throw new IllegalStateException("error rate: references without tokens, expected at least one token");
        }
        return (double) edits / length;
    }
}
