package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// A rule whose step size stays as it is for a while and then falls evenly towards nothing: large
/// steps to get near a minimum, small ones to settle in it.
///
/// ```
/// learningRate(t) = learningRate * min(1, (end - t + 1) / (end - start + 1))
/// ```
///
/// Steps after `end` are of the size of that one.
///
/// @param rule what is done with the step size
/// @param start the last step of full size, at least 0
/// @param end the last step of the fall, at least `start`
public record LinearDecay(UpdateRule rule, long start, long end) implements UpdateRule {
    public LinearDecay {
        boolean fit = start >= 0 && end >= start;
        Require.that(fit, "linear decay: from step %s to step %s, expected 0 <= start <= end", start, end);
    }

    /// The step size of a step.
    ///
    /// @param step its number, from 1
    public double learningRate(long step) {
        double left = end - Math.clamp(step, start, end) + 1;
        return rule.learningRate() * left / (end - start + 1);
    }

    /// The step size of the first step.
    @Override
    public double learningRate() {
        return rule.learningRate();
    }

    @Override
    public LinearDecay withLearningRate(double other) {
        return new LinearDecay(rule.withLearningRate(other), start, end);
    }

    @Override
    public List<String> slots() {
        return rule.slots();
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        return rule.withLearningRate(learningRate(step)).change(parameter, gradient, slots, step);
    }
}
