package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/// What the losses compute.
final class Losses {
    private Losses() {}

    /// A loss with a term for each element.
    static TermLoss ofElements(String name, BinaryOperator<Tensor> term) {
        return (prediction, target) -> {
            same(name, prediction, target);
            return Terms.of(term.apply(prediction, target));
        };
    }

    static Tensor squaredError(Tensor prediction, Tensor target) {
        return prediction.sub(target).square();
    }

    static Tensor absoluteError(Tensor prediction, Tensor target) {
        return prediction.sub(target).abs();
    }

    static TermLoss huber(double delta) {
        Require.positive("huber: delta", delta);
        return ofElements("huber", (prediction, target) -> {
            Tensor d = prediction.sub(target);
            // With c = d cut off at delta, c * (d - c / 2) is d * d / 2 inside and linear outside.
            Tensor c = d.clamp(-delta, delta);
            return c.mul(d.sub(c.mul(0.5)));
        });
    }

    static Tensor logCosh(Tensor prediction, Tensor target) {
        // Far from 0, ln cosh d = |d| + ln(1 + exp(-2 |d|)) - ln 2 does not overflow. Near 0 its terms
        // cancel: there, with t = tanh(d / 2), it is ln(1 + t * t) - ln(1 - t * t).
        Tensor d = prediction.sub(target);
        Tensor size = d.abs();
        Tensor near = size.less(1);
        Tensor zeros = Tensor.full(d.shape(), d.dtype(), 0);
        Tensor t = near.select(d, zeros).mul(0.5).tanh().square();
        Tensor far = size.add(size.mul(-2).exp().log1p()).sub(Math.log(2));
        return near.select(t.log1p().sub(t.neg().log1p()), far);
    }

    static Tensor binaryCrossEntropy(Tensor logits, Tensor target) {
        return Activations.softplus(logits).sub(logits.mul(target));
    }

    static TermLoss binaryCrossEntropy(double... positiveWeights) {
        for (double w : positiveWeights) {
            Require.notNegative("binaryCrossEntropy: positive weight", w);
        }
        double[] each = positiveWeights.clone();
        return ofElements("binaryCrossEntropy", (logits, target) -> {
            boolean fits = each.length == 1 || logits.rank() > 0 && logits.dim(-1) == each.length;
            String message = "binaryCrossEntropy: %s positive weights for logits %s, expected 1 or one for each element"
                    + " of the last axis";
            Require.that(fits, message, each.length, logits.type());
            Tensor weight = Tensor.of(each, each.length == 1 ? new int[0] : new int[] {each.length})
                    .cast(logits.dtype());
            Tensor positive = Activations.softplus(logits.neg()).mul(target).mul(weight);
            return positive.add(Activations.softplus(logits).mul(target.rsub(1)));
        });
    }

    static TermLoss focal(double gamma, double alpha) {
        Require.notNegative("focal: gamma", gamma);
        Require.that(alpha >= 0 && alpha <= 1, "focal: alpha %s, expected 0 to 1", alpha);
        return ofElements("focal", (logits, target) -> {
            Tensor missed = Activations.softplus(logits.neg());
            Tensor raised = Activations.softplus(logits);
            // (1 - p) ** gamma is exp(-gamma softplus(x)), which neither overflows nor has a base of 0.
            Tensor positive = raised.mul(-gamma).exp().mul(missed).mul(target).mul(alpha);
            Tensor negative =
                    missed.mul(-gamma).exp().mul(raised).mul(target.rsub(1)).mul(1 - alpha);
            return positive.add(negative);
        });
    }

    static Tensor hinge(Tensor prediction, Tensor target) {
        return prediction.mul(target).rsub(1).relu();
    }

    static Terms kullbackLeibler(Tensor logProbabilities, Tensor target) {
        same("kullbackLeibler", logProbabilities, target);
        Require.that(target.rank() > 0, "kullbackLeibler: scalars, expected probabilities [..., C]");
        Tensor positive = target.greater(0);
        Tensor logs = positive.select(target, Tensor.full(target.shape(), target.dtype(), 1))
                .log();
        return Terms.of(target.mul(logs.sub(logProbabilities)).sum(-1));
    }

    static Tensor poisson(Tensor logRate, Tensor target) {
        return logRate.exp().sub(target.mul(logRate));
    }

    static Terms gaussian(Tensor prediction, Tensor target) {
        boolean fits = prediction.rank() > 0
                && target.rank() == prediction.rank()
                && prediction.shape().equals(target.shape().with(-1, 2 * target.dim(-1)))
                && prediction.dtype().isFloating()
                && prediction.dtype() == target.dtype();
        String message = "gaussianNegativeLogLikelihood: predictions %s and targets %s, expected means and variances"
                + " [..., 2 * D] and targets [..., D] of one dtype, F32 or F64";
        Require.that(fits, message, prediction.type(), target.type());
        int d = target.dim(-1);
        Tensor mean = prediction.slice(-1, 0, d);
        Tensor variance = prediction.slice(-1, d, 2 * d).maximum(1e-6);
        return Terms.of(
                variance.log().add(mean.sub(target).square().div(variance)).mul(0.5));
    }

    static TermLoss dice(double smoothing) {
        Require.notNegative("dice: smoothing", smoothing);
        return (prediction, target) -> {
            same("dice", prediction, target);
            int rank = prediction.rank();
            Require.that(rank >= 3, "dice: probabilities %s, expected [N, ..., C]", prediction.type());
            int[] places = IntStream.range(1, rank - 1).toArray();
            Tensor common = prediction.mul(target).sum(places).mul(2).add(smoothing);
            Tensor both = prediction.sum(places).add(target.sum(places)).add(smoothing);
            return Terms.of(common.div(both).rsub(1));
        };
    }

    private static void same(String loss, Tensor prediction, Tensor target) {
        boolean fit =
                prediction.type().equals(target.type()) && prediction.dtype().isFloating();
        String message = "%s: predictions %s and targets %s, expected equal shapes and one dtype, F32 or F64";
        Require.that(fit, message, loss, prediction.type(), target.type());
    }
}
