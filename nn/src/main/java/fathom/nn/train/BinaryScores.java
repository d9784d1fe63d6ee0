package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// The scores of positive and of negative samples, all of them: for measures that are exact, and
/// that need no threshold.
public final class BinaryScores implements Accumulator<BinaryScores> {
    private final Values positives = new Values();
    private final Values negatives = new Values();

    /// Numbers in an array that grows.
    private static final class Values {
        private double[] elements = new double[16];
        private int count;

        void add(double value) {
            if (count == elements.length) {
                elements = Arrays.copyOf(elements, 2 * count);
            }
            elements[count++] = value;
        }

        void add(Values other) {
            // The count is read first: the other one may be this one.
            int n = other.count;
            for (int i = 0; i < n; i++) {
                add(other.elements[i]);
            }
        }

        double[] sorted() {
            double[] all = Arrays.copyOf(elements, count);
            Arrays.sort(all);
            return all;
        }
    }

    /// Takes note of a batch.
    ///
    /// @param prediction scores, the greater the likelier positive, such as logits; any shape
    /// @param target as many elements: those above 1/2 are positive
    /// @throws IllegalArgumentException if the numbers of elements differ or a score is NaN; nothing
    ///   is noted then
    @Override
    public void add(Tensor prediction, Tensor target) {
        String message = "binary scores: predictions %s and targets %s, expected equal numbers of elements";
        Require.that(prediction.size() == target.size(), message, prediction.type(), target.type());
        Buffer scores = prediction.buffer();
        Buffer labels = target.buffer();
        for (int i = 0; i < scores.size(); i++) {
            Require.that(!Double.isNaN(scores.getDouble(i)), "binary scores: NaN at position %s, expected numbers", i);
        }
        for (int i = 0; i < scores.size(); i++) {
            (labels.getDouble(i) > 0.5 ? positives : negatives).add(scores.getDouble(i));
        }
    }

    @Override
    public void merge(BinaryScores other) {
        positives.add(other.positives);
        negatives.add(other.negatives);
    }

    /// The area under the receiver operating characteristic: how likely a positive sample has a
    /// greater score than a negative one, where equal scores count as a half. NaN if there is only
    /// one class.
    ///
    /// @throws IllegalStateException if there are no samples
    public double rocAuc() {
        requireSamples();
        double[] above = positives.sorted();
        double[] below = negatives.sorted();
        long twice = 0;
        int less = 0;
        int notMore = 0;
        for (double score : above) {
            while (less < below.length && below[less] < score) {
                less++;
            }
            while (notMore < below.length && below[notMore] <= score) {
                notMore++;
            }
            twice += less + (long) notMore;
        }
        return twice / (2.0 * above.length * below.length);
    }

    /// The area under the curve of precision over recall, as the sum of precisions at each score,
    /// weighted by the recall that it adds: not interpolated. NaN if no sample is positive.
    ///
    /// @throws IllegalStateException if there are no samples
    public double averagePrecision() {
        requireSamples();
        double[] above = positives.sorted();
        double[] below = negatives.sorted();
        double sum = 0;
        int found = 0;
        int wrong = 0;
        while (found < above.length) {
            double score = above[above.length - 1 - found];
            int before = found;
            while (found < above.length && above[above.length - 1 - found] >= score) {
                found++;
            }
            while (wrong < below.length && below[below.length - 1 - wrong] >= score) {
                wrong++;
            }
            sum += (found - before) * ((double) found / (found + wrong));
        }
        return sum / above.length;
    }

    private void requireSamples() {
        if (positives.count + negatives.count == 0) {
            throw new IllegalStateException("binary scores: no samples, expected at least one");
        }
    }
}
