package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What the losses compute.
final class Losses {
    private Losses() {}

    record CrossEntropy(double labelSmoothing) implements Loss {
        CrossEntropy {
            Require.fraction("crossEntropy: label smoothing", labelSmoothing);
        }

        @Override
        public Tensor of(Tensor prediction, Tensor target) {
            if (prediction.rank() < 1 || prediction.size() == 0) {
                throw misfit(prediction, target);
            }
            int classes = prediction.dim(-1);
            Shape samples = Shape.of(prediction.shape().toList().subList(0, prediction.rank() - 1));
            if (target.dtype().isFloating()) {
                if (!target.type().equals(prediction.type())) {
                    throw misfit(prediction, target);
                }
                Tensor logs = prediction.logSoftmax(-1);
                Tensor soft = labelSmoothing == 0
                        ? target
                        : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
                return logs.mul(soft).sum(-1).mean().neg();
            }
            if (!target.shape().equals(samples)) {
                throw misfit(prediction, target);
            }
            Check.indices("crossEntropy", "label", target, classes);
            Tensor logs = prediction.logSoftmax(-1);
            Tensor hit = logs.takeAlong(target.unsqueeze(-1), -1).mean().neg();
            return labelSmoothing == 0
                    ? hit
                    : hit.mul(1 - labelSmoothing).sub(logs.mean().mul(labelSmoothing));
        }

        private static IllegalArgumentException misfit(Tensor prediction, Tensor target) {
            return new IllegalArgumentException(
                    "crossEntropy: logits " + prediction.type() + " and targets " + target.type() + ", expected logits"
                            + " [..., C] and either I32 or I64 labels [...] or probabilities of the logits' shape and"
                            + " dtype");
        }
    }

    record MeanSquaredError() implements Loss {
        @Override
        public Tensor of(Tensor prediction, Tensor target) {
            same("meanSquaredError", prediction, target);
            Tensor d = prediction.sub(target);
            return d.mul(d).mean();
        }
    }

    record MeanAbsoluteError() implements Loss {
        @Override
        public Tensor of(Tensor prediction, Tensor target) {
            same("meanAbsoluteError", prediction, target);
            return prediction.sub(target).abs().mean();
        }
    }

    record Huber(double delta) implements Loss {
        Huber {
            Require.positive("huber: delta", delta);
        }

        @Override
        public Tensor of(Tensor prediction, Tensor target) {
            same("huber", prediction, target);
            Tensor d = prediction.sub(target);
            // With c = d cut off at delta, c * (d - c / 2) is d * d / 2 inside and linear outside.
            Tensor c = d.clamp(-delta, delta);
            return c.mul(d.sub(c.mul(0.5))).mean();
        }
    }

    record BinaryCrossEntropy() implements Loss {
        @Override
        public Tensor of(Tensor prediction, Tensor target) {
            same("binaryCrossEntropy", prediction, target);
            return Activations.softplus(prediction).sub(prediction.mul(target)).mean();
        }
    }

    private static void same(String loss, Tensor prediction, Tensor target) {
        boolean fit =
                prediction.type().equals(target.type()) && prediction.dtype().isFloating();
        String message = "%s: predictions %s and targets %s, expected equal shapes and one dtype, F32 or F64";
        Require.that(fit, message, loss, prediction.type(), target.type());
    }
}
