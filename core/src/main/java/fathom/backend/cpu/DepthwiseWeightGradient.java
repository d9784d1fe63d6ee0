package fathom.backend.cpu;

import fathom.ir.Window;

/// One call of [Convolution#weightGradient] in which each channel is convolved by itself: for each
/// tap, rows of x times rows of dy, element by element, added up over all pixels.
///
/// A row is added in stretches of whole pixels that are whole vectors too, whatever their width, so
/// each element of a stretch is a chain of its own; those of a channel are added in order at the end.
/// Rows are divided into ranges whose number follows from the geometry alone.
record DepthwiseWeightGradient(WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
    /// Elements of the widest vector.
    private static final int WIDEST = 16;

    private static final int MOST_RANGES = 16;

    /// Rows in a range, if there are few.
    private static final int ROWS = 8;

    void run(Scratch shared) {
        int rows = g.images() * g.outputHeight();
        int ranges = Math.clamp(rows / ROWS, 1, MOST_RANGES);
        int stretch = stretch();
        int size = g.taps() * stretch;
        Object sums = shared.array(tiles.dtype(), Scratch.Use.PARTIAL_SUMS, ranges * size);
        pool.parallel(ranges, (range, worker) -> {
            Zeros.fill(sums, range * size, size);
            int from = (int) ((long) rows * range / ranges);
            int to = (int) ((long) rows * (range + 1) / ranges);
            range(from, to, stretch, sums, range * size, pool.scratch(worker));
        });
        Zeros.fill(dw, 0, g.taps() * g.channels());
        for (int range = 0; range < ranges; range++) {
            for (int tap = 0; tap < g.taps(); tap++) {
                for (int at = 0; at < stretch; at += g.channels()) {
                    int count = Math.min(g.channels(), stretch - at);
                    int from = range * size + tap * stretch + at;
                    tiles.panelKernel().add(sums, from, count, dw, tap * g.channels());
                }
            }
        }
    }

    /// A whole number of pixels and of the widest vectors, or all of a row.
    private int stretch() {
        int common = g.channels() * WIDEST / Math.min(WIDEST, Integer.lowestOneBit(g.channels()));
        return Math.min(common, g.outputWidth() * g.channels());
    }

    private void range(int from, int to, int stretch, Object sums, int at, Scratch scratch) {
        Window window = g.window();
        PaddedRows.Layout layout = DepthwiseForward.layout(g, g.outputWidth());
        int span = (window.kernelHeight() - 1) * window.dilationHeight() + 1;
        PaddedRows source = new PaddedRows(layout, x, span, tiles.dtype(), scratch);
        int columns = g.outputWidth() * g.channels();
        int[] stretches = scratch.offsets(Scratch.Offsets.ELEMENTS, columns / stretch + 1);
        for (int i = 0; i <= columns / stretch; i++) {
            stretches[i] = i * stretch;
        }
        for (int row = from; row < to; row++) {
            for (int tap = 0; tap < window.kernelHeight(); tap++) {
                int under = g.inputRow(row % g.outputHeight(), tap);
                if (under < 0 || under >= g.height()) {
                    continue;
                }
                int start = source.locate(row / g.outputHeight() * g.height() + under);
                for (int k = 0; k < window.kernelWidth(); k++) {
                    int shift = start + layout.at(k * window.dilationWidth());
                    var pixels = new DepthwiseKernels.Rows(source.array(), stretches, shift);
                    var gradients = new DepthwiseKernels.Rows(dy, stretches, row * columns);
                    add(pixels, gradients, columns, stretch, sums, at + (tap * window.kernelWidth() + k) * stretch);
                }
            }
        }
    }

    private void add(
            DepthwiseKernels.Rows pixels,
            DepthwiseKernels.Rows gradients,
            int columns,
            int stretch,
            Object sums,
            int at) {
        DepthwiseKernels kernels = tiles.depthwise();
        int whole = columns / stretch * stretch;
        kernels.sums(pixels, gradients, columns / stretch, sums, at, stretch, true);
        kernels.sums(pixels.shifted(whole), gradients.shifted(whole), 1, sums, at, columns - whole, true);
    }
}
