package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Gradient descent with every element divided by the root of the sum of all its squared gradients:
/// what changes seldom takes large steps. Duchi, Hazan and Singer: *Adaptive subgradient methods for
/// online learning and stochastic optimization* (2011).
///
/// ```
/// g = gradient + weightDecay * p
/// s = s + g * g
/// p = p - learningRate / (1 + (t - 1) * learningRateDecay) * g / (sqrt(s) + epsilon)
/// ```
///
/// @param learningRate step size, above 0
/// @param learningRateDecay by how much the divisor of the step size grows in a step, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
/// @param initialSum the sum of squares before the first step, 0 or more
/// @param epsilon what is added to the root, 0 or more
public record Adagrad(
        double learningRate, double learningRateDecay, double weightDecay, double initialSum, double epsilon)
        implements UpdateRule {
    public Adagrad {
        Require.positive("Adagrad: learning rate", learningRate);
        Require.notNegative("Adagrad: learning rate decay", learningRateDecay);
        Require.notNegative("Adagrad: weight decay", weightDecay);
        Require.notNegative("Adagrad: initial sum", initialSum);
        Require.notNegative("Adagrad: epsilon", epsilon);
    }

    /// With epsilon 1e-10 and nothing else.
    public static Adagrad of(double learningRate) {
        return new Adagrad(learningRate, 0, 0, 0, 1e-10);
    }

    @Override
    public Adagrad withLearningRate(double other) {
        return new Adagrad(other, learningRateDecay, weightDecay, initialSum, epsilon);
    }

    public Adagrad withLearningRateDecay(double other) {
        return new Adagrad(learningRate, other, weightDecay, initialSum, epsilon);
    }

    public Adagrad withWeightDecay(double other) {
        return new Adagrad(learningRate, learningRateDecay, other, initialSum, epsilon);
    }

    public Adagrad withInitialSum(double other) {
        return new Adagrad(learningRate, learningRateDecay, weightDecay, other, epsilon);
    }

    public Adagrad withEpsilon(double other) {
        return new Adagrad(learningRate, learningRateDecay, weightDecay, initialSum, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return List.of(Slot.full("sumOfSquares", parameter, initialSum));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        Tensor sum = slots.getFirst().add(g.mul(g));
        double rate = learningRate / (1 + (step - 1) * learningRateDecay);
        return new Change(parameter.sub(g.mul(rate).div(sum.sqrt().add(epsilon))), List.of(sum));
    }
}
