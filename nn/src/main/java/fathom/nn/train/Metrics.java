package fathom.nn.train;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What the metrics compute.
final class Metrics {
    private Metrics() {}

    record Accuracy() implements Metric {
        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            Tensor labels = labels(name(), prediction, target);
            return countTrue(prediction.argmax(-1).equal(labels.cast(DType.I32)));
        }

        @Override
        public long count(Tensor prediction, Tensor target) {
            return prediction.size() / Math.max(1, prediction.dim(-1));
        }
    }

    record TopAccuracy(int k) implements Metric {
        TopAccuracy {
            if (k < 1) {
                throw new IllegalArgumentException("topAccuracy: " + k + ", expected at least 1");
            }
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

        @Override
        public long count(Tensor prediction, Tensor target) {
            return prediction.size() / Math.max(1, prediction.dim(-1));
        }
    }

    record BinaryAccuracy() implements Metric {
        @Override
        public String name() {
            return "accuracy";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            same("binaryAccuracy", prediction, target);
            return countTrue(prediction.greater(0).equal(target.greater(0.5)));
        }

        @Override
        public long count(Tensor prediction, Tensor target) {
            return target.size();
        }
    }

    record MeanAbsoluteError() implements Metric {
        @Override
        public String name() {
            return "meanAbsoluteError";
        }

        @Override
        public Tensor total(Tensor prediction, Tensor target) {
            same(name(), prediction, target);
            return prediction.sub(target).abs().sum();
        }

        @Override
        public long count(Tensor prediction, Tensor target) {
            return target.size();
        }
    }

    /// Labels `[...]` as they stand, or the greatest of probabilities `[..., C]`.
    private static Tensor labels(String metric, Tensor prediction, Tensor target) {
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
        throw new IllegalArgumentException(metric
                + ": predictions "
                + prediction.dtype()
                + prediction.shape()
                + " and targets "
                + target.dtype()
                + target.shape()
                + ", expected predictions [..., C] and either labels [...] or probabilities"
                + " of the same shape");
    }

    private static Tensor countTrue(Tensor hits) {
        return hits.cast(DType.F32).sum();
    }

    private static void same(String metric, Tensor prediction, Tensor target) {
        if (!prediction.shape().equals(target.shape()) || prediction.dtype() != target.dtype()) {
            throw new IllegalArgumentException(metric
                    + ": predictions "
                    + prediction.dtype()
                    + prediction.shape()
                    + " and targets "
                    + target.dtype()
                    + target.shape()
                    + ", expected equal shapes and dtypes");
        }
    }
}
