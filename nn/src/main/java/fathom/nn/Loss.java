package fathom.nn;

import fathom.tensor.Tensor;

/// How far predictions are from targets, as a scalar to be made small: the mean over the batch.
@FunctionalInterface
public interface Loss {
    /// The loss of a batch.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or a label is out of range
    Tensor of(Tensor prediction, Tensor target);

    /// Cross-entropy of logits `[..., C]` with I32 or I64 labels `[...]` from 0 to C - 1, or with
    /// probabilities `[..., C]`.
    static Loss crossEntropy() {
        return new Losses.CrossEntropy(0);
    }

    /// [#crossEntropy()] with targets moved by a part `labelSmoothing` towards the uniform
    /// distribution.
    ///
    /// @throws IllegalArgumentException if `labelSmoothing` is not from 0 to below 1
    static Loss crossEntropy(double labelSmoothing) {
        return new Losses.CrossEntropy(labelSmoothing);
    }

    /// Mean squared difference of equal shapes.
    static Loss meanSquaredError() {
        return new Losses.MeanSquaredError();
    }

    /// Mean absolute difference of equal shapes.
    static Loss meanAbsoluteError() {
        return new Losses.MeanAbsoluteError();
    }

    /// [#huber(double)] with delta 1.
    static Loss huber() {
        return new Losses.Huber(1);
    }

    /// Half the squared difference up to `delta`, from there on linear. Huber (1964).
    ///
    /// @throws IllegalArgumentException if `delta` is not above 0
    static Loss huber(double delta) {
        return new Losses.Huber(delta);
    }

    /// Binary cross-entropy of logits with targets of the same shape, from 0 to 1.
    static Loss binaryCrossEntropy() {
        return new Losses.BinaryCrossEntropy();
    }

    /// [#crossEntropy()] of a batch.
    static Tensor crossEntropy(Tensor prediction, Tensor target) {
        return crossEntropy().of(prediction, target);
    }

    /// [#meanSquaredError()] of a batch.
    static Tensor meanSquaredError(Tensor prediction, Tensor target) {
        return meanSquaredError().of(prediction, target);
    }

    /// [#binaryCrossEntropy()] of a batch.
    static Tensor binaryCrossEntropy(Tensor prediction, Tensor target) {
        return binaryCrossEntropy().of(prediction, target);
    }
}
