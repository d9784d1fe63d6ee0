package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// [Adam] with the weights decayed by themselves and not through the gradient. Loshchilov and
/// Hutter: *Decoupled weight decay regularization* (2019).
///
/// ```
/// p = p - learningRate * weightDecay * p
/// m = m + (1 - beta1) * (gradient - m)
/// v = beta2 * v + (1 - beta2) * gradient * gradient
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
/// @param weightDecay part of the parameter that is taken away in a step of learning rate 1, 0 or
///   more
/// @param amsGrad whether the greatest `v` so far stands below the fraction
public record AdamW(
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay, boolean amsGrad)
        implements Moments {
    public AdamW {
        Moments.check("AdamW", learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /// With beta1 0.9, beta2 0.999, epsilon 1e-8 and weight decay 0.01.
    public static AdamW of(double learningRate) {
        return new AdamW(learningRate, 0.9, 0.999, 1e-8, 0.01, false);
    }

    @Override
    public AdamW withLearningRate(double other) {
        return new AdamW(other, beta1, beta2, epsilon, weightDecay, amsGrad);
    }

    public AdamW withBetas(double first, double second) {
        return new AdamW(learningRate, first, second, epsilon, weightDecay, amsGrad);
    }

    public AdamW withEpsilon(double other) {
        return new AdamW(learningRate, beta1, beta2, other, weightDecay, amsGrad);
    }

    public AdamW withWeightDecay(double other) {
        return new AdamW(learningRate, beta1, beta2, epsilon, other, amsGrad);
    }

    public AdamW withAmsGrad() {
        return new AdamW(learningRate, beta1, beta2, epsilon, weightDecay, true);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        return Moments.slots(parameter, amsGrad);
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor p = WeightDecay.decoupled(parameter, learningRate * weightDecay);
        return Moments.change(this, p, gradient, slots, step);
    }
}
