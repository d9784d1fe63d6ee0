package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Stochastic gradient descent, with momentum if wanted.
///
/// ```
/// g = gradient + weightDecay * p
/// v = momentum * v + g
/// p = p - learningRate * v                  // with Nesterov: g + momentum * v
/// ```
///
/// Polyak (1964); Nesterov (1983); Sutskever et al.: *On the importance of initialization and
/// momentum in deep learning* (2013).
///
/// @param learningRate step size, above 0
/// @param momentum part of the last step that is made again, from 0 to below 1
/// @param nesterov whether the gradient is corrected by looking a step ahead
/// @param weightDecay factor of the parameter in its gradient, 0 or more
public record Sgd(double learningRate, double momentum, boolean nesterov, double weightDecay) implements UpdateRule {
    public Sgd {
        Require.positive("Sgd: learning rate", learningRate);
        Require.fraction("Sgd: momentum", momentum);
        Require.notNegative("Sgd: weight decay", weightDecay);
        Require.that(!nesterov || momentum > 0, "Sgd: Nesterov with momentum 0, expected above 0");
    }

    /// Without momentum.
    public static Sgd of(double learningRate) {
        return new Sgd(learningRate, 0, false, 0);
    }

    /// With momentum.
    public static Sgd of(double learningRate, double momentum) {
        return new Sgd(learningRate, momentum, false, 0);
    }

    @Override
    public Sgd withLearningRate(double other) {
        return new Sgd(other, momentum, nesterov, weightDecay);
    }

    public Sgd withMomentum(double other) {
        return new Sgd(learningRate, other, nesterov, weightDecay);
    }

    public Sgd withNesterov() {
        return new Sgd(learningRate, momentum, true, weightDecay);
    }

    public Sgd withWeightDecay(double other) {
        return new Sgd(learningRate, momentum, nesterov, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return momentum == 0 ? List.of() : List.of(Slot.zeros("momentum", parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        if (momentum == 0) {
            return new Change(parameter.sub(g.mul(learningRate)), List.of());
        }
        Tensor v = slots.getFirst().mul(momentum).add(g);
        Tensor direction = nesterov ? g.add(v.mul(momentum)) : v;
        return new Change(parameter.sub(direction.mul(learningRate)), List.of(v));
    }
}
