package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// Adaptive moment estimation: every element has a step size of its own. Kingma and Ba: *Adam: a
/// method for stochastic optimization* (2015).
///
/// ```
/// g = gradient + weightDecay * p
/// m = m + (1 - beta1) * (g - m)
/// v = beta2 * v + (1 - beta2) * g * g
/// p = p - learningRate / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
/// ```
///
/// With AMSGrad the root is of the greatest `v` so far, so that step sizes never grow again. Reddi,
/// Kale and Kumar: *On the convergence of Adam and beyond* (2018).
///
/// @param learningRate step size, above 0
/// @param beta1 how much of the mean gradient is kept in a step, from 0 to below 1
/// @param beta2 how much of the mean squared gradient is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root of the mean square, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
/// @param amsGrad whether the greatest `v` so far stands below the fraction
public record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay, boolean amsGrad)
        implements Moments {
    public Adam {
        Moments.check("Adam", learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-8 and no weight decay.
    public static Adam of(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0, false);
    }

    @Override
    public Adam withLearningRate(double other) {
        return new Adam(other, beta1, beta2, epsilon, weightDecay, amsGrad);
    }

    public Adam withBetas(double first, double second) {
        return new Adam(learningRate, first, second, epsilon, weightDecay, amsGrad);
    }

    public Adam withEpsilon(double other) {
        return new Adam(learningRate, beta1, beta2, other, weightDecay, amsGrad);
    }

    public Adam withWeightDecay(double other) {
        return new Adam(learningRate, beta1, beta2, epsilon, other, amsGrad);
    }

    public Adam withAmsGrad() {
        return new Adam(learningRate, beta1, beta2, epsilon, weightDecay, true);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return Moments.slots(parameter, amsGrad);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        return Moments.change(this, parameter, g, slots, step);
    }
}
