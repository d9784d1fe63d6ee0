package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// The plain mean of the weights at regular steps late in training, with a step size that stays
/// large: a point in the middle of a wide minimum. Izmailov et al.: *Averaging weights leads to wider
/// optima and better generalization* (2018).
///
/// ```
/// p = what the rule makes of it
/// a = a + (p - a) / (n + 1),  n = n + 1                 // at steps start, start + every, ...
/// ```
///
/// [Optimizer#averaged] uses it. Running statistics, as of batch normalisation, are not averaged: let
/// the model see some data in training afterwards.
///
/// @param rule how the weights change
/// @param start the first step whose weights count, at least 1
/// @param every steps from there to the next, at least 1
public record StochasticWeightAverage(UpdateRule rule, long start, long every) implements Wrapper {
    public StochasticWeightAverage {
        String message = "stochastic weight average: from step %s every %s, expected at least 1 for both";
        Require.that(start >= 1 && every >= 1, message, start, every);
    }

    @Override
    public StochasticWeightAverage around(UpdateRule other) {
        return new StochasticWeightAverage(other, start, every);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return Wrapper.with(rule.slots(parameter), new Slot(Slot.AVERAGE, parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Change next = Wrapper.inner(this, parameter, gradient, slots, step);
        Tensor average = slots.getLast();
        if (step < start) {
            average = next.parameter();
        } else if ((step - start) % every == 0) {
            long before = (step - start) / every;
            average = average.add(next.parameter().sub(average).mul(1.0 / (before + 1)));
        }
        return Wrapper.outer(next.parameter(), next.slots(), average);
    }
}
