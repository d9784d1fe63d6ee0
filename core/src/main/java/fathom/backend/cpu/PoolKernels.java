package fathom.backend.cpu;

import fathom.ir.Window;
import fathom.tensor.Shape;

/// Pooling of any geometry: padding, overlapping windows, dilation. Plain loops, image by image;
/// the common cases have fast loops in [PoolLoops].
///
/// @param window the window
/// @param images images in the batch
/// @param height rows of the image
/// @param width columns of the image
/// @param channels channels of both
/// @param pooledHeight rows of windows
/// @param pooledWidth columns of windows
record PoolKernels(Window window, int images, int height, int width, int channels, int pooledHeight, int pooledWidth) {

    static PoolKernels of(Window w, Shape image, Shape pooled) {
        int[] d = image.dims();
        return new PoolKernels(w, d[0], d[1], d[2], d[3], pooled.dim(1), pooled.dim(2));
    }

    /// Called for one window and one channel.
    private interface Visit {
        void run(int image, int row, int column, int channel, int pooled);
    }

    private void each(WorkerPool pool, Visit visit) {
        pool.parallel(images, (n, worker) -> {
            int at = n * pooledHeight * pooledWidth * channels;
            for (int i = 0; i < pooledHeight; i++) {
                for (int j = 0; j < pooledWidth; j++) {
                    for (int c = 0; c < channels; c++) {
                        visit.run(n, i, j, c, at++);
                    }
                }
            }
        });
    }

    /// Index of a tap in the image's array, or -1 if it is in the padding.
    private int tap(int image, int row, int column, int channel, int tap) {
        int y = row * window.strideHeight() - window.padTop() + tap / window.kernelWidth() * window.dilationHeight();
        int x = column * window.strideWidth() - window.padLeft() + tap % window.kernelWidth() * window.dilationWidth();
        return y < 0 || y >= height || x < 0 || x >= width
                ? -1
                : ((image * height + y) * width + x) * channels + channel;
    }

    private int taps() {
        return window.kernelHeight() * window.kernelWidth();
    }

    /// The index of the first greatest element under a window, or -1 if it is all padding.
    private int greatest(Object x, int image, int row, int column, int channel) {
        int best = -1;
        for (int t = 0; t < taps(); t++) {
            int at = tap(image, row, column, channel, t);
            if (at >= 0 && (best < 0 || !(get(x, at) <= get(x, best)) && !Double.isNaN(get(x, best)))) {
                best = at;
            }
        }
        return best;
    }

    /// The element of `v` where `x` is first greatest; `otherwise` under nothing but padding.
    void gather(WorkerPool pool, Object x, Object v, Object y, double otherwise) {
        each(pool, (n, i, j, c, out) -> {
            int best = greatest(x, n, i, j, c);
            set(y, out, best < 0 ? otherwise : get(v, best));
        });
    }

    /// Adds the elements of `v` where `x` is first greatest to zeros.
    void scatter(WorkerPool pool, Object x, Object v, Object dx) {
        Zeros.fill(dx, 0, images * height * width * channels);
        each(pool, (n, i, j, c, out) -> {
            int best = greatest(x, n, i, j, c);
            if (best >= 0) {
                set(dx, best, get(dx, best) + get(v, out));
            }
        });
    }

    /// The sum under each window.
    void sum(WorkerPool pool, Object x, Object y) {
        each(pool, (n, i, j, c, out) -> {
            double sum = 0;
            for (int t = 0; t < taps(); t++) {
                int at = tap(n, i, j, c, t);
                sum += at < 0 ? 0 : get(x, at);
            }
            set(y, out, sum);
        });
    }

    /// Adds the elements of `v` at every tap to zeros.
    void spread(WorkerPool pool, Object v, Object dx) {
        Zeros.fill(dx, 0, images * height * width * channels);
        each(pool, (n, i, j, c, out) -> {
            for (int t = 0; t < taps(); t++) {
                int at = tap(n, i, j, c, t);
                if (at >= 0) {
                    set(dx, at, get(dx, at) + get(v, out));
                }
            }
        });
    }

    private static double get(Object array, int i) {
        return array instanceof float[] f ? f[i] : ((double[]) array)[i];
    }

    private static void set(Object array, int i, double value) {
        if (array instanceof float[] f) {
            f[i] = (float) value;
        } else {
            ((double[]) array)[i] = value;
        }
    }
}
