package fathom.nn;

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
        if (weight.shape().rank() != 4) {
            throw new IllegalArgumentException(
                    "Conv2d: weight of shape " + weight.shape() + ", expected [KH, KW, C, K]");
        }
        Check.positive("Conv2d: groups", groups);
        int filters = weight.shape().dim(3);
        bias.ifPresent(b -> {
            if (!b.shape().equals(Shape.of(filters))) {
                throw new IllegalArgumentException(
                        "Conv2d: bias of shape " + b.shape() + ", expected [" + filters + "]");
            }
        });
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        int channels = w.dim(2) * groups;
        if (x.rank() != 4 || x.dim(3) != channels) {
            throw new IllegalArgumentException(
                    "input " + x.dtype() + x.shape() + ", expected images [N, H, W, " + channels + "] for weight " + w);
        }
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
            Check.positive("conv2d: filters", filters);
            Check.positive("conv2d: kernel height", kernelHeight);
            Check.positive("conv2d: kernel width", kernelWidth);
            Check.positive("conv2d: groups", groups);
            if (filters % groups != 0) {
                throw new IllegalArgumentException(
                        "conv2d: " + filters + " filters in " + groups + " groups, expected a multiple");
            }
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
