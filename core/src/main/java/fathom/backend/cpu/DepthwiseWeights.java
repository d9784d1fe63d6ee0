package fathom.backend.cpu;

import fathom.tensor.DType;

/// The weights of a depthwise convolution, each tap's repeated beyond the last channel, so that from
/// any channel on there is a run of them as long as a kernel is wide.
///
/// @param array the weights
/// @param step elements from tap to tap
record DepthwiseWeights(Object array, int step) {
    private record Form(int taps, int channels, int step) {}

    static DepthwiseWeights of(ConvolutionGeometry g, Operand w, int width, DType dtype, Scratch shared) {
        int step = g.channels() + width;
        Form form = new Form(g.taps(), g.channels(), step);
        Object array = w.form(form, dtype, g.taps() * step, shared, to -> {
            for (int tap = 0; tap < g.taps(); tap++) {
                for (int at = 0; at < step; at += g.channels()) {
                    int count = Math.min(g.channels(), step - at);
                    System.arraycopy(w.array(), tap * g.channels(), to, tap * step + at, count);
                }
            }
        });
        return new DepthwiseWeights(array, step);
    }

    /// Writes a run of pixels, `columns` elements, whose sums are of elements of rows times weights.
    ///
    /// @param rows the rows from the first pixel on
    /// @param taps where the tap that goes with each row begins
    void sums(
            DepthwiseKernels kernels,
            DepthwiseKernels.Rows rows,
            int[] taps,
            int count,
            Object to,
            int at,
            int columns) {
        int channels = step - kernels.width();
        for (int from = 0; from < columns; from += kernels.width()) {
            var weights = new DepthwiseKernels.Rows(array, taps, from % channels);
            int width = Math.min(kernels.width(), columns - from);
            kernels.sums(rows.shifted(from), weights, count, to, at + from, width, false);
        }
    }
}
