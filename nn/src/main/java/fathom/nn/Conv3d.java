package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Three-dimensional convolution (cross-correlation) of channels-last volumes: `[N, D, H, W, C]` to
/// `[N, OD, OH, OW, K]`.
///
/// It is a convolution of images whose channels are those of all images under the window: it takes
/// `KD / stride` times the memory of its input.
///
/// @param weight `[KD, KH, KW, C / groups, K]`
/// @param bias `[K]`, if any
/// @param depth stride, padding and dilation along the depth, given as those along a width
/// @param sliding stride, padding and dilation along height and width
/// @param groups parts into which the channels are cut, each convolved by itself
public record Conv3d(Parameter weight, Optional<Parameter> bias, Sliding depth, Sliding sliding, int groups)
        implements Module {
    public Conv3d {
        Check.weight("Conv3d", weight, 5, "[KD, KH, KW, C, K]");
        Require.positive("Conv3d: groups", groups);
        Check.bias("Conv3d", bias, weight);
        depth = depth.alongWidth();
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 5, "volumes [N, D, H, W, %s]", w.dim(3) * groups, w);
        return ConvolutionSettings.plus(apply(x, weight.value(), depth, sliding, groups), bias);
    }

    /// Without a bias.
    static Tensor apply(Tensor x, Tensor weight, Sliding depth, Sliding sliding, int groups) {
        int rows = weight.dim(1);
        int columns = weight.dim(2);
        Tensor images = joined(x, weight.dim(0), depth, groups);
        Tensor filters = weight.permute(1, 2, 0, 3, 4).reshape(rows, columns, -1, weight.dim(4));
        Tensor y = images.conv2d(filters, sliding.over(rows, columns, x.dim(2), x.dim(3)), groups);
        return y.reshape(x.dim(0), -1, y.dim(1), y.dim(2), weight.dim(4));
    }

    /// The images under each window along the depth, their channels side by side within each group:
    /// `[N * OD, H, W, groups * KD * C / groups]`.
    private static Tensor joined(Tensor x, int taps, Sliding depth, int groups) {
        Window window = depth.over(1, taps, 1, x.dim(1));
        int results = depth.windows(taps, x.dim(1));
        Tensor padded = x.pad(1, window.padLeft(), window.padRight());
        int last = (results - 1) * window.strideWidth();
        List<Tensor> images = new ArrayList<>();
        for (int k = 0; k < taps; k++) {
            int from = k * window.dilationWidth();
            images.add(padded.slice(1, from, from + last + 1, window.strideWidth())
                    .reshape(x.dim(0) * results, x.dim(2), x.dim(3), groups, 1, x.dim(4) / groups));
        }
        return Tensor.concat(4, images).flatten(3);
    }

    /// The blueprint of a [Conv3d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param kernelDepth images under a filter
    /// @param depth stride, padding and dilation along the depth, given as those along a width
    /// @param settings what all convolutions share
    public record Blueprint(int filters, int groups, int kernelDepth, Sliding depth, ConvolutionSettings settings)
            implements ConvolutionBlueprint.OfVolumes<Blueprint> {
        public Blueprint {
            depth = depth.alongWidth();
            Require.positive("conv3d: kernel depth", kernelDepth);
            settings.check("conv3d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, kernelDepth, depth, settings);
        }

        @Override
        public Blueprint with(Sliding depth, Sliding images) {
            return new Blueprint(filters, groups, kernelDepth, depth, settings.withSliding(images));
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, kernelDepth, depth, other);
        }

        @Override
        public Conv3d build(Shape input, RandomStream random) {
            output(input);
            int channels = input.dim(3) / groups;
            return new Conv3d(
                    settings.weight(
                            random, kernelDepth, settings.kernelHeight(), settings.kernelWidth(), channels, filters),
                    settings.bias(filters),
                    depth,
                    settings.sliding(),
                    groups);
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 4, "volumes [D, H, W, C]");
            Shape image = new Conv2d.Blueprint(filters, groups, settings)
                    .output(Shape.of(input.dim(1), input.dim(2), input.dim(3)));
            return Shape.of(depth.windows(kernelDepth, input.dim(0)), image.dim(0), image.dim(1), filters);
        }
    }
}
