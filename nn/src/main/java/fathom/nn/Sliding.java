package fathom.nn;

import fathom.ir.Require;
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
        Window.atLeast1("stride", strideHeight, strideWidth);
        Window.atLeast1("dilation", dilationHeight, dilationWidth);
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

    /// The same along the width, and standing still along the height: that of a window of one row
    /// over images of one row.
    Sliding alongWidth() {
        Padding row = padding instanceof Padding.Explicit e ? e.alongWidth() : padding;
        return new Sliding(1, strideWidth, row, 1, dilationWidth);
    }

    /// The window of a size over images of a size.
    public Window over(int kernelHeight, int kernelWidth, int height, int width) {
        Padding.Explicit around = switch (padding) {
            case Padding.Valid valid -> new Padding.Explicit(0, 0, 0, 0);
            case Padding.Same same -> {
                int rows = missing(height, kernelHeight, strideHeight, dilationHeight);
                int columns = missing(width, kernelWidth, strideWidth, dilationWidth);
                yield new Padding.Explicit(rows / 2, rows - rows / 2, columns / 2, columns - columns / 2);
            }
            case Padding.Explicit e -> e;
        };
        return new Window(
                kernelHeight,
                kernelWidth,
                strideHeight,
                strideWidth,
                around.top(),
                around.bottom(),
                around.left(),
                around.right(),
                dilationHeight,
                dilationWidth);
    }

    private static int missing(int size, int kernel, int stride, int dilation) {
        int results = Math.ceilDiv(size, stride);
        return Math.max(0, (results - 1) * stride + dilation * (kernel - 1) + 1 - size);
    }

    /// How many windows of so many images there are along the depth of a volume, along which this
    /// slides as along a width.
    int windows(int kernel, int size) {
        int windows = over(1, kernel, 1, size).outputWidth(size);
        String message = "volumes of depth %s are smaller than the window of %s%s, expected deeper volumes, a smaller"
                + " window or padding";
        String dilation = dilationWidth > 1 ? " with dilation " + dilationWidth : "";
        Require.that(windows >= 1, message, size, kernel, dilation);
        return windows;
    }

    /// The shape `[OH, OW, channels]` of what the window makes of an image `[H, W, C]`.
    Shape output(Shape image, int kernelHeight, int kernelWidth, int channels) {
        Check.sample(image, 3, "images [H, W, C]");
        Window window = over(kernelHeight, kernelWidth, image.dim(0), image.dim(1));
        int height = window.outputHeight(image.dim(0));
        int width = window.outputWidth(image.dim(1));
        boolean dilated = dilationHeight * dilationWidth > 1;
        String message = "images of shape %s are smaller than the window of %sx%s%s, expected larger images, a smaller"
                + " window or padding";
        String dilation = dilated ? " with dilation " + dilationHeight + "x" + dilationWidth : "";
        Require.that(height >= 1 && width >= 1, message, image, kernelHeight, kernelWidth, dilation);
        return Shape.of(height, width, channels);
    }

    /// The shape `[OH, OW, channels]` of what the transposed convolution makes of an image `[H, W,
    /// C]`: the smallest image that the window makes `[H, W]` of, or with [Padding.Same] the one of
    /// `stride` times the size, with so many rows and columns more.
    Shape transposedOutput(
            Shape image, int kernelHeight, int kernelWidth, int moreRows, int moreColumns, int channels) {
        Check.sample(image, 3, "images [H, W, C]");
        boolean same = padding instanceof Padding.Same;
        // What it is over does not matter but to Padding.Same.
        Window window = over(kernelHeight, kernelWidth, 1, 1);
        int height = same ? image.dim(0) * strideHeight : window.inputHeight(image.dim(0));
        int width = same ? image.dim(1) * strideWidth : window.inputWidth(image.dim(1));
        boolean fits = image.dim(0) >= 1 && image.dim(1) >= 1 && height >= 1 && width >= 1;
        String message = "images of shape %s give results of %sx%s, expected larger images or less padding";
        Require.that(fits, message, image, height, width);
        return Shape.of(height + moreRows, width + moreColumns, channels);
    }

    /// That a transposed convolution's output padding leaves the size of what it is made of.
    void checkOutputPadding(String layer, int height, int width) {
        boolean fits = height >= 0 && width >= 0 && height < strideHeight && width < strideWidth;
        String message = "%s: outputPadding %sx%s, expected 0 to less than the stride %sx%s";
        Require.that(fits, message, layer, height, width, strideHeight, strideWidth);
        boolean free = height + width == 0 || !(padding instanceof Padding.Same);
        Require.that(free, "%s: outputPadding %sx%s with same padding, expected none", layer, height, width);
    }
}
