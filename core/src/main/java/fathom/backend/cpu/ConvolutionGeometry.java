package fathom.backend.cpu;

import fathom.ir.Window;

/// The sizes of a convolution: x `[images, height, width, channels]`, w `[KH, KW, channels /
/// groups, filters]`, y `[images, outputHeight, outputWidth, filters]`, all row-major without gaps.
///
/// @param images images in the batch
/// @param height rows of the input
/// @param width columns of the input
/// @param channels channels of the input
/// @param filters channels of the output
/// @param groups runs of channels that are convolved separately; divides `channels` and `filters`
/// @param window the window's geometry
record ConvolutionGeometry(int images, int height, int width, int channels, int filters, int groups, Window window) {

    int outputHeight() {
        return window.outputHeight(height);
    }

    int outputWidth() {
        return window.outputWidth(width);
    }

    /// Windows in one image.
    int windowsPerImage() {
        return outputHeight() * outputWidth();
    }

    /// Windows in all images: rows of y as a matrix.
    int windows() {
        return images * windowsPerImage();
    }

    /// Pixels of the input: rows of x as a matrix.
    int pixels() {
        return images * height * width;
    }

    int groupChannels() {
        return channels / groups;
    }

    int groupFilters() {
        return filters / groups;
    }

    /// Taps of the window.
    int taps() {
        return window.kernelHeight() * window.kernelWidth();
    }

    /// Rows of w as a matrix: elements of a group under the window.
    int depth() {
        return taps() * groupChannels();
    }

    /// The input row under the window's row `tap` in output row `row`; may lie outside the image.
    int inputRow(int row, int tap) {
        return row * window.strideHeight() - window.padTop() + tap * window.dilationHeight();
    }

    /// The input column under the window's column `tap` in output column `column`.
    int inputColumn(int column, int tap) {
        return column * window.strideWidth() - window.padLeft() + tap * window.dilationWidth();
    }

    /// Whether some windows reach over the image's edge.
    boolean isPadded() {
        return window.padTop() + window.padBottom() + window.padLeft() + window.padRight() > 0;
    }
}
