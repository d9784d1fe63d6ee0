package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// [Adam] that trusts its step sizes as far as they are founded on enough gradients, which takes the
/// place of a warm-up. Liu et al.: *On the variance of the adaptive learning rate and beyond* (2020).
///
/// ```
/// g = gradient + weightDecay * p
/// m = m + (1 - beta1) * (g - m)
/// v = beta2 * v + (1 - beta2) * g * g
/// l = 2 / (1 - beta2) - 1
/// k = l - 2 * t * beta2^t / (1 - beta2^t)
/// r = sqrt((k - 4) * (k - 2) * l / ((l - 4) * (l - 2) * k))
/// n = m / (1 - beta1^t)
/// p = p - learningRate * r * n * sqrt(1 - beta2^t) / (sqrt(v) + epsilon)        // if k > 5
/// p = p - learningRate * n                                                      // if not
/// ```
///
/// @param learningRate step size, above 0
/// @param beta1 how much of the mean gradient is kept in a step, from 0 to below 1
/// @param beta2 how much of the mean squared gradient is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root of the mean square, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
public record RAdam(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
        implements Moments {
    public RAdam {
        Moments.check("RAdam", learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-8 and no weight decay.
    public static RAdam of(double learningRate) {
        return new RAdam(learningRate, 0.9, 0.999, 1e-8, 0);
    }

    @Override
    public RAdam withLearningRate(double other) {
        return new RAdam(other, beta1, beta2, epsilon, weightDecay);
    }

    public RAdam withBetas(double first, double second) {
        return new RAdam(learningRate, first, second, epsilon, weightDecay);
    }

    public RAdam withEpsilon(double other) {
        return new RAdam(learningRate, beta1, beta2, other, weightDecay);
    }

    public RAdam withWeightDecay(double other) {
        return new RAdam(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        Tensor first = Moments.first(this, slots.get(0), g);
        Tensor second = Moments.second(this, slots.get(1), g);
        double rate = learningRate / Moments.correction(beta1, step);
        double correction2 = Moments.correction(beta2, step);
        double limit = 2 / (1 - beta2) - 1;
        double length = limit - 2 * step * (1 - correction2) / correction2;
        Tensor direction;
        if (length > 5) {
            double trust =
                    Math.sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length) * correction2);
            direction = first.mul(rate * trust).div(second.sqrt().add(epsilon));
        } else {
            direction = first.mul(rate);
        }
        return new Change(parameter.sub(direction), List.of(first, second));
    }
}
