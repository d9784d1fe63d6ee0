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
/// @param learningRate step size, above 0
/// @param beta1 how much of the mean gradient is kept in a step, from 0 to below 1
/// @param beta2 how much of the mean squared gradient is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root of the mean square, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
public record Adam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
        implements Moments {
    public Adam {
        Moments.check("Adam", learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-8 and no weight decay.
    public static Adam of(double learningRate) {
        return new Adam(learningRate, 0.9, 0.999, 1e-8, 0);
    }

    @Override
    public Adam withLearningRate(double other) {
        return new Adam(other, beta1, beta2, epsilon, weightDecay);
    }

    public Adam withBetas(double first, double second) {
        return new Adam(learningRate, first, second, epsilon, weightDecay);
    }

    public Adam withEpsilon(double other) {
        return new Adam(learningRate, beta1, beta2, other, weightDecay);
    }

    public Adam withWeightDecay(double other) {
        return new Adam(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        return Moments.change(this, parameter, g, slots, step);
    }
}
