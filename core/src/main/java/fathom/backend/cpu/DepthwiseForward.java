package fathom.backend.cpu;

import fathom.ir.Window;
import org.jspecify.annotations.Nullable;

/// One call of [Convolution#forward] in which each channel is convolved by itself. Then there is no
/// product of matrices; a row of y is a sum of rows of x, each times the weights of a tap. Each
/// element is one chain of fused multiply-adds in the order of the taps that lie over the image's
/// rows, whether [Slides] compute it or, where these are not compiled or do not fit, [DepthwiseKernels].
record DepthwiseForward(
        WorkerPool pool,
        Tiles tiles,
        ConvolutionGeometry g,
        Object x,
        Operand w,
        Object y,
        @Nullable Epilogue epilogue) {
    /// Whether each channel is by itself.
    static boolean fits(ConvolutionGeometry g) {
        return g.groups() > 1 && g.groupChannels() == 1 && g.groupFilters() == 1;
    }

    /// The rows of x as the taps need them.
    static PaddedRows.Layout layout(ConvolutionGeometry g, int pixels) {
        Window window = g.window();
        int last = (window.kernelWidth() - 1) * window.dilationWidth();
        int perPhase = pixels + last / window.strideWidth();
        return new PaddedRows.Layout(g.channels(), g.width(), window.padLeft(), window.strideWidth(), perPhase);
    }

    void run(Scratch shared) {
        DepthwiseKernels kernels = tiles.depthwise();
        DepthwiseWeights weights = DepthwiseWeights.of(g, w, kernels.width(), tiles.dtype(), shared);
        int rows = g.images() * g.outputHeight();
        int step = Math.ceilDiv(rows, 4 * pool.threads());
        // Not in registers: each costs as much as some of a product.
        long work = (long) g.windows() * g.taps() * g.channels() * 4;
        pool.parallel(work, Math.ceilDiv(rows, step), (task, worker) -> {
            int end = Math.min(rows, (task + 1) * step);
            rows(kernels, weights, task * step, end, worker);
        });
    }

    private void rows(DepthwiseKernels kernels, DepthwiseWeights weights, int from, int to, int worker) {
        Window window = g.window();
        Scratch scratch = pool.scratch(worker);
        PaddedRows.Layout layout = layout(g, g.outputWidth());
        int span = (window.kernelHeight() - 1) * window.dilationHeight() + 1;
        PaddedRows source = new PaddedRows(layout, x, span, tiles.dtype(), scratch);
        int[] pixels = scratch.offsets(Scratch.Offsets.LEFT_ROWS, g.taps());
        int[] taps = scratch.offsets(Scratch.Offsets.ELEMENTS, g.taps());
        int columns = g.outputWidth() * g.channels();
        Slides.Row slides = tiles.slides().row(g, layout);
        int together = slides == null ? 1 : window.kernelWidth();
        for (int row = from; row < to; row++) {
            int image = row / g.outputHeight();
            int count = 0;
            for (int tap = 0; tap < window.kernelHeight(); tap++) {
                int under = g.inputRow(row % g.outputHeight(), tap);
                if (under < 0 || under >= g.height()) {
                    continue;
                }
                int at = source.locate(image * g.height() + under);
                for (int k = 0; k < window.kernelWidth(); k += together) {
                    pixels[count] = at + layout.at(k * window.dilationWidth());
                    taps[count++] = (tap * window.kernelWidth() + k) * weights.step();
                }
            }
            if (slides == null) {
                var under = new DepthwiseKernels.Rows(source.array(), pixels, 0);
                weights.sums(kernels, under, taps, count, y, row * columns, columns);
            } else {
                slides.run(source.array(), pixels, weights, taps, count, y, row * columns);
            }
            if (epilogue != null) {
                epilogue.apply(worker, row * g.outputWidth(), (row + 1) * g.outputWidth(), 0, g.channels());
            }
        }
    }
}
