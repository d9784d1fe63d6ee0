package fathom.backend.reference;

import fathom.ir.Window;
import fathom.tensor.Shape;
import java.util.Arrays;

/// Pooling and its adjoints. x is the image, y the pooled one.
final class Pooling {
    private Pooling() {}

    @FunctionalInterface
    private interface Pair {
        /// Visits an element of the image and an element of the pooled image.
        void visit(int x, int y);
    }

    static void maxPool(Window window, Array x, Array y) {
        int[] greatest = greatest(window, x, y.shape());
        for (int i = 0; i < y.size(); i++) {
            y.set(i, greatest[i] < 0 ? Double.NEGATIVE_INFINITY : x.get(greatest[i]));
        }
    }

    static void maxPoolScatter(Window window, Array x, Array v, Array out) {
        int[] greatest = greatest(window, x, v.shape());
        Totals sums = new Totals(out);
        for (int i = 0; i < v.size(); i++) {
            if (greatest[i] >= 0) {
                sums.add(greatest[i], v.get(i));
            }
        }
        sums.store();
    }

    static void maxPoolGather(Window window, Array x, Array v, Array out) {
        int[] greatest = greatest(window, x, out.shape());
        for (int i = 0; i < out.size(); i++) {
            out.set(i, greatest[i] < 0 ? 0 : v.get(greatest[i]));
        }
    }

    static void sumPool(Window window, Array x, Array y) {
        Totals sums = new Totals(y);
        forEach(window, x.shape(), y.shape(), (xi, yi) -> sums.add(yi, x.get(xi)));
        sums.store();
    }

    static void sumPoolScatter(Window window, Array y, Array x) {
        Totals sums = new Totals(x);
        forEach(window, x.shape(), y.shape(), (xi, yi) -> sums.add(xi, y.get(yi)));
        sums.store();
    }

    /// For each element of the result where the first greatest element under its window is, NaN
    /// counting as greatest; -1 if the window lies wholly on the padding.
    private static int[] greatest(Window window, Array x, Shape y) {
        int[] greatest = new int[y.size()];
        Arrays.fill(greatest, -1);
        forEach(window, x.shape(), y, (xi, yi) -> {
            if (greatest[yi] < 0 || exceeds(x.get(xi), x.get(greatest[yi]))) {
                greatest[yi] = xi;
            }
        });
        return greatest;
    }

    private static boolean exceeds(double a, double b) {
        return a > b || Double.isNaN(a) && !Double.isNaN(b);
    }

    private static void forEach(Window window, Shape x, Shape y, Pair pair) {
        int channels = x.dim(3);
        Windows.forEach(window, x, y, (pixel, tap, output) -> {
            for (int c = 0; c < channels; c++) {
                pair.visit(pixel * channels + c, output * channels + c);
            }
        });
    }
}
