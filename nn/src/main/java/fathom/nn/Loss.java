package fathom.nn;

import fathom.tensor.Tensor;
import java.util.List;
import java.util.OptionalInt;

/// How far predictions are from targets, as a scalar to be made small.
///
/// Those of this interface are [TermLoss]es: means over terms, that can also be added, weighted,
/// masked and had one by one. Losses of more than a prediction and a target are [EmbeddingLosses];
/// as a loss of a training, write `(prediction, target) -> ...`.
@FunctionalInterface
public interface Loss {
    /// The loss of a batch.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or a label is out of range
    Tensor of(Tensor prediction, Tensor target);

    // ---- of classes ----

    /// Cross-entropy of logits `[..., C]` with I32 or I64 labels `[...]` from 0 to C - 1, or with
    /// probabilities `[..., C]`. Weights of classes and an ignored label are settings of what is
    /// returned.
    static CrossEntropy crossEntropy() {
        return crossEntropy(0);
    }

    /// [#crossEntropy()] with targets moved by a part `labelSmoothing` towards the uniform
    /// distribution.
    ///
    /// @throws IllegalArgumentException if `labelSmoothing` is not from 0 to below 1
    static CrossEntropy crossEntropy(double labelSmoothing) {
        return new CrossEntropy(labelSmoothing, List.of(), OptionalInt.empty());
    }

    /// Binary cross-entropy of logits with targets of the same shape, from 0 to 1; a term for each
    /// element.
    static TermLoss binaryCrossEntropy() {
        return Losses.ofElements("binaryCrossEntropy", Losses::binaryCrossEntropy);
    }

    /// [#binaryCrossEntropy()] with the terms of positive targets multiplied by a weight, which
    /// evens out classes of different sizes.
    ///
    /// @param positiveWeights one, or one for each element of the last axis
    /// @throws IllegalArgumentException if one is below 0
    static TermLoss binaryCrossEntropy(double... positiveWeights) {
        return Losses.binaryCrossEntropy(positiveWeights);
    }

    /// [#focal(double, double)] with gamma 2 and alpha 0.25.
    static TermLoss focal() {
        return focal(2, 0.25);
    }

    /// Binary cross-entropy of logits with targets of the same shape, from 0 to 1, where what is
    /// told well counts little: for a positive target with probability p the term is `-alpha (1 -
    /// p)^gamma ln p`, for a negative one `-(1 - alpha) p^gamma ln(1 - p)`, in between the mean of
    /// the two. Lin et al.: *Focal loss for dense object detection* (2017).
    ///
    /// @throws IllegalArgumentException if `gamma` is below 0 or `alpha` not from 0 to 1
    static TermLoss focal(double gamma, double alpha) {
        return Losses.focal(gamma, alpha);
    }

    /// `max(0, 1 - prediction * target)` for targets -1 and 1, each; equal shapes.
    static TermLoss hinge() {
        return Losses.ofElements("hinge", Losses::hinge);
    }

    /// The square of [#hinge], each.
    static TermLoss squaredHinge() {
        return Losses.ofElements("squaredHinge", (p, t) -> Losses.hinge(p, t).square());
    }

    /// Kullback-Leibler divergence of target probabilities `[..., C]` from predicted ones, which
    /// are given as their logarithms `[..., C]`; a term for each row. So the mean is PyTorch's
    /// `batchmean`.
    static TermLoss kullbackLeibler() {
        return Losses::kullbackLeibler;
    }

    /// 1 less Dice's coefficient of probabilities `[N, ..., C]` and targets of the same shape, with
    /// 1 added above and below: `1 - (2 sum(p t) + 1) / (sum(p) + sum(t) + 1)`, a term for each
    /// sample and class `[N, C]`. Milletari, Navab and Ahmadi (2016).
    static TermLoss dice() {
        return dice(1);
    }

    /// [#dice()] with another number than 1 added above and below.
    ///
    /// @throws IllegalArgumentException if it is below 0
    static TermLoss dice(double smoothing) {
        return Losses.dice(smoothing);
    }

    /// [Ctc] with class 0 as the blank: logits `[N, T, C]` and labels `[N, S]`, padded with 0.
    static Ctc ctc() {
        return new Ctc(0);
    }

    // ---- of numbers, each a term; equal shapes ----

    /// Squared difference.
    static TermLoss meanSquaredError() {
        return Losses.ofElements("meanSquaredError", Losses::squaredError);
    }

    /// Absolute difference.
    static TermLoss meanAbsoluteError() {
        return Losses.ofElements("meanAbsoluteError", Losses::absoluteError);
    }

    /// [#huber(double)] with delta 1.
    static TermLoss huber() {
        return huber(1);
    }

    /// Half the squared difference up to `delta`, from there on linear. Huber (1964).
    ///
    /// @throws IllegalArgumentException if `delta` is not above 0
    static TermLoss huber(double delta) {
        return Losses.huber(delta);
    }

    /// The logarithm of the hyperbolic cosine of the difference: smooth, about half its square if
    /// it is small and linear if it is great.
    static TermLoss logCosh() {
        return Losses.ofElements("logCosh", Losses::logCosh);
    }

    /// The negative log-likelihood of counts under Poisson distributions, without the part that
    /// depends on the targets alone. Predictions are logarithms of rates.
    static TermLoss poissonNegativeLogLikelihood() {
        return Losses.ofElements("poissonNegativeLogLikelihood", Losses::poisson);
    }

    /// The negative log-likelihood of targets `[..., D]` under normal distributions, without the
    /// constant. Predictions `[..., 2 * D]` are D means and then D variances, of which those below
    /// 1e-6 count as that. Nix and Weigend (1994).
    static TermLoss gaussianNegativeLogLikelihood() {
        return Losses::gaussian;
    }

    // ---- of a batch, at once ----

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
