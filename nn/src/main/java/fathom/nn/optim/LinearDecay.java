package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// A rule whose step size falls evenly from its own at the first step towards nothing at the last:
/// large steps to get near a minimum, small ones to settle in it.
///
/// ```
/// learningRate(t) = learningRate * (1 - (t - 1) / steps)
/// ```
///
/// Further steps are of the size of the last one.
///
/// @param rule what is done with the step size
/// @param steps how many steps there will be, at least 1
public record LinearDecay(UpdateRule rule, long steps) implements UpdateRule {
    public LinearDecay {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "linear decay: over " + steps + " steps, expected at least 1");
        }
    }

    /// The step size of a step.
    ///
    /// @param step its number, from 1
    public double learningRate(long step) {
        return rule.learningRate() * (steps - Math.min(step, steps) + 1) / steps;
    }

    /// The step size of the first step.
    @Override
    public double learningRate() {
        return rule.learningRate();
    }

    @Override
    public LinearDecay withLearningRate(double other) {
        return new LinearDecay(rule.withLearningRate(other), steps);
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
