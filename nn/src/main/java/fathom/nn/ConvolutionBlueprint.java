package fathom.nn;

import java.util.function.UnaryOperator;

/// What the blueprints of all convolutions can be told.
///
/// @param <B> the blueprint itself
sealed interface ConvolutionBlueprint<B> extends Layer
        permits ConvolutionBlueprint.OfImages, Conv1d.Blueprint, Conv3d.Blueprint, ConvTranspose1d.Blueprint {
    ConvolutionSettings settings();

    /// With other settings.
    B with(ConvolutionSettings other);

    /// With windows that move otherwise.
    default B slide(UnaryOperator<Sliding> change) {
        return with(settings().withSliding(change.apply(settings().sliding())));
    }

    /// With the same stride along all axes.
    default B stride(int stride) {
        return slide(s -> s.withStride(stride, stride));
    }

    /// With other padding.
    default B padding(Padding padding) {
        return slide(s -> s.withPadding(padding));
    }

    /// With the same distance between taps along all axes.
    default B dilation(int dilation) {
        return slide(s -> s.withDilation(dilation, dilation));
    }

    default B withoutBias() {
        return with(settings().withoutBias());
    }

    default B initializer(Initializer other) {
        return with(settings().withInitializer(other));
    }

    /// Those over images, whose axes may differ.
    ///
    /// @param <B> the blueprint itself
    sealed interface OfImages<B> extends ConvolutionBlueprint<B>
            permits Conv2d.Blueprint, ConvTranspose2d.Blueprint, DepthwiseConv2d, SeparableConv2d.Blueprint {
        default B stride(int height, int width) {
            return slide(s -> s.withStride(height, width));
        }

        default B dilation(int height, int width) {
            return slide(s -> s.withDilation(height, width));
        }
    }
}
