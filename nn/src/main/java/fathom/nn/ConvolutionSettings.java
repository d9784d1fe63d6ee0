package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// The settings that the blueprints of all convolutions share.
///
/// @param kernelHeight rows of a filter; 1 over sequences
/// @param kernelWidth columns of a filter
/// @param sliding stride, padding and dilation
/// @param bias whether there is a bias, initially zero
/// @param initializer where the weights come from
public record ConvolutionSettings(
        int kernelHeight, int kernelWidth, Sliding sliding, boolean bias, Initializer initializer) {

    /// In steps of 1 without padding or dilation, with a bias, from [Initializer#glorotUniform].
    static ConvolutionSettings of(int kernelHeight, int kernelWidth) {
        return new ConvolutionSettings(kernelHeight, kernelWidth, Sliding.stride(1), true, Initializer.glorotUniform());
    }

    ConvolutionSettings withSliding(Sliding other) {
        return new ConvolutionSettings(kernelHeight, kernelWidth, other, bias, initializer);
    }

    ConvolutionSettings withoutBias() {
        return new ConvolutionSettings(kernelHeight, kernelWidth, sliding, false, initializer);
    }

    ConvolutionSettings withInitializer(Initializer other) {
        return new ConvolutionSettings(kernelHeight, kernelWidth, sliding, bias, other);
    }

    /// For filters of one pixel, which do not slide.
    ConvolutionSettings pointwise() {
        return new ConvolutionSettings(1, 1, Sliding.stride(1), bias, initializer);
    }

    void check(String layer, int filters, int groups) {
        Require.positive(layer + ": filters", filters);
        Require.positive(layer + ": kernel height", kernelHeight);
        Require.positive(layer + ": kernel width", kernelWidth);
        Require.positive(layer + ": groups", groups);
        boolean divides = filters % groups == 0;
        Require.that(divides, "%s: %s filters in %s groups, expected a multiple", layer, filters, groups);
    }

    static void channels(int channels, int groups) {
        Require.that(channels % groups == 0, "%s channels in %s groups, expected a multiple", channels, groups);
    }

    Parameter weight(RandomStream random, int... shape) {
        return Parameter.of(initializer.create(Shape.of(shape), random));
    }

    Optional<Parameter> bias(int filters) {
        return bias ? Optional.of(Init.zeros(filters)) : Optional.empty();
    }

    static Tensor plus(Tensor y, Optional<Parameter> bias) {
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }
}
