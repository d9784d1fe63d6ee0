package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.Optional;
import java.util.stream.Stream;

/// Instance normalisation of `[N, ..., C]`: each channel of every sample is brought to mean 0 and
/// variance 1 over all positions, and scaled and shifted if there are parameters. Ulyanov, Vedaldi
/// and Lempitsky: *Instance normalization: the missing ingredient for fast stylization* (2016).
///
/// With running statistics the samples' means and variances (over `n - 1`), averaged over the batch,
/// move them in training as in [BatchNorm], and in inference they take the place of the samples' own;
/// without, training and inference are alike.
///
/// @param weight factor of each channel, `[C]`, if any
/// @param bias what is added to each channel, `[C]`, if there are factors
/// @param runningMean mean of each channel, `[C]`, if it is kept
/// @param runningVariance variance of each channel, `[C]`, if the mean is kept
/// @param momentum how far the running statistics move in a step, above 0 to 1
/// @param epsilon what is added to the variance before the root is taken
public record InstanceNorm(
        Optional<Parameter> weight,
        Optional<Parameter> bias,
        Optional<Variable> runningMean,
        Optional<Variable> runningVariance,
        double momentum,
        double epsilon)
        implements Module {
    private static final double DEFAULT_MOMENTUM = 0.1;

    public InstanceNorm {
        RunningMean.checkMomentum("instanceNorm", momentum);
        Require.positive("instanceNorm: epsilon", epsilon);
        Optional<Shape> w = weight.map(Parameter::shape);
        Optional<Shape> b = bias.map(Parameter::shape);
        boolean fit = w.equals(b) && w.map(s -> s.rank() == 1).orElse(true);
        Require.that(fit, "instanceNorm: weight %s and bias %s, expected [C] twice, or neither", w, b);
        Optional<Shape> mean = runningMean.map(Variable::shape);
        Optional<Shape> variance = runningVariance.map(Variable::shape);
        boolean both = mean.equals(variance)
                && mean.map(s -> s.rank() == 1 && s.equals(w.orElse(s))).orElse(true);
        String message = "instanceNorm: running mean %s and variance %s, expected [C] twice, or neither";
        Require.that(both, message, mean, variance);
    }

    /// Without running statistics.
    public InstanceNorm(Optional<Parameter> weight, Optional<Parameter> bias, double epsilon) {
        this(weight, bias, Optional.empty(), Optional.empty(), DEFAULT_MOMENTUM, epsilon);
    }

    /// `[N, ..., C]` to the same shape.
    ///
    /// @throws IllegalArgumentException if the channels are not those of the weight, or have one
    ///   position only where the samples' own statistics are wanted
    @Override
    public Tensor forward(Tensor x) {
        Optional<Integer> own = Stream.concat(
                        weight.map(Parameter::shape).stream(), runningMean.map(Variable::shape).stream())
                .map(s -> s.dim(0))
                .findFirst();
        boolean fits = x.rank() >= 3 && own.map(c -> c == x.dim(-1)).orElse(true);
        String channels = own.map(String::valueOf).orElse("C");
        Require.that(fits, "input %s, expected [N, ..., %s] with at least one axis of positions", x.type(), channels);
        Tensor y = runningMean.isPresent() && runningVariance.isPresent()
                ? normalised(x, runningMean.get(), runningVariance.get())
                : ownStatistics(x);
        return weight.isPresent() && bias.isPresent()
                ? y.mul(weight.get().value()).add(bias.get().value())
                : y;
    }

    private Tensor normalised(Tensor x, Variable mean, Variable variance) {
        if (!Context.isTraining()) {
            return x.sub(mean.value()).div(variance.value().add(epsilon).sqrt());
        }
        Tensor y = ownStatistics(x);
        Tensor positions = x.detach().reshape(x.dim(0), -1, x.dim(-1));
        double n = positions.dim(1);
        Tensor means = positions.mean(true, 1);
        RunningMean.report(mean, means.mean(0, 1), momentum);
        RunningMean.report(variance, positions.sub(means).square().mean(0, 1).mul(n / (n - 1)), momentum);
        return y;
    }

    private Tensor ownStatistics(Tensor x) {
        boolean many = x.shape().size(1, x.rank() - 1) > 1;
        Require.that(many, "input %s, expected more than one position per channel", x.type());
        return Standardize.groups(x, x.dim(-1), epsilon);
    }

    /// The blueprint of an [InstanceNorm].
    ///
    /// @param affine whether each channel is scaled and shifted afterwards
    /// @param running whether running statistics are kept for inference
    /// @param momentum how far these move in a step, above 0 to 1
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(boolean affine, boolean running, double momentum, double epsilon) implements Layer {
        public Blueprint {
            RunningMean.checkMomentum("instanceNorm", momentum);
            Require.positive("instanceNorm: epsilon", epsilon);
        }

        /// Without parameters and running statistics.
        public Blueprint(double epsilon) {
            this(false, false, DEFAULT_MOMENTUM, epsilon);
        }

        /// With a factor and a bias for each channel.
        public Blueprint withAffine() {
            return new Blueprint(true, running, momentum, epsilon);
        }

        /// With running statistics, which take the place of the samples' own in inference.
        public Blueprint withRunningStatistics() {
            return new Blueprint(affine, true, momentum, epsilon);
        }

        public Blueprint momentum(double other) {
            return new Blueprint(affine, running, other, epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(affine, running, momentum, other);
        }

        @Override
        public InstanceNorm build(Shape input, RandomStream random) {
            int channels = output(input).dim(-1);
            return new InstanceNorm(
                    affine ? Optional.of(Init.ones(channels)) : Optional.empty(),
                    affine ? Optional.of(Init.zeros(channels)) : Optional.empty(),
                    running ? Optional.of(Init.variable(0, channels)) : Optional.empty(),
                    running ? Optional.of(Init.variable(1, channels)) : Optional.empty(),
                    momentum,
                    epsilon);
        }

        @Override
        public Shape output(Shape input) {
            Require.that(input.rank() >= 2, "samples of shape %s, expected [..., C] with at least two axes", input);
            return input;
        }
    }
}
