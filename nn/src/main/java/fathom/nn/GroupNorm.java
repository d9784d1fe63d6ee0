package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Group normalisation of `[N, ..., C]`: the channels are cut into groups of neighbours, each group
/// of every sample is brought to mean 0 and variance 1, then each channel is scaled and shifted. Wu
/// and He: *Group normalization* (2018).
///
/// @param weight factor of each channel, `[C]`
/// @param bias what is added to each channel, `[C]`
/// @param groups parts into which the channels are cut
/// @param epsilon what is added to the variance before the root is taken
public record GroupNorm(Parameter weight, Parameter bias, int groups, double epsilon) implements Module {
    public GroupNorm {
        Require.positive("groupNorm: epsilon", epsilon);
        Shape s = weight.shape();
        boolean fit = s.rank() == 1 && bias.shape().equals(s);
        Require.that(fit, "groupNorm: weight %s and bias %s, expected [C] twice", s, bias.shape());
        divides(s.dim(0), groups);
    }

    /// `[N, ..., C]` to the same shape.
    ///
    /// @throws IllegalArgumentException if the last axis has another size than the weight
    @Override
    public Tensor forward(Tensor x) {
        int channels = weight.shape().dim(0);
        boolean fits = x.rank() >= 2 && x.dim(-1) == channels;
        Require.that(fits, "input %s, expected [N, ..., %s]", x.type(), channels);
        return Standardize.groups(x, groups, epsilon).mul(weight.value()).add(bias.value());
    }

    private static void divides(int channels, int groups) {
        Require.positive("groupNorm: groups", groups);
        boolean divides = channels % groups == 0;
        Require.that(divides, "groupNorm: %s channels in %s groups, expected a multiple", channels, groups);
    }

    /// The blueprint of a [GroupNorm].
    ///
    /// @param groups parts into which the channels are cut
    /// @param epsilon what is added to the variance before the root is taken
    public record Blueprint(int groups, double epsilon) implements Layer {
        public Blueprint {
            Require.positive("groupNorm: groups", groups);
            Require.positive("groupNorm: epsilon", epsilon);
        }

        public Blueprint epsilon(double other) {
            return new Blueprint(groups, other);
        }

        @Override
        public GroupNorm build(Shape input, RandomStream random) {
            int channels = Standardize.channels(input);
            return new GroupNorm(Init.ones(channels), Init.zeros(channels), groups, epsilon);
        }

        @Override
        public Shape output(Shape input) {
            divides(Standardize.channels(input), groups);
            return input;
        }
    }
}
