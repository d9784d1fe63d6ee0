package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// A rule whose step size follows a schedule.
///
/// @param rule what is done with the step size; its own is multiplied by the schedule's factors
/// @param schedule the factors
public record Scheduled(UpdateRule rule, Schedule schedule) implements Wrapper {
    @Override
    public Scheduled around(UpdateRule other) {
        return new Scheduled(other, schedule);
    }

    /// @throws IllegalArgumentException if the schedule's factor is below 0 or not finite
    @Override
    public double learningRate(long step) {
        return rule.learningRate(step) * factor(step);
    }

    private double factor(long step) {
        double factor = schedule.factor(step - 1);
        Require.notNegative("schedule: in step " + step + " a factor of", factor);
        return factor;
    }

    @Override
    public boolean changesRowsAlone() {
        return rule.changesRowsAlone();
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        // Rules refuse a step size of 0. This one is too small to change a bit of any weight, and no
        // constant of the compiled program, as 0 would be.
        double rate = Math.max(rule.learningRate() * factor(step), Double.MIN_NORMAL);
        return rule.withLearningRate(rate).change(parameter, gradient, slots, step);
    }
}
