package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Gradient descent with every element divided by the root mean square of its recent gradients.
/// Tieleman and Hinton: *Lecture 6.5, RMSProp* (2012).
///
/// ```
/// g = gradient + weightDecay * p
/// s = decay * s + (1 - decay) * g * g
/// d = sqrt(s) + epsilon
/// p = p - learningRate * g / d
/// ```
///
/// Centred, `a = a + (1 - decay) * (g - a)` and `d = sqrt(s - a * a) + epsilon`. With momentum, `v
/// = momentum * v + g / d` and `p = p - learningRate * v`.
///
/// @param learningRate step size, above 0
/// @param decay how much of the mean square is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
/// @param momentum part of the last step that is made again, from 0 to below 1
/// @param centered whether the mean gradient is taken out of the mean square
public record RmsProp(
        double learningRate, double decay, double epsilon, double weightDecay, double momentum, boolean centered)
        implements UpdateRule {
    public RmsProp {
        Require.positive("RmsProp: learning rate", learningRate);
        Require.fraction("RmsProp: decay", decay);
        Require.notNegative("RmsProp: epsilon", epsilon);
        Require.notNegative("RmsProp: weight decay", weightDecay);
        Require.fraction("RmsProp: momentum", momentum);
    }

    /// With decay 0.99, epsilon 1e-8 and nothing else.
    public static RmsProp of(double learningRate) {
        return new RmsProp(learningRate, 0.99, 1e-8, 0, 0, false);
    }

    @Override
    public RmsProp withLearningRate(double other) {
        return new RmsProp(other, decay, epsilon, weightDecay, momentum, centered);
    }

    public RmsProp withDecay(double other) {
        return new RmsProp(learningRate, other, epsilon, weightDecay, momentum, centered);
    }

    public RmsProp withEpsilon(double other) {
        return new RmsProp(learningRate, decay, other, weightDecay, momentum, centered);
    }

    public RmsProp withWeightDecay(double other) {
        return new RmsProp(learningRate, decay, epsilon, other, momentum, centered);
    }

    public RmsProp withMomentum(double other) {
        return new RmsProp(learningRate, decay, epsilon, weightDecay, other, centered);
    }

    public RmsProp withCentering() {
        return new RmsProp(learningRate, decay, epsilon, weightDecay, momentum, true);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        List<Slot> slots = new ArrayList<>();
        slots.add(Slot.zeros("meanSquare", parameter));
        if (centered) {
            slots.add(Slot.zeros("mean", parameter));
        }
        if (momentum > 0) {
            slots.add(Slot.zeros("momentum", parameter));
        }
        return slots;
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        List<Tensor> next = new ArrayList<>();
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        Tensor square = slots.getFirst().mul(decay).add(g.mul(g).mul(1 - decay));
        next.add(square);
        Tensor spread = square;
        if (centered) {
            Tensor before = slots.get(1);
            Tensor mean = before.add(g.sub(before).mul(1 - decay));
            next.add(mean);
            spread = square.sub(mean.mul(mean));
        }
        Tensor direction = g.div(spread.sqrt().add(epsilon));
        if (momentum > 0) {
            direction = slots.getLast().mul(momentum).add(direction);
            next.add(direction);
        }
        return new Change(parameter.sub(direction.mul(learningRate)), next);
    }
}
