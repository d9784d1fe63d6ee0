package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Weights decayed by themselves and not through the gradient, before any rule's step. Loshchilov
/// and Hutter: *Decoupled weight decay regularization* (2019).
///
/// ```
/// p = p - learningRate(t) * weightDecay * p
/// ```
///
/// @param rule what is done afterwards
/// @param weightDecay part of the parameter that is taken away in a step of learning rate 1, 0 or
///   more
public record DecoupledWeightDecay(UpdateRule rule, double weightDecay) implements Wrapper {
    public DecoupledWeightDecay {
        Require.notNegative("decoupled weight decay: weight decay", weightDecay);
    }

    @Override
    public DecoupledWeightDecay around(UpdateRule other) {
        return new DecoupledWeightDecay(other, weightDecay);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor kept = WeightDecay.decoupled(parameter, rule.learningRate(step) * weightDecay);
        return rule.change(kept, gradient, slots, step);
    }
}
