package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// The expected calibration error: how far from each other accuracy and confidence (the probability
/// of the class that is chosen) are, over bins of equal width in the confidence, weighted by the
/// number of samples in each. Naeini, Cooper and Hauskrecht (2015); Guo et al. (2017).
public final class CalibrationError implements Accumulator<CalibrationError> {
    private final long[] counts;
    private final long[] hits;
    private final double[] confidences;

    private CalibrationError(int bins) {
        this.counts = new long[bins];
        this.hits = new long[bins];
        this.confidences = new double[bins];
    }

    /// An empty one.
    ///
    /// @throws IllegalArgumentException if there are fewer bins than 1
    public static CalibrationError of(int bins) {
        Require.positive("calibration error: bins", bins);
        return new CalibrationError(bins);
    }

    /// Takes note of a batch.
    ///
    /// @param prediction logits or logarithms of probabilities `[..., C]`
    /// @param target labels `[...]`, or probabilities `[..., C]`
    /// @throws IllegalArgumentException if shapes do not fit
    @Override
    public void add(Tensor prediction, Tensor target) {
        Tensor labels = Metrics.labels("calibration error", prediction, target);
        Tensor hit = prediction.argmax(-1).equal(labels.cast(DType.I32));
        Tensor confidence = prediction.softmax(-1).max(-1);
        Tensor.evaluateAll(hit, confidence);
        Buffer right = hit.buffer();
        Buffer sure = confidence.buffer();
        for (int i = 0; i < sure.size(); i++) {
            // A bin has its upper bound, but not its lower one.
            int last = counts.length - 1;
            int bin = Math.clamp((long) Math.ceil(sure.getDouble(i) * counts.length) - 1, 0, last);
            counts[bin]++;
            hits[bin] += right.getLong(i);
            confidences[bin] += sure.getDouble(i);
        }
    }

    @Override
    public void merge(CalibrationError other) {
        String message = "calibration error: %s bins merged into %s, expected the same number";
        Require.that(other.counts.length == counts.length, message, other.counts.length, counts.length);
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
            hits[i] += other.hits[i];
            confidences[i] += other.confidences[i];
        }
    }

    /// The error, from 0 to 1.
    ///
    /// @throws IllegalStateException if there are no samples
    public double value() {
        long total = 0;
        double apart = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            apart += Math.abs(hits[i] - confidences[i]);
        }
        if (total == 0) {
            throw new IllegalStateException("calibration error: no samples, expected at least one");
        }
        return apart / total;
    }
}
