package fathom.ir;

/// The geometry of a two-dimensional sliding window, shared by convolution and pooling.
///
/// Padding may differ before and after. The output size along an axis of size `n` is `floor((n +
/// before + after - dilation * (kernel - 1) - 1) / stride) + 1`.
///
/// @param kernelHeight rows of the window, at least 1
/// @param kernelWidth columns of the window, at least 1
/// @param strideHeight rows between windows, at least 1
/// @param strideWidth columns between windows, at least 1
/// @param padTop rows added above
/// @param padBottom rows added below
/// @param padLeft columns added on the left
/// @param padRight columns added on the right
/// @param dilationHeight rows between the window's taps, at least 1
/// @param dilationWidth columns between the window's taps, at least 1
public record Window(
        int kernelHeight,
        int kernelWidth,
        int strideHeight,
        int strideWidth,
        int padTop,
        int padBottom,
        int padLeft,
        int padRight,
        int dilationHeight,
        int dilationWidth) {

    public Window {
        atLeast1("window: kernel", kernelHeight, kernelWidth);
        atLeast1("window: stride", strideHeight, strideWidth);
        atLeast1("window: dilation", dilationHeight, dilationWidth);
        notNegative("window: padding", padTop, padBottom, padLeft, padRight);
    }

    /// That rows and columns are both at least 1.
    public static void atLeast1(String what, int height, int width) {
        Require.that(height >= 1 && width >= 1, "%s %sx%s, expected at least 1x1", what, height, width);
    }

    /// That no padding is negative.
    public static void notNegative(String what, int top, int bottom, int left, int right) {
        boolean fits = top >= 0 && bottom >= 0 && left >= 0 && right >= 0;
        Require.that(fits, "%s %s/%s/%s/%s, expected none below 0", what, top, bottom, left, right);
    }

    /// A window with the same stride, padding and dilation on both axes.
    public static Window of(int kernelHeight, int kernelWidth, int stride, int pad, int dilation) {
        return new Window(kernelHeight, kernelWidth, stride, stride, pad, pad, pad, pad, dilation, dilation);
    }

    /// The same with height and width exchanged.
    public Window turned() {
        return new Window(
                kernelWidth,
                kernelHeight,
                strideWidth,
                strideHeight,
                padLeft,
                padRight,
                padTop,
                padBottom,
                dilationWidth,
                dilationHeight);
    }

    /// Rows of the output over an input of `height` rows; 0 or less if the window does not fit.
    public int outputHeight(int height) {
        return output(height, padTop + padBottom, kernelHeight, strideHeight, dilationHeight);
    }

    /// Columns of the output over an input of `width` columns; 0 or less if it does not fit.
    public int outputWidth(int width) {
        return output(width, padLeft + padRight, kernelWidth, strideWidth, dilationWidth);
    }

    /// Rows of the smallest input that gives an output of `height` rows.
    public int inputHeight(int height) {
        return input(height, padTop + padBottom, kernelHeight, strideHeight, dilationHeight);
    }

    /// Columns of the smallest input that gives an output of `width` columns.
    public int inputWidth(int width) {
        return input(width, padLeft + padRight, kernelWidth, strideWidth, dilationWidth);
    }

    private static int input(int size, int pad, int kernel, int stride, int dilation) {
        return (size - 1) * stride - pad + dilation * (kernel - 1) + 1;
    }

    private static int output(int size, int pad, int kernel, int stride, int dilation) {
        return Math.floorDiv(size + pad - dilation * (kernel - 1) - 1, stride) + 1;
    }

    /// Whether there is no padding on any side.
    public boolean isUnpadded() {
        return padTop + padBottom + padLeft + padRight == 0;
    }
}
