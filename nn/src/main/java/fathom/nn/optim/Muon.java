package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// Momentum whose steps are made orthogonal, so that they move all directions of a matrix alike.
/// Jordan et al.: *Muon: an optimizer for hidden layers in neural networks* (2024).
///
/// ```
/// m = momentum * m + (1 - momentum) * gradient
/// g = momentum * m + (1 - momentum) * gradient           // without Nesterov: m
/// x = g / |g|                                            // Newton-Schulz, from here
/// x = 3.4445 * x - 4.7750 * (x x') x + 2.0315 * (x x')^2 x     // iterations times
/// p = p - learningRate * weightDecay * p
///       - learningRate * sqrt(max(1, columns / rows)) * x
/// ```
///
/// It is for the matrices inside a model, `[in, out]`; kernels of convolutions are taken for matrices
/// with all axes but the last as rows. Vectors, embeddings and the last layer are better left to
/// another rule: see [ParameterGroups].
///
/// @param learningRate step size, above 0
/// @param momentum how much of the mean gradient is kept in a step, from 0 to below 1
/// @param nesterov whether the gradient is corrected by looking a step ahead
/// @param weightDecay part of the parameter that is taken away in a step of learning rate 1, 0 or
///   more
/// @param iterations of Newton and Schulz, at least 1
public record Muon(double learningRate, double momentum, boolean nesterov, double weightDecay, int iterations)
        implements UpdateRule {
    /// Keeps a gradient of zeros from being divided by 0.
    private static final double SMALL = 1e-7;

    public Muon {
        Require.positive("Muon: learning rate", learningRate);
        Require.fraction("Muon: momentum", momentum);
        Require.notNegative("Muon: weight decay", weightDecay);
        Require.positive("Muon: iterations", iterations);
    }

    /// With Nesterov momentum 0.95, weight decay 0.1 and five iterations.
    public static Muon of(double learningRate) {
        return new Muon(learningRate, 0.95, true, 0.1, 5);
    }

    @Override
    public Muon withLearningRate(double other) {
        return new Muon(other, momentum, nesterov, weightDecay, iterations);
    }

    public Muon withMomentum(double other) {
        return new Muon(learningRate, other, nesterov, weightDecay, iterations);
    }

    public Muon withoutNesterov() {
        return new Muon(learningRate, momentum, false, weightDecay, iterations);
    }

    public Muon withWeightDecay(double other) {
        return new Muon(learningRate, momentum, nesterov, other, iterations);
    }

    public Muon withIterations(int other) {
        return new Muon(learningRate, momentum, nesterov, weightDecay, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        String message = "Muon: a parameter of shape %s, expected matrices; ParameterGroups gives others another rule";
        Require.that(parameter.rank() >= 2, message, parameter.shape());
        return List.of(Slot.zeros("momentum", parameter));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor m = between(gradient, slots.getFirst());
        Tensor g = nesterov ? between(gradient, m) : m;
        int columns = parameter.dim(-1);
        Tensor x = orthogonal(g.reshape(-1, columns));
        double rate = learningRate * Math.sqrt(Math.max(1, columns / (double) x.dim(0)));
        Tensor kept = WeightDecay.decoupled(parameter, learningRate * weightDecay);
        return new Change(kept.sub(x.reshape(parameter.shape()).mul(rate)), List.of(m));
    }

    private Tensor between(Tensor gradient, Tensor mean) {
        return gradient.add(mean.sub(gradient).mul(momentum));
    }

    /// Nearly the orthogonal matrix next to this one: singular values of about 0.7 to 1.2.
    private Tensor orthogonal(Tensor g) {
        boolean tall = g.dim(0) > g.dim(1);
        Tensor x = tall ? g.transpose() : g;
        x = x.div(Clipping.norm(List.of(x)).maximum(SMALL));
        for (int i = 0; i < iterations; i++) {
            Tensor a = x.matmul(x.transpose());
            Tensor b = a.mul(-4.7750).add(a.matmul(a).mul(2.0315));
            x = x.mul(3.4445).add(b.matmul(x));
        }
        return tall ? x.transpose() : x;
    }
}
