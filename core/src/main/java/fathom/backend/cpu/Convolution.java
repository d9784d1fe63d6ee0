package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// Two-dimensional convolution of channels-last images and its two gradients, F32 or F64, for any
/// stride, padding, dilation and number of groups.
///
/// Each is a matrix product whose large operand is never built: the register tiles read the images
/// where they are. The results have the same bits for any number of threads and any vector width.
/// Arrays are `float[]` or `double[]`, as the tiles were made for, and begin with the tensor's
/// first element; results overlap no operand.
///
/// @param minimalFiltering whether it may be used where it pays
record Convolution(WorkerPool pool, Tiles tiles, boolean minimalFiltering) {
    /// Whether [#forward] and [#inputGradient] go by minimal filtering.
    boolean filtersMinimally(ConvolutionGeometry g) {
        return minimalFiltering && Winograd.pays(tiles.dtype(), g);
    }

    /// Whether [#weightGradient] does.
    boolean filtersMinimallyForWeights(ConvolutionGeometry g) {
        return minimalFiltering && WinogradWeightGradient.pays(tiles.dtype(), g);
    }

    /// Computes y from x and w. The epilogue's rows are those of y as a matrix of `images *
    /// outputHeight * outputWidth` rows and `filters` columns.
    void forward(ConvolutionGeometry g, Object x, Operand w, Object y, @Nullable Epilogue epilogue) {
        pool.exclusively(shared -> {
            if (DepthwiseForward.fits(g)) {
                new DepthwiseForward(pool, tiles, g, x, w, y, epilogue).run(shared);
            } else if (filtersMinimally(g)) {
                new Winograd(pool, tiles, g, false, x, w, y, epilogue).run(shared);
            } else {
                new ConvolutionForward(pool, tiles, g, x, w, y, epilogue).run(shared);
            }
        });
    }

    /// Computes the gradient of x from that of y and w. The epilogue's rows are those of dx as a
    /// matrix of `images * height * width` rows and `channels` columns.
    void inputGradient(ConvolutionGeometry g, Object dy, Operand w, Object dx, @Nullable Epilogue epilogue) {
        pool.exclusively(shared -> {
            if (DepthwiseForward.fits(g)) {
                new DepthwiseInputGradient(pool, tiles, g, dy, w, dx, epilogue).run(shared);
            } else if (filtersMinimally(g)) {
                new Winograd(pool, tiles, g, true, dy, w, dx, epilogue).run(shared);
            } else {
                new ConvolutionInputGradient(pool, tiles, g, dy, w, dx, epilogue).run(shared);
            }
        });
    }

    /// Computes the gradient of w from x and the gradient of y.
    void weightGradient(ConvolutionGeometry g, Object x, Object dy, Object dw) {
        pool.exclusively(shared -> {
            if (DepthwiseForward.fits(g)) {
                new DepthwiseWeightGradient(pool, tiles, g, x, dy, dw).run(shared);
            } else if (filtersMinimallyForWeights(g)) {
                new WinogradWeightGradient(pool, tiles, g, x, dy, dw).run(shared);
            } else {
                new ConvolutionWeightGradient(pool, tiles, g, x, dy, dw).run(shared);
            }
        });
    }
}
