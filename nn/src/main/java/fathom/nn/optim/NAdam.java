package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// [Adam] with Nesterov's momentum, which grows to beta1 in the course of training. Dozat:
/// *Incorporating Nesterov momentum into Adam* (2016).
///
/// ```
/// g = gradient + weightDecay * p
/// m = m + (1 - beta1) * (g - m)
/// v = beta2 * v + (1 - beta2) * g * g
/// a(t) = beta1 * (1 - 0.96^(t * momentumDecay) / 2)
/// c = c * a(t)                                          // 1 before the first step
/// n = (1 - a(t)) / (1 - c) * g + a(t + 1) / (1 - c * a(t + 1)) * m
/// p = p - learningRate * n / (sqrt(v / (1 - beta2^t)) + epsilon)
/// ```
///
/// @param learningRate step size, above 0
/// @param beta1 how much of the mean gradient is kept in a step, from 0 to below 1
/// @param beta2 how much of the mean squared gradient is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root of the mean square, 0 or more
/// @param weightDecay factor of the parameter in its gradient, 0 or more
/// @param momentumDecay how fast the momentum grows, 0 or more
public record NAdam(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, double momentumDecay)
        implements Moments {
    public NAdam {
        Moments.check("NAdam", learningRate, beta1, beta2, epsilon, weightDecay);
        Require.notNegative("NAdam: momentum decay", momentumDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-8, no weight decay and momentum decay 0.004.
    public static NAdam of(double learningRate) {
        return new NAdam(learningRate, 0.9, 0.999, 1e-8, 0, 0.004);
    }

    @Override
    public NAdam withLearningRate(double other) {
        return new NAdam(other, beta1, beta2, epsilon, weightDecay, momentumDecay);
    }

    public NAdam withBetas(double first, double second) {
        return new NAdam(learningRate, first, second, epsilon, weightDecay, momentumDecay);
    }

    public NAdam withEpsilon(double other) {
        return new NAdam(learningRate, beta1, beta2, other, weightDecay, momentumDecay);
    }

    public NAdam withWeightDecay(double other) {
        return new NAdam(learningRate, beta1, beta2, epsilon, other, momentumDecay);
    }

    public NAdam withMomentumDecay(double other) {
        return new NAdam(learningRate, beta1, beta2, epsilon, weightDecay, other);
    }

    /// The product of all momenta so far is remembered in F64, whatever the parameter is.
    @Override
    public List<Slot> slots(Tensor parameter) {
        Slot product = new Slot("momentumProduct", Tensor.full(Shape.of(), DType.F64, 1));
        return List.of(Slot.zeros("firstMoment", parameter), Slot.zeros("secondMoment", parameter), product);
    }

    private double momentum(long step) {
        return beta1 * (1 - 0.5 * Math.pow(0.96, step * momentumDecay));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor g = WeightDecay.added(gradient, parameter, weightDecay);
        Tensor first = Moments.first(this, slots.get(0), g);
        Tensor second = Moments.second(this, slots.get(1), g);
        double now = momentum(step);
        double then = momentum(step + 1);
        Tensor product = slots.get(2).mul(now);
        Tensor ofGradient = product.rsub(1).rdiv(learningRate * (1 - now)).cast(g.dtype());
        Tensor ofMean = product.mul(then).rsub(1).rdiv(learningRate * then).cast(g.dtype());
        Tensor direction = g.mul(ofGradient).add(first.mul(ofMean));
        Tensor spread = second.div(Moments.correction(beta2, step)).sqrt().add(epsilon);
        return new Change(parameter.sub(direction.div(spread)), List.of(first, second, product));
    }
}
