package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Steps as large as the recent ones were, along gradients in units of their recent size, so that no
/// step size has to be found. Zeiler: *ADADELTA: an adaptive learning rate method* (2012).
///
/// ```
/// g = gradient + weightDecay * p
/// s = decay * s + (1 - decay) * g * g
/// d = sqrt(u + epsilon) / sqrt(s + epsilon) * g
/// u = decay * u + (1 - decay) * d * d
/// p = p - learningRate * d
/// ```
///
/// @param learningRate factor of the step, above 0; 1 in the paper
/// @param decay how much of the mean squares is kept in a step, from 0 to below 1
/// @param epsilon what is added to both mean squares, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
public record Adadelta(double learningRate, double decay, double epsilon, double weightDecay) implements UpdateRule {
    public Adadelta {
        Require.positive("Adadelta: learning rate", learningRate);
        Require.fraction("Adadelta: decay", decay);
        Require.notNegative("Adadelta: epsilon", epsilon);
        Require.notNegative("Adadelta: weight decay", weightDecay);
    }

    /// With decay 0.9, epsilon 1e-6 and no weight decay.
    public static Adadelta of(double learningRate) {
        return new Adadelta(learningRate, 0.9, 1e-6, 0);
    }

    @Override
    public Adadelta withLearningRate(double other) {
        return new Adadelta(other, decay, epsilon, weightDecay);
    }

    public Adadelta withDecay(double other) {
        return new Adadelta(learningRate, other, epsilon, weightDecay);
    }

    public Adadelta withEpsilon(double other) {
        return new Adadelta(learningRate, decay, other, weightDecay);
    }

    public Adadelta withWeightDecay(double other) {
        return new Adadelta(learningRate, decay, epsilon, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return List.of(Slot.zeros("meanSquare", parameter), Slot.zeros("meanSquareStep", parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        Tensor square = slots.get(0).mul(decay).add(g.mul(g).mul(1 - decay));
        Tensor d =
                slots.get(1).add(epsilon).sqrt().div(square.add(epsilon).sqrt()).mul(g);
        Tensor squareStep = slots.get(1).mul(decay).add(d.mul(d).mul(1 - decay));
        return new Change(parameter.sub(d.mul(learningRate)), List.of(square, squareStep));
    }
}
