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
        int stack = out.extent(0, rank - 2);
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
        double[] sums = new double[y.size()];
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums[yi] += x.get(xi) * w.get(wi));
        store(sums, y);
    }

    static void inputGradient(Window window, int groups, Array x, Array w, Array y) {
        double[] sums = new double[x.size()];
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums[xi] += y.get(yi) * w.get(wi));
        store(sums, x);
    }

    static void weightGradient(Window window, int groups, Array x, Array w, Array y) {
        double[] sums = new double[w.size()];
        forEach(window, groups, x.shape(), w.shape(), y.shape(), (xi, wi, yi) -> sums[wi] += x.get(xi) * y.get(yi));
        store(sums, w);
    }

    private static void forEach(Window window, int groups, Shape x, Shape w, Shape y, Tap tap) {
        int channels = w.dim(2);
        int filters = w.dim(3);
        Windows.forEach(window, x, y, (n, row, column, kernelRow, kernelColumn, outputRow, outputColumn) -> {
            int pixel = (n * x.dim(1) + row) * x.dim(2) + column;
            int output = (n * y.dim(1) + outputRow) * y.dim(2) + outputColumn;
            int weight = kernelRow * w.dim(1) + kernelColumn;
            for (int k = 0; k < filters; k++) {
                int group = k / (filters / groups);
                for (int c = 0; c < channels; c++) {
                    tap.visit(
                            pixel * x.dim(3) + group * channels + c,
                            (weight * channels + c) * filters + k,
                            output * filters + k);
                }
            }
        });
    }

    private static void store(double[] sums, Array to) {
        for (int i = 0; i < sums.length; i++) {
            to.set(i, sums[i]);
        }
    }
}
