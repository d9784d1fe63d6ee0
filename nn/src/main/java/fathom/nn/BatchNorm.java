package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.stream.IntStream;

/// Batch normalisation over all axes but the last. Ioffe and Szegedy: *Batch normalization:
/// accelerating deep network training by reducing internal covariate shift* (2015).
///
/// In training every channel is brought to mean 0 and variance 1 over the batch, and the running
/// statistics move towards those of the batch, the variance being taken over `n - 1`:
///
/// ```
/// running = (1 - momentum) * running + momentum * batch
/// ```
///
/// In inference the running statistics take the place of the batch's. `momentum` is thus PyTorch's;
/// Keras calls 1 minus it so.
///
/// @param weight factor of each channel, `[C]`
/// @param bias what is added to each channel, `[C]`
/// @param runningMean mean of each channel, `[C]`
/// @param runningVariance variance of each channel, `[C]`
/// @param momentum how far the running statistics move in a step, above 0 to 1
/// @param epsilon what is added to the variance before the root is taken
public record BatchNorm(
        Parameter weight,
        Parameter bias,
        Variable runningMean,
        Variable runningVariance,
        double momentum,
        double epsilon)
        implements Module {
    public BatchNorm {
        momentum(momentum);
        Check.positive("batchNorm: epsilon", epsilon);
        Shape s = weight.shape();
        if (s.rank() != 1
                || !bias.shape().equals(s)
                || !runningMean.shape().equals(s)
                || !runningVariance.shape().equals(s)) {
            throw new IllegalArgumentException("batchNorm: weight "
                    + s
                    + ", bias "
                    + bias.shape()
                    + ", running mean "
                    + runningMean.shape()
                    + ", running variance "
                    + runningVariance.shape()
                    + ", expected [C] four times");
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        int channels = weight.shape().dim(0);
        if (x.rank() < 2 || x.dim(-1) != channels) {
            throw new IllegalArgumentException(
                    "input " + x.dtype() + x.shape() + ", expected [N, ..., " + channels + "]");
        }
        return Context.isTraining() ? training(x) : affine(x.sub(runningMean.value()), runningVariance.value());
    }

    private Tensor training(Tensor x) {
        double n = (double) x.size() / x.dim(-1);
        if (!(n > 1)) {
            throw new IllegalArgumentException(
                    "input " + x.dtype() + x.shape() + ", expected more than one value per channel" + " in training");
        }
        int[] axes = IntStream.range(0, x.rank() - 1).toArray();
        Tensor mean = x.mean(axes);
        Tensor centred = x.sub(mean);
        Tensor variance = centred.mul(centred).mean(axes);
        report(runningMean, mean);
        report(runningVariance, variance.mul(n / (n - 1)));
        return affine(centred, variance);
    }

    /// Normalised, scaled and shifted.
    private Tensor affine(Tensor centred, Tensor variance) {
        Tensor scale = weight.value().div(variance.add(epsilon).sqrt());
        return centred.mul(scale).add(bias.value());
    }

    private void report(Variable running, Tensor batch) {
        Tensor before = Context.latest(running);
        Context.report(running, before.mul(1 - momentum).add(batch.detach().mul(momentum)));
    }

    private static void momentum(double momentum) {
        if (!(momentum > 0 && momentum <= 1)) {
            throw new IllegalArgumentException("batchNorm: momentum " + momentum + ", expected above 0 to 1");
        }
    }

    /// The blueprint of a [BatchNorm].
    ///
    /// @param momentum how far the running statistics move in a step, above 0 to 1
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(double momentum, double epsilon) implements Layer {
        public Blueprint {
            BatchNorm.momentum(momentum);
            Check.positive("batchNorm: epsilon", epsilon);
        }

        public Blueprint momentum(double other) {
            return new Blueprint(other, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(momentum, other);
        }

        @Override
        public BatchNorm build(Shape input, RandomStream random) {
            int channels = output(input).dim(-1);
            return new BatchNorm(
                    Init.ones(channels),
                    Init.zeros(channels),
                    Init.variable(0, channels),
                    Init.variable(1, channels),
                    momentum,
                    epsilon);
        }

        @Override
        public Shape output(Shape input) {
            if (input.rank() == 0) {
                throw new IllegalArgumentException("samples of shape [], expected a last axis of channels");
            }
            return input;
        }
    }
}
