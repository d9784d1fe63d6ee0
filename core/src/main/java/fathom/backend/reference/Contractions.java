package fathom.backend.reference;

import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.Shape;

/// The matrix product and convolution. Sums are formed in double precision and rounded once.
final class Contractions {
    private Contractions() {}

    static void matMul(Op.MatMul product, Array out, Array left, Array right) {
        int rank = out.shape().rank();
        int rows = out.shape().dim(-2);
        int columns = out.shape().dim(-1);
        int inner = left.shape().dim(product.transposeLeft() ? -2 : -1);
        int stack = out.shape().size(0, rank - 2);
        for (int s = 0; s < stack; s++) {
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    double sum = 0;
                    for (int k = 0; k < inner; k++) {
                        int a = product.transposeLeft() ? k * rows + i : i * inner + k;
                        int b = product.transposeRight() ? j * inner + k : k * columns + j;
                        sum += left.get(s * rows * inner + a) * right.get(s * inner * columns + b);
                    }
                    out.set((s * rows + i) * columns + j, sum);
                }
            }
        }
    }

    @FunctionalInterface
    private interface Tap {
        /// Visits one product of a convolution: positions in x, in the weights and in the result.
        void visit(int x, int w, int y);
    }

    static void convolution(Window window, int groups, Array x, Array w, Array y) {
        Totals sums = new Totals(y);
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums.add(yi, x.get(xi) * w.get(wi)));
        sums.store();
    }

    static void inputGradient(Window window, int groups, Array x, Array w, Array y) {
        Totals sums = new Totals(x);
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums.add(xi, y.get(yi) * w.get(wi)));
        sums.store();
    }

    static void weightGradient(Window window, int groups, Array x, Array w, Array y) {
        Totals sums = new Totals(w);
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums.add(wi, x.get(xi) * y.get(yi)));
        sums.store();
    }

    private static void forEach(Window window, int groups, Shape x, Shape w, Shape y, Tap tap) {
        int channels = w.dim(2);
        int filters = w.dim(3);
        Windows.forEach(window, x, y, (pixel, weight, output) -> {
            for (int k = 0; k < filters; k++) {
                int first = pixel * x.dim(3) + k / (filters / groups) * channels;
                for (int c = 0; c < channels; c++) {
                    tap.visit(first + c, (weight * channels + c) * filters + k, output * filters + k);
                }
            }
        });
    }
}
