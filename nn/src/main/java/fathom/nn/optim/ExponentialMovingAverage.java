package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// A mean of the weights in which recent ones count most, besides the weights themselves; it is often
/// the better model. Polyak and Juditsky: *Acceleration of stochastic approximation by averaging*
/// (1992).
///
/// ```
/// p = what the rule makes of it
/// a = decay * a + (1 - decay) * p                       // the initial p before the first step
/// ```
///
/// [Optimizer#averaged] uses it.
///
/// @param rule how the weights change
/// @param decay how much of the mean is kept in a step, from 0 to below 1
public record ExponentialMovingAverage(UpdateRule rule, double decay) implements Wrapper {
    public ExponentialMovingAverage {
        Require.fraction("exponential moving average: decay", decay);
    }

    @Override
    public ExponentialMovingAverage around(UpdateRule other) {
        return new ExponentialMovingAverage(other, decay);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return Wrapper.with(rule.slots(parameter), new Slot(Slot.AVERAGE, parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Change next = Wrapper.inner(this, parameter, gradient, slots, step);
        Tensor average = slots.getLast().mul(decay).add(next.parameter().mul(1 - decay));
        return Wrapper.outer(next.parameter(), next.slots(), average);
    }
}
