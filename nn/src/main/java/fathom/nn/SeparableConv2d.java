package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Depthwise separable convolution: each channel is convolved by itself, then every pixel's channels
/// are mixed; `[N, H, W, C]` to `[N, OH, OW, K]`. Chollet: *Xception: deep learning with depthwise
/// separable convolutions* (2017).
///
/// @param depthwise the convolution of each channel, without a bias of its own
/// @param pointwise the convolution of each pixel
public record SeparableConv2d(Conv2d depthwise, Conv2d pointwise) implements Module {
    @Override
    public Tensor forward(Tensor x) {
        return pointwise.apply(depthwise.apply(x));
    }

    /// The blueprint of a [SeparableConv2d].
    ///
    /// @param filters channels of the result
    /// @param multiplier filters of each channel in the depthwise part
    /// @param settings what all convolutions share; kernel and sliding are the depthwise part's, the
    ///   bias is the pointwise part's
    public record Blueprint(int filters, int multiplier, ConvolutionSettings settings)
            implements ConvolutionBlueprint.OfImages<Blueprint> {
        public Blueprint {
            Require.positive("separableConv2d: multiplier", multiplier);
            settings.check("separableConv2d", filters, 1);
        }

        /// With so many filters of each channel in the depthwise part.
        public Blueprint multiplier(int filters) {
            return new Blueprint(this.filters, filters, settings);
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, multiplier, other);
        }

        @Override
        public SeparableConv2d build(Shape input, RandomStream random) {
            return new SeparableConv2d(
                    depthwise().build(input, random.split("depthwise")),
                    pointwise().build(depthwise().output(input), random.split("pointwise")));
        }

        @Override
        public Shape output(Shape input) {
            return pointwise().output(depthwise().output(input));
        }

        private DepthwiseConv2d depthwise() {
            return new DepthwiseConv2d(multiplier, settings.withoutBias());
        }

        private Conv2d.Blueprint pointwise() {
            return new Conv2d.Blueprint(filters, 1, settings.pointwise());
        }
    }
}
