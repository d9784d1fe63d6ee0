package fathom.nn;

import java.util.function.UnaryOperator;

/// What the blueprints of all convolutions can be told.
///
/// @param <B> the blueprint itself
sealed interface ConvolutionBlueprint<B> extends Layer
        permits ConvolutionBlueprint.OfImages,
                ConvolutionBlueprint.OfVolumes,
                Conv1d.Blueprint,
                ConvTranspose1d.Blueprint {
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

    /// Those over volumes, which slide along the depth as others do along a width.
    ///
    /// @param <B> the blueprint itself
    sealed interface OfVolumes<B> extends ConvolutionBlueprint<B> permits Conv3d.Blueprint, ConvTranspose3d.Blueprint {
        Sliding depth();

        /// With windows that move otherwise along the depth and over the images.
        B with(Sliding depth, Sliding images);

        default B stride(int depth, int height, int width) {
            return with(depth().withStride(1, depth), settings().sliding().withStride(height, width));
        }

        /// With other padding along the depth, whose left and right are front and back, and around
        /// the images.
        default B padding(Padding depth, Padding images) {
            return with(depth().withPadding(depth), settings().sliding().withPadding(images));
        }

        default B dilation(int depth, int height, int width) {
            return with(depth().withDilation(1, depth), settings().sliding().withDilation(height, width));
        }

        /// What is along the width is along the depth as well.
        @Override
        default B slide(UnaryOperator<Sliding> change) {
            return with(change.apply(depth()), change.apply(settings().sliding()));
        }
    }
}
