package fathom.nn;

import fathom.autodiff.Gradients;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// Three-dimensional transposed convolution, the gradient of a [Conv3d] with respect to its volumes:
/// `[N, D, H, W, C]` to `[N, OD, OH, OW, K]`, with sizes as [ConvTranspose2d] says. It takes `KD / stride`
/// times the memory of its result.
///
/// @param weight `[KD, KH, KW, K / groups, C]`
/// @param bias `[K]`, if any
/// @param depth stride, padding and dilation along the depth, given as those along a width
/// @param sliding stride, padding and dilation along height and width
/// @param groups parts into which the channels are cut, each convolved by itself
/// @param more how many images, rows and columns there are more at the end of the result
public record ConvTranspose3d(
        Parameter weight, Optional<Parameter> bias, Sliding depth, Sliding sliding, int groups, List<Integer> more)
        implements Module {
    public ConvTranspose3d {
        Check.weight("ConvTranspose3d", weight, 5, "[KD, KH, KW, K, C]");
        Require.positive("ConvTranspose3d: groups", groups);
        Check.bias("ConvTranspose3d", bias, weight.shape().dim(3) * groups);
        depth = depth.alongWidth();
        more = List.copyOf(more);
        checkMore("ConvTranspose3d", depth, sliding, more);
    }

    private static void checkMore(String layer, Sliding depth, Sliding sliding, List<Integer> more) {
        Require.that(more.size() == 3, "%s: outputPadding %s, expected that of depth, height and width", layer, more);
        depth.checkOutputPadding(layer, 0, more.get(0));
        sliding.checkOutputPadding(layer, more.get(1), more.get(2));
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 5, "volumes [N, D, H, W, %s]", w.dim(4), w);
        Shape volume = Shape.of(x.dim(1), x.dim(2), x.dim(3), x.dim(4));
        Shape y = output(volume, w.dim(0), w.dim(1), w.dim(2), depth, sliding, more, w.dim(3) * groups);
        Shape all = Shape.of(x.dim(0), y.dim(0), y.dim(1), y.dim(2), y.dim(3));
        // Whatever values: convolution is linear, so its gradient does not read them.
        Tensor any = Tensor.of(new Op.Iota(all, DType.I32, 0)).cast(x.dtype());
        Tensor convolved = Conv3d.apply(any, weight.value(), depth, sliding, groups);
        Tensor gradient = Gradients.vectorJacobian(convolved, x, List.of(any)).getFirst();
        return ConvolutionSettings.plus(gradient, bias);
    }

    private static Shape output(
            Shape volume,
            int kernelDepth,
            int kernelHeight,
            int kernelWidth,
            Sliding depth,
            Sliding sliding,
            List<Integer> more,
            int channels) {
        Check.sample(volume, 4, "volumes [D, H, W, C]");
        Shape column = Shape.of(1, volume.dim(0), volume.dim(3));
        Shape image = Shape.of(volume.dim(1), volume.dim(2), volume.dim(3));
        int images = depth.transposedOutput(column, 1, kernelDepth, 0, more.get(0), channels)
                .dim(1);
        Shape one = sliding.transposedOutput(image, kernelHeight, kernelWidth, more.get(1), more.get(2), channels);
        return Shape.of(images, one.dim(0), one.dim(1), channels);
    }

    /// The blueprint of a [ConvTranspose3d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param kernelDepth images under a filter
    /// @param depth stride, padding and dilation along the depth, given as those along a width
    /// @param more how many images, rows and columns there are more at the end of the result
    /// @param settings what all convolutions share
    public record Blueprint(
            int filters, int groups, int kernelDepth, Sliding depth, List<Integer> more, ConvolutionSettings settings)
            implements ConvolutionBlueprint.OfVolumes<Blueprint> {
        public Blueprint {
            depth = depth.alongWidth();
            more = List.copyOf(more);
            Require.positive("convTranspose3d: kernel depth", kernelDepth);
            settings.check("convTranspose3d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, kernelDepth, depth, more, settings);
        }

        /// With so many images, rows and columns more at the end.
        public Blueprint outputPadding(int all) {
            return outputPadding(all, all, all);
        }

        /// With so many images, rows and columns more at the end.
        public Blueprint outputPadding(int depth, int height, int width) {
            return new Blueprint(filters, groups, kernelDepth, this.depth, List.of(depth, height, width), settings);
        }

        @Override
        public Blueprint with(Sliding depth, Sliding images) {
            return new Blueprint(filters, groups, kernelDepth, depth, more, settings.withSliding(images));
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, kernelDepth, depth, more, other);
        }

        @Override
        public ConvTranspose3d build(Shape input, RandomStream random) {
            output(input);
            return new ConvTranspose3d(
                    settings.weight(
                            random,
                            kernelDepth,
                            settings.kernelHeight(),
                            settings.kernelWidth(),
                            filters / groups,
                            input.dim(3)),
                    settings.bias(filters),
                    depth,
                    settings.sliding(),
                    groups,
                    more);
        }

        @Override
        public Shape output(Shape input) {
            // Not checked in the constructor: the stride may be set after the output padding.
            checkMore("convTranspose3d", depth, settings.sliding(), more);
            Shape output = ConvTranspose3d.output(
                    input,
                    kernelDepth,
                    settings.kernelHeight(),
                    settings.kernelWidth(),
                    depth,
                    settings.sliding(),
                    more,
                    filters);
            ConvolutionSettings.channels(input.dim(3), groups);
            return output;
        }
    }
}
