package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// [AdamW] with the step of each parameter made as long as a part of the parameter itself, for very
/// large batches. You et al.: *Large batch optimization for deep learning: training BERT in 76
/// minutes* (2020).
///
/// ```
/// m = m + (1 - beta1) * (gradient - m)
/// v = beta2 * v + (1 - beta2) * gradient * gradient
/// u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay * p
/// p = p - learningRate * |p| / |u| * u                  // 1 for the quotient of norms if one is 0
/// ```
///
/// @param learningRate step size, above 0
/// @param beta1 how much of the mean gradient is kept in a step, from 0 to below 1
/// @param beta2 how much of the mean squared gradient is kept in a step, from 0 to below 1
/// @param epsilon what is added to the root of the mean square, 0 or more
/// @param weightDecay factor of the parameter in its step, 0 or more
public record Lamb(double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
        implements Moments {
    public Lamb {
        Moments.check("Lamb", learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-6 and no weight decay.
    public static Lamb of(double learningRate) {
        return new Lamb(learningRate, 0.9, 0.999, 1e-6, 0);
    }

    @Override
    public Lamb withLearningRate(double other) {
        return new Lamb(other, beta1, beta2, epsilon, weightDecay);
    }

    public Lamb withBetas(double first, double second) {
        return new Lamb(learningRate, first, second, epsilon, weightDecay);
    }

    public Lamb withEpsilon(double other) {
        return new Lamb(learningRate, beta1, beta2, other, weightDecay);
    }

    public Lamb withWeightDecay(double other) {
        return new Lamb(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor first = Moments.first(this, slots.get(0), gradient);
        Tensor second = Moments.second(this, slots.get(1), gradient);
        Tensor spread = second.div(Moments.correction(beta2, step)).sqrt().add(epsilon);
        Tensor u = first.div(Moments.correction(beta1, step)).div(spread);
        u = WeightDecay.added(u, parameter, weightDecay);
        Tensor length = Clipping.norm(List.of(parameter));
        Tensor stepLength = Clipping.norm(List.of(u));
        Tensor one = Tensor.full(length.shape(), length.dtype(), 1);
        Tensor ratio = length.mul(stepLength).greater(0).select(length.div(stepLength), one);
        return new Change(parameter.sub(u.mul(ratio.mul(learningRate))), List.of(first, second));
    }
}
