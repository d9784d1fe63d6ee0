package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.nn.CrossEntropy;
import fathom.nn.Loss;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/// What the metrics compute.
final class Metrics {
    private Metrics() {}

    /// One measure for each row of predictions.
    interface OfLabels extends Metric {
        @Override
        default long count(Tensor prediction, Tensor target) {
            return prediction.size() / Math.max(1, prediction.dim(-1));
        }
    }

    /// One measure for each element.
    interface OfElements extends Metric {
        @Override
        default long count(Tensor prediction, Tensor target) {
            return target.size();
        }
    }

    record Accuracy() implements OfLabels {
        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            Tensor labels = labels(name(), prediction, target);
            return countTrue(prediction.argmax(-1).equal(labels.cast(DType.I32)));
        }
    }

    record TopAccuracy(int k) implements OfLabels {
        TopAccuracy {
            Require.that(k >= 1, "topAccuracy: %s, expected at least 1", k);
        }

        @Override
        public String name() {
            return "top" + k;
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            Tensor labels = labels(name(), prediction, target);
            Tensor own = prediction.takeAlong(labels.unsqueeze(-1), -1);
            Tensor better = prediction.greater(own).cast(DType.F32).sum(-1);
            return countTrue(better.less(k));
        }
    }

    record BinaryAccuracy() implements OfElements {
        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            same("binaryAccuracy", prediction, target);
            return countTrue(prediction.greater(0).equal(target.greater(0.5)));
        }
    }

    /// The mean of a term for each element.
    ///
    /// @param finish makes the measure of the mean
    record Terms(String name, BinaryOperator<Tensor> term, DoubleUnaryOperator finish) implements OfElements {
        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            same(name, prediction, target);
            return term.apply(prediction, target).sum();
        }

        @Override
        public double finish(double mean) {
            return finish.applyAsDouble(mean);
        }
    }

    static Metric meanAbsoluteError() {
        return new Terms("meanAbsoluteError", (p, t) -> p.sub(t).abs(), mean -> mean);
    }

    static Metric meanSquaredError() {
        return new Terms("meanSquaredError", Metrics::squared, mean -> mean);
    }

    static Metric rootMeanSquaredError() {
        return new Terms("rootMeanSquaredError", Metrics::squared, Math::sqrt);
    }

    private static Tensor squared(Tensor prediction, Tensor target) {
        return prediction.sub(target).square();
    }

    static Metric meanAbsolutePercentageError() {
        return new Terms(
                "meanAbsolutePercentageError",
                (p, t) -> p.sub(t).abs().div(t.abs().maximum(1e-7)).mul(100),
                mean -> mean);
    }

    record BinaryLogLoss() implements OfElements {
        @Override
        public String name() {
            return "logLoss";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            return Loss.binaryCrossEntropy().sum().of(prediction, target);
        }
    }

    record LogLoss(String name, OptionalInt ignoredLabel, boolean exponential) implements OfLabels {
        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            return new CrossEntropy(0, List.of(), ignoredLabel).sum().of(prediction, target);
        }

        @Override
        public long count(Tensor prediction, Tensor target) {
            if (ignoredLabel.isEmpty() || target.dtype().isFloating()) {
                return OfLabels.super.count(prediction, target);
            }
            Buffer labels = target.buffer();
            return IntStream.range(0, labels.size())
                    .filter(i -> labels.getLong(i) != ignoredLabel.getAsInt())
                    .count();
        }

        @Override
        public double finish(double mean) {
            return exponential ? Math.exp(mean) : mean;
        }
    }

    /// Labels `[...]` as they stand, or the greatest of probabilities `[..., C]`.
    static Tensor labels(String metric, Tensor prediction, Tensor target) {
        if (prediction.rank() > 0) {
            Shape s = prediction.shape();
            Shape leading = Shape.of(s.toList().subList(0, s.rank() - 1));
            if (target.dtype().isInteger() && target.shape().equals(leading)) {
                return target;
            }
            if (target.dtype().isFloating() && target.shape().equals(s)) {
                return target.argmax(-1);
            }
        }
        throw new IllegalArgumentException(
                metric + ": predictions " + prediction.type() + " and targets " + target.type() + ", expected"
                        + " predictions [..., C] and either labels [...] or probabilities of the same shape");
    }

    private static Tensor countTrue(Tensor hits) {
        return hits.cast(DType.F32).sum();
    }

    private static void same(String metric, Tensor prediction, Tensor target) {
        String message = "%s: predictions %s and targets %s, expected equal shapes and dtypes";
        Require.that(prediction.type().equals(target.type()), message, metric, prediction.type(), target.type());
    }
}
