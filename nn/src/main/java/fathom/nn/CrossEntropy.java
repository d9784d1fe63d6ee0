package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/// Cross-entropy of logits `[..., C]` with I32 or I64 labels `[...]`, or with probabilities `[...,
/// C]`. There is a term for each label.
///
/// @param labelSmoothing by which part targets move towards the uniform distribution. Szegedy et
///   al. (2016)
/// @param classWeights what the terms of each class are multiplied by, C numbers, or none. The mean
///   divides by the sum of the labels' weights, but by the number of terms if targets are
///   probabilities
/// @param ignoredLabel the label of places that do not count, such as padding
public record CrossEntropy(double labelSmoothing, List<Double> classWeights, OptionalInt ignoredLabel)
        implements TermLoss {
    public CrossEntropy {
        Require.fraction("crossEntropy: label smoothing", labelSmoothing);
        classWeights = List.copyOf(classWeights);
        classWeights.forEach(w -> Require.notNegative("crossEntropy: class weight", w));
    }

    /// The same with a weight for each class.
    ///
    /// @throws IllegalArgumentException if one is below 0
    public CrossEntropy weighing(double... classes) {
        return new CrossEntropy(labelSmoothing, Arrays.stream(classes).boxed().toList(), ignoredLabel);
    }

    /// The same with a weight for each class that evens out how often they occur: `n / (classes *
    /// count)` for one with `count` of the `n` labels, which is 1 if all occur equally often.
    ///
    /// @param labels of the training data, from 0 to `classes - 1`
    /// @throws IllegalArgumentException if a label is out of range, or a class has none
    public CrossEntropy balancing(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            boolean fits = label >= 0 && label < classes;
            Require.that(fits, "crossEntropy: label %s, expected 0 to %s", label, classes - 1);
            counts[label]++;
        }
        double[] weights = new double[classes];
        for (int i = 0; i < classes; i++) {
            Require.that(counts[i] > 0, "crossEntropy: no label of class %s of %s, expected some of each", i, classes);
            weights[i] = labels.length / ((double) classes * counts[i]);
        }
        return weighing(weights);
    }

    /// The same with places left out that have the given label; it may be any number.
    public CrossEntropy ignoring(int label) {
        return new CrossEntropy(labelSmoothing, classWeights, OptionalInt.of(label));
    }

    @Override
    public Terms terms(Tensor logits, Tensor target) {
        if (logits.rank() < 1 || logits.size() == 0) {
            throw misfit(logits, target);
        }
        int classes = logits.dim(-1);
        boolean fits = classWeights.isEmpty() || classWeights.size() == classes;
        Require.that(
                fits,
                "crossEntropy: %s class weights for logits %s, expected one a class",
                classWeights,
                logits.type());
        Tensor logs = logits.logSoftmax(-1);
        if (target.dtype().isFloating()) {
            if (!target.type().equals(logits.type())) {
                throw misfit(logits, target);
            }
            Tensor soft = labelSmoothing == 0
                    ? target
                    : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
            return Terms.of(weigh(logs).mul(soft).sum(-1).neg());
        }
        Shape s = logits.shape();
        if (!target.shape().equals(Shape.of(s.toList().subList(0, s.rank() - 1)))) {
            throw misfit(logits, target);
        }
        return ofLabels(logs, target, classes);
    }

    private Terms ofLabels(Tensor logs, Tensor target, int classes) {
        Tensor labels = target;
        Tensor counts = null;
        if (ignoredLabel.isPresent()) {
            int ignored = ignoredLabel.getAsInt();
            Check.indices("crossEntropy", "label", target, classes, ignored);
            counts = target.notEqual(ignored);
            labels = counts.select(target, Tensor.full(target.shape(), target.dtype(), 0));
        } else {
            Check.indices("crossEntropy", "label", target, classes);
        }
        Tensor values = logs.takeAlong(labels.unsqueeze(-1), -1).squeeze(-1).neg();
        Terms terms = Terms.of(values);
        if (!classWeights.isEmpty()) {
            terms = terms.weighted(weights(logs.dtype()).take(labels, 0));
        }
        if (labelSmoothing > 0) {
            Tensor uniform = weigh(logs).sum(-1).mul(-labelSmoothing / classes);
            terms = new Terms(terms.values().mul(1 - labelSmoothing).add(uniform), terms.weights());
        }
        return counts == null ? terms : terms.weighted(counts);
    }

    private Tensor weights(DType dtype) {
        double[] all = classWeights.stream().mapToDouble(Double::doubleValue).toArray();
        return Tensor.of(all, all.length).cast(dtype);
    }

    private Tensor weigh(Tensor logs) {
        return classWeights.isEmpty() ? logs : logs.mul(weights(logs.dtype()));
    }

    private static IllegalArgumentException misfit(Tensor prediction, Tensor target) {
        return new IllegalArgumentException(
                "crossEntropy: logits " + prediction.type() + " and targets " + target.type() + ", expected logits"
                        + " [..., C] and either I32 or I64 labels [...] or probabilities of the logits' shape and"
                        + " dtype");
    }
}
