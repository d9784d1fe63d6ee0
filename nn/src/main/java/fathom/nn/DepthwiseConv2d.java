package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;

/// The blueprint of a [Conv2d] that convolves each channel by itself: as many groups as channels,
/// and `[N, H, W, C]` to `[N, OH, OW, C * multiplier]`.
///
/// @param multiplier filters of each channel
/// @param settings what all convolutions share
public record DepthwiseConv2d(int multiplier, ConvolutionSettings settings)
        implements ConvolutionBlueprint.OfImages<DepthwiseConv2d> {
    public DepthwiseConv2d {
        Require.positive("depthwiseConv2d: multiplier", multiplier);
        settings.check("depthwiseConv2d", multiplier, 1);
    }

    /// With so many filters of each channel.
    public DepthwiseConv2d multiplier(int filters) {
        return new DepthwiseConv2d(filters, settings);
    }

    @Override
    public DepthwiseConv2d with(ConvolutionSettings other) {
        return new DepthwiseConv2d(multiplier, other);
    }

    @Override
    public Conv2d build(Shape input, RandomStream random) {
        return grouped(input).build(input, random);
    }

    @Override
    public Shape output(Shape input) {
        return grouped(input).output(input);
    }

    private Conv2d.Blueprint grouped(Shape input) {
        Check.sample(input, 3, "images [H, W, C]");
        int channels = input.dim(2);
        return new Conv2d.Blueprint(channels * multiplier, channels, settings);
    }
}
