package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
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
/// In inference the running statistics take the place of the batch's, and so they do in training
/// where they are frozen ([Context#frozen]). To freeze weight and bias alone, with
/// [Parameter#frozen], leaves the statistics moving. `momentum` is thus PyTorch's;
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
        RunningMean.checkMomentum("batchNorm", momentum);
        Require.positive("batchNorm: epsilon", epsilon);
        Shape s = weight.shape();
        List<Shape> others = List.of(bias.shape(), runningMean.shape(), runningVariance.shape());
        boolean fit = s.rank() == 1 && others.stream().allMatch(s::equals);
        String message = "batchNorm: weight %s, bias %s, running mean %s, running variance %s, expected [C] four times";
        Require.that(fit, message, s, bias.shape(), runningMean.shape(), runningVariance.shape());
    }

    @Override
    public Tensor forward(Tensor x) {
        int channels = weight.shape().dim(0);
        boolean fits = x.rank() >= 2 && x.dim(-1) == channels;
        Require.that(fits, "input %s, expected [N, ..., %s]", x.type(), channels);
        return Context.isTraining(runningMean)
                ? training(x)
                : affine(x.sub(runningMean.value()), runningVariance.value());
    }

    private Tensor training(Tensor x) {
        double n = (double) x.size() / x.dim(-1);
        Require.that(n > 1, "input %s, expected more than one value per channel in training", x.type());
        int[] axes = IntStream.range(0, x.rank() - 1).toArray();
        Tensor mean = x.mean(axes);
        Tensor centred = x.sub(mean);
        Tensor variance = centred.mul(centred).mean(axes);
        RunningMean.report(runningMean, mean, momentum);
        RunningMean.report(runningVariance, variance.mul(n / (n - 1)), momentum);
        return affine(centred, variance);
    }

    /// Normalised, scaled and shifted.
    private Tensor affine(Tensor centred, Tensor variance) {
        Tensor scale = weight.value().div(variance.add(epsilon).sqrt());
        return centred.mul(scale).add(bias.value());
    }

    /// The blueprint of a [BatchNorm].
    ///
    /// @param momentum how far the running statistics move in a step, above 0 to 1
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(double momentum, double epsilon) implements Layer {
        public Blueprint {
            RunningMean.checkMomentum("batchNorm", momentum);
            Require.positive("batchNorm: epsilon", epsilon);
        }

        public Blueprint momentum(double other) {
            return new Blueprint(other, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(momentum, other);
        }

        @Override
        public BatchNorm build(Shape input, RandomStream random) {
            int channels = Standardize.channels(input);
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
            Standardize.channels(input);
            return input;
        }
    }
}
