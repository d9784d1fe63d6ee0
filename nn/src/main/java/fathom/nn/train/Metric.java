package fathom.nn.train;

import fathom.tensor.Tensor;
import java.util.OptionalInt;

/// Something to be measured besides the loss, averaged over an epoch.
///
/// It is computed in the same program as the step that it measures.
public non-sealed interface Metric extends Measure {
    /// The sum of the measure over a batch, a scalar.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit
    Tensor total(Tensor prediction, Tensor target);

    /// How many measures [#total] is the sum of.
    default long count(Tensor prediction, Tensor target) {
        return target.dim(0);
    }

    /// What is made of the mean over all batches: that itself, unless said otherwise.
    default double finish(double mean) {
        return mean;
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
        return Metrics.meanAbsoluteError();
    }

    /// Mean squared difference of equal shapes.
    static Metric meanSquaredError() {
        return Metrics.meanSquaredError();
    }

    /// The square root of [#meanSquaredError], of all data together.
    static Metric rootMeanSquaredError() {
        return Metrics.rootMeanSquaredError();
    }

    /// Mean of `100 |target - prediction| / |target|`, with sizes of targets below 1e-7 taken for
    /// that; equal shapes.
    static Metric meanAbsolutePercentageError() {
        return Metrics.meanAbsolutePercentageError();
    }

    /// Mean negative log-likelihood of labels `[...]`, or probabilities, under logits `[..., C]`:
    /// the cross-entropy without what a loss may add to it.
    static Metric logLoss() {
        return new Metrics.LogLoss("logLoss", OptionalInt.empty(), false);
    }

    /// Mean binary cross-entropy of logits with targets of the same shape, from 0 to 1.
    static Metric binaryLogLoss() {
        return new Metrics.BinaryLogLoss();
    }

    /// The exponential of [#logLoss]: among how many equally likely classes the model would be as
    /// unsure.
    static Metric perplexity() {
        return new Metrics.LogLoss("perplexity", OptionalInt.empty(), true);
    }

    /// [#perplexity()] of the places that have another label than the given one.
    static Metric perplexity(int ignoredLabel) {
        return new Metrics.LogLoss("perplexity", OptionalInt.of(ignoredLabel), true);
    }
}
