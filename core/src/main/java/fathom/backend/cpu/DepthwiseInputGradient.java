package fathom.backend.cpu;

import fathom.ir.Window;
import org.jspecify.annotations.Nullable;

/// One call of [Convolution#inputGradient] in which each channel is convolved by itself: a row of dx
/// is a sum of rows of dy, each times the weights of a tap. Where windows are `s` columns apart, a
/// column of dx sees every `s`-th tap only, and those that see the same taps are computed together.
record DepthwiseInputGradient(
        WorkerPool pool,
        Tiles tiles,
        ConvolutionGeometry g,
        Object dy,
        Operand w,
        Object dx,
        @Nullable Epilogue epilogue) {
    void run(Scratch shared) {
        DepthwiseKernels kernels = tiles.depthwise();
        DepthwiseWeights weights = DepthwiseWeights.of(g, w, kernels.width(), tiles.dtype(), shared);
        int rows = g.images() * g.height();
        int step = Math.ceilDiv(rows, 4 * pool.threads());
        pool.parallel(Math.ceilDiv(rows, step), (task, worker) -> {
            int end = Math.min(rows, (task + 1) * step);
            new Rows(kernels, weights, pool.scratch(worker)).compute(task * step, end, worker);
        });
    }

    /// The rows of dx of a task.
    private final class Rows {
        private final Window window = g.window();
        private final DepthwiseKernels kernels;
        private final DepthwiseWeights weights;
        private final PaddedRows.Layout layout;
        private final PaddedRows source;
        private final int before;
        private final int[] pixels;
        private final int[] taps;
        private final Object aside;

        Rows(DepthwiseKernels kernels, DepthwiseWeights weights, Scratch scratch) {
            this.kernels = kernels;
            this.weights = weights;
            before = (window.kernelWidth() - 1) * window.dilationWidth() / window.strideWidth();
            layout = new PaddedRows.Layout(g.channels(), g.outputWidth(), before, 1, before + perPhase());
            int span = (window.kernelHeight() - 1) * window.dilationHeight() / window.strideHeight() + 1;
            source = new PaddedRows(layout, dy, span, tiles.dtype(), scratch);
            pixels = scratch.offsets(Scratch.Offsets.LEFT_ROWS, g.taps());
            taps = scratch.offsets(Scratch.Offsets.ELEMENTS, g.taps());
            aside = scratch.array(tiles.dtype(), Scratch.Use.LEFT_ROWS, perPhase() * g.channels());
        }

        /// Pixels of a padded row of dx that see the same taps.
        private int perPhase() {
            return (g.width() - 1 + g.window().padLeft()) / g.window().strideWidth() + 1;
        }

        void compute(int from, int to, int worker) {
            for (int row = from; row < to; row++) {
                for (int phase = 0; phase < window.strideWidth(); phase++) {
                    phase(row, phase);
                }
                if (epilogue != null) {
                    epilogue.apply(worker, row * g.width(), (row + 1) * g.width(), 0, g.channels());
                }
            }
        }

        private void phase(int row, int phase) {
            int channels = g.channels();
            int count = locate(row, phase);
            int stride = window.strideWidth();
            if (stride == 1) {
                int shift = window.padLeft() * channels;
                int columns = g.width() * channels;
                var rows = new DepthwiseKernels.Rows(source.array(), pixels, shift);
                weights.sums(kernels, rows, taps, count, dx, row * columns, columns);
                return;
            }
            var rows = new DepthwiseKernels.Rows(source.array(), pixels, 0);
            weights.sums(kernels, rows, taps, count, aside, 0, perPhase() * channels);
            for (int i = 0; i < perPhase(); i++) {
                int column = phase + i * stride - window.padLeft();
                if (column >= 0 && column < g.width()) {
                    System.arraycopy(aside, i * channels, dx, (row * g.width() + column) * channels, channels);
                }
            }
        }

        /// Finds the rows of dy and the taps that a phase of a row of dx sees, and gives their number.
        private int locate(int row, int phase) {
            int image = row / g.height();
            int padded = row % g.height() + window.padTop();
            int count = 0;
            for (int tap = 0; tap < window.kernelHeight(); tap++) {
                int above = padded - tap * window.dilationHeight();
                int outputRow = above / window.strideHeight();
                if (above < 0 || above % window.strideHeight() != 0 || outputRow >= g.outputHeight()) {
                    continue;
                }
                int at = source.locate(image * g.outputHeight() + outputRow);
                for (int k = 0; k < window.kernelWidth(); k++) {
                    int ahead = k * window.dilationWidth();
                    if (ahead % window.strideWidth() == phase) {
                        pixels[count] = at + layout.at(before - ahead / window.strideWidth());
                        taps[count++] = (tap * window.kernelWidth() + k) * weights.step();
                    }
                }
            }
            return count;
        }
    }
}
