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
        int channels = w.dim(2) * groups;
        boolean fits = x.rank() == 4 && x.dim(3) == channels;
        Require.that(fits, "input %s, expected images [N, H, W, %s] for weight %s", x.type(), channels, w);
        Tensor y = x.conv2d(weight.value(), sliding.over(w.dim(0), w.dim(1), x.dim(1), x.dim(2)), groups);
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// The blueprint of a [Conv2d].
    ///
    /// @param filters channels of the result
    /// @param kernelHeight rows of a filter
    /// @param kernelWidth columns of a filter
    /// @param sliding stride, padding and dilation
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param bias whether there is a bias, initially zero
    /// @param initializer where the weights come from
    public record Blueprint(
            int filters,
            int kernelHeight,
            int kernelWidth,
            Sliding sliding,
            int groups,
            boolean bias,
            Initializer initializer)
            implements Layer {
        public Blueprint {
            Require.positive("conv2d: filters", filters);
            Require.positive("conv2d: kernel height", kernelHeight);
            Require.positive("conv2d: kernel width", kernelWidth);
            Require.positive("conv2d: groups", groups);
            boolean divides = filters % groups == 0;
            Require.that(divides, "conv2d: %s filters in %s groups, expected a multiple", filters, groups);
        }

        public Blueprint stride(int stride) {
            return stride(stride, stride);
        }

        public Blueprint stride(int height, int width) {
            return with(sliding.withStride(height, width));
        }

        public Blueprint padding(Padding padding) {
            return with(sliding.withPadding(padding));
        }

        public Blueprint dilation(int dilation) {
            return dilation(dilation, dilation);
        }

        public Blueprint dilation(int height, int width) {
            return with(sliding.withDilation(height, width));
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, kernelHeight, kernelWidth, sliding, count, bias, initializer);
        }

        public Blueprint withoutBias() {
            return new Blueprint(filters, kernelHeight, kernelWidth, sliding, groups, false, initializer);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(filters, kernelHeight, kernelWidth, sliding, groups, bias, other);
        }

        private Blueprint with(Sliding other) {
            return new Blueprint(filters, kernelHeight, kernelWidth, other, groups, bias, initializer);
        }

        @Override
        public Conv2d build(Shape input, RandomStream random) {
            output(input);
            Shape shape = Shape.of(kernelHeight, kernelWidth, input.dim(2) / groups, filters);
            return new Conv2d(
                    Parameter.of(initializer.create(shape, random)),
                    bias ? Optional.of(Init.zeros(filters)) : Optional.empty(),
                    sliding,
                    groups);
        }

        @Override
        public Shape output(Shape input) {
            Shape output = sliding.output(input, kernelHeight, kernelWidth, filters);
            if (input.dim(2) % groups != 0) {
                throw new IllegalArgumentException(
                        input.dim(2) + " channels in " + groups + " groups, expected a multiple");
            }
            return output;
        }
    }
}
