package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A rule that adds something to another rule.
sealed interface Wrapper extends UpdateRule
        permits DecoupledWeightDecay, ExponentialMovingAverage, Lazy, Lookahead, Scheduled, StochasticWeightAverage {
    /// The rule that it is added to.
    UpdateRule rule();

    /// The same addition to another rule.
    UpdateRule around(UpdateRule other);

    @Override
    default double learningRate() {
        return rule().learningRate();
    }

    @Override
    default double learningRate(long step) {
        return rule().learningRate(step);
    }

    @Override
    default UpdateRule withLearningRate(double other) {
        return around(rule().withLearningRate(other));
    }

    @Override
    default UpdateRule forParameter(String path) {
        return around(rule().forParameter(path));
    }

    @Override
    default List<Slot> slots(Tensor parameter) {
        return rule().slots(parameter);
    }

    /// The rule's slots and one more.
    static List<Slot> with(List<Slot> slots, Slot last) {
        List<Slot> all = new ArrayList<>(slots);
        all.add(last);
        return all;
    }

    /// What the rule makes of a parameter whose last slot is not the rule's.
    static Change inner(Wrapper wrapper, Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        return wrapper.rule().change(parameter, gradient, slots.subList(0, slots.size() - 1), step);
    }

    /// A change of the parameter, with one more slot.
    static Change outer(Tensor parameter, List<Tensor> slots, Tensor last) {
        List<Tensor> all = new ArrayList<>(slots);
        all.add(last);
        return new Change(parameter, all);
    }
}
