package fathom.nn;

import fathom.ir.Window;
import fathom.tensor.Shape;

/// How a window moves over an image: steps, padding, and the distance between its taps. Unlike a
/// [Window] it does not know its size yet, nor that of the image.
///
/// @param strideHeight rows between windows
/// @param strideWidth columns between windows
/// @param padding what is added around the image
/// @param dilationHeight rows between taps
/// @param dilationWidth columns between taps
public record Sliding(int strideHeight, int strideWidth, Padding padding, int dilationHeight, int dilationWidth) {
    public Sliding {
        if (strideHeight < 1 || strideWidth < 1) {
            throw new IllegalArgumentException(
                    "stride " + strideHeight + "x" + strideWidth + ", expected at least 1x1");
        }
        if (dilationHeight < 1 || dilationWidth < 1) {
            throw new IllegalArgumentException(
                    "dilation " + dilationHeight + "x" + dilationWidth + ", expected at least 1x1");
        }
    }

    /// In steps of the given size, without padding or dilation.
    public static Sliding stride(int stride) {
        return stride(stride, stride);
    }

    /// In steps of the given size, without padding or dilation.
    public static Sliding stride(int height, int width) {
        return new Sliding(height, width, Padding.valid(), 1, 1);
    }

    /// With other steps.
    public Sliding withStride(int height, int width) {
        return new Sliding(height, width, padding, dilationHeight, dilationWidth);
    }

    /// With other padding.
    public Sliding withPadding(Padding other) {
        return new Sliding(strideHeight, strideWidth, other, dilationHeight, dilationWidth);
    }

    /// With other distances between the taps.
    public Sliding withDilation(int height, int width) {
        return new Sliding(strideHeight, strideWidth, padding, height, width);
    }

    /// The window of a size over images of a size.
    public Window over(int kernelHeight, int kernelWidth, int height, int width) {
        int top = 0;
        int bottom = 0;
        int left = 0;
        int right = 0;
        switch (padding) {
            case Padding.Valid valid -> {}
            case Padding.Same same -> {
                int rows = missing(height, kernelHeight, strideHeight, dilationHeight);
                int columns = missing(width, kernelWidth, strideWidth, dilationWidth);
                top = rows / 2;
                bottom = rows - top;
                left = columns / 2;
                right = columns - left;
            }
            case Padding.Explicit e -> {
                top = e.top();
                bottom = e.bottom();
                left = e.left();
                right = e.right();
            }
        }
        return new Window(
                kernelHeight,
                kernelWidth,
                strideHeight,
                strideWidth,
                top,
                bottom,
                left,
                right,
                dilationHeight,
                dilationWidth);
    }

    private static int missing(int size, int kernel, int stride, int dilation) {
        int results = Math.ceilDiv(size, stride);
        return Math.max(0, (results - 1) * stride + dilation * (kernel - 1) + 1 - size);
    }

    /// The shape `[OH, OW, channels]` of what the window makes of an image `[H, W, C]`.
    Shape output(Shape image, int kernelHeight, int kernelWidth, int channels) {
        Check.sample(image, 3, "images [H, W, C]");
        Window window = over(kernelHeight, kernelWidth, image.dim(0), image.dim(1));
        int height = window.outputHeight(image.dim(0));
        int width = window.outputWidth(image.dim(1));
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("images of shape "
                    + image
                    + " are smaller than the window of "
                    + kernelHeight
                    + "x"
                    + kernelWidth
                    + (dilationHeight * dilationWidth > 1
                            ? " with dilation " + dilationHeight + "x" + dilationWidth
                            : "")
                    + ", expected larger images, a smaller window or padding");
        }
        return Shape.of(height, width, channels);
    }
}
