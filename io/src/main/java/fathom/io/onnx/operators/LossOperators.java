package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;

/// Losses of classification.
final class LossOperators {
    private LossOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("NegativeLogLikelihoodLoss", 12, c -> c.computed(loss(c, c.tensor(0)))),
                Operator.several("SoftmaxCrossEntropyLoss", 12, LossOperators::crossEntropy));
    }

    private static List<Value> crossEntropy(Call c) {
        Tensor logarithms = c.tensor(0).logSoftmax(1);
        return List.of(c.computed(loss(c, logarithms)), c.computed(logarithms));
    }

    /// @param logarithms of probabilities, `[N, C, ...]`
    private static Tensor loss(Call c, Tensor logarithms) {
        Tensor target = c.tensor(1).cast(DType.I64);
        boolean ignores = c.gives("ignore_index");
        Tensor ignored = target.equal(c.whole("ignore_index", -1));
        Tensor classes = ignores ? ignored.select(ElementwiseOperators.zeros(target), target) : target;
        Tensor each = logarithms.takeAlong(classes.unsqueeze(1), 1).squeeze(1).neg();
        Tensor one = Tensor.full(each.shape(), each.dtype(), 1);
        Tensor weights = c.has(2) ? c.tensor(2).take(classes, 0) : one;
        if (ignores) {
            weights = ignored.select(ElementwiseOperators.zeros(each), weights);
        }
        Tensor weighted = each.mul(weights);
        return switch (c.text("reduction", "mean")) {
            case "none" -> weighted;
            case "sum" -> weighted.sum();
            case "mean" -> weighted.sum().div(weights.sum());
            case String other -> throw new IllegalArgumentException("reduction '" + other + "'");
        };
    }
}
