package fathom.nn.train;

import fathom.tensor.Tensor;

/// Something to be measured besides the loss, averaged over an epoch.
///
/// It is computed in the same program as the step that it measures.
public interface Metric {
    /// What it is called in progress lines and histories.
    String name();

    /// The sum of the measure over a batch, a scalar.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit
    Tensor total(Tensor prediction, Tensor target);

    /// How many measures [#total] is the sum of.
    default long count(Tensor prediction, Tensor target) {
        return target.dim(0);
    }

    /// The part of predictions whose greatest element along the last axis is at the target: I32 or
    /// I64 labels `[...]` for predictions `[..., C]`, or probabilities shaped as the predictions.
    static Metric accuracy() {
        return new Metrics.Accuracy();
    }

    /// The part of logits whose sign tells whether the target, of the same shape, is above 1/2.
    static Metric binaryAccuracy() {
        return new Metrics.BinaryAccuracy();
    }

    /// The part of predictions `[..., C]` with the label among their `k` greatest elements; equal
    /// elements are in the label's favour.
    ///
    /// @throws IllegalArgumentException if `k` is below 1
    static Metric topAccuracy(int k) {
        return new Metrics.TopAccuracy(k);
    }

    /// Mean absolute difference of equal shapes.
    static Metric meanAbsoluteError() {
        return new Metrics.MeanAbsoluteError();
    }
}
