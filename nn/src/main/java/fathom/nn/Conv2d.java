package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Two-dimensional convolution (cross-correlation) of channels-last images: `[N, H, W, C]` to `[N,
/// OH, OW, K]`.
///
/// @param weight `[KH, KW, C / groups, K]`
/// @param bias `[K]`, if any
/// @param sliding stride, padding and dilation
/// @param groups parts into which the channels are cut, each convolved by itself
public record Conv2d(Parameter weight, Optional<Parameter> bias, Sliding sliding, int groups) implements Module {
    public Conv2d {
        Check.weight("Conv2d", weight, 4, "[KH, KW, C, K]");
        Require.positive("Conv2d: groups", groups);
        Check.bias("Conv2d", bias, weight);
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 4, "images [N, H, W, %s]", w.dim(2) * groups, w);
        Tensor y = x.conv2d(weight.value(), sliding.over(w.dim(0), w.dim(1), x.dim(1), x.dim(2)), groups);
        return ConvolutionSettings.plus(y, bias);
    }

    /// The blueprint of a [Conv2d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param settings what all convolutions share
    public record Blueprint(int filters, int groups, ConvolutionSettings settings)
            implements ConvolutionBlueprint.OfImages<Blueprint> {
        public Blueprint {
            settings.check("conv2d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, settings);
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, other);
        }

        @Override
        public Conv2d build(Shape input, RandomStream random) {
            output(input);
            return new Conv2d(
                    settings.weight(
                            random, settings.kernelHeight(), settings.kernelWidth(), input.dim(2) / groups, filters),
                    settings.bias(filters),
                    settings.sliding(),
                    groups);
        }

        @Override
        public Shape output(Shape input) {
            Shape output = settings.sliding().output(input, settings.kernelHeight(), settings.kernelWidth(), filters);
            ConvolutionSettings.channels(input.dim(2), groups);
            return output;
        }
    }
}
