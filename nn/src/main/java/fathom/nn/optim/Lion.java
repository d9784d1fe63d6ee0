package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Steps of one size for all elements, in the direction of the sign of a momentum. They are larger
/// than Adam's, so learning rates are three to ten times smaller, and weight decay is as much
/// larger. Chen et al.: *Symbolic discovery of optimization algorithms* (2023).
///
/// ```
/// c = beta1 * m + (1 - beta1) * gradient
/// p = p - learningRate * (sign(c) + weightDecay * p)
/// m = beta2 * m + (1 - beta2) * gradient
/// ```
///
/// @param learningRate step size, above 0
/// @param beta1 part of the momentum in the direction, from 0 to below 1
/// @param beta2 how much of the momentum is kept in a step, from 0 to below 1
/// @param weightDecay part of the parameter that is taken away in a step of learning rate 1, 0 or
///   more
public record Lion(double learningRate, double beta1, double beta2, double weightDecay) implements UpdateRule {
    public Lion {
        Require.positive("Lion: learning rate", learningRate);
        Require.fraction("Lion: beta1", beta1);
        Require.fraction("Lion: beta2", beta2);
        Require.notNegative("Lion: weight decay", weightDecay);
    }

    /// With beta1 0.9, beta2 0.99 and no weight decay.
    public static Lion of(double learningRate) {
        return new Lion(learningRate, 0.9, 0.99, 0);
    }

    @Override
    public Lion withLearningRate(double other) {
        return new Lion(other, beta1, beta2, weightDecay);
    }

    public Lion withBetas(double first, double second) {
        return new Lion(learningRate, first, second, weightDecay);
    }

    public Lion withWeightDecay(double other) {
        return new Lion(learningRate, beta1, beta2, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return List.of(Slot.zeros("momentum", parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor m = slots.getFirst();
        Tensor direction = m.mul(beta1).add(gradient.mul(1 - beta1)).sign();
        Tensor u = WeightDecay.added(direction, parameter, weightDecay);
        Tensor momentum = m.mul(beta2).add(gradient.mul(1 - beta2));
        return new Change(parameter.sub(u.mul(learningRate)), List.of(momentum));
    }
}
