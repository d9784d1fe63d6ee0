package fathom.io.onnx.operators;

import java.util.function.DoubleUnaryOperator;

/// Which elements of an axis those of a resized one are made of, and how much of each.
///
/// @param indices for each tap the old element of each new one
/// @param weights for each tap how much of it is taken
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor given out.
record ResizeTaps(int[][] indices, double[][] weights) {

    /// The nearest element; the rule says which of two.
    static ResizeTaps nearest(ResizeCoordinates places, String rule) {
        int[] indices = new int[places.resized()];
        double[] weights = new double[indices.length];
        for (int i = 0; i < indices.length; i++) {
            // Rounded to F32, so that what is meant to be in the middle of two elements is so.
            double p = (float) places.place(i);
            double near = switch (rule) {
                case "round_prefer_floor" -> Math.ceil(p - 0.5);
                case "round_prefer_ceil" -> Math.floor(p + 0.5);
                case "floor" -> Math.floor(p);
                case "ceil" -> Math.ceil(p);
                default ->
                    throw new IllegalArgumentException("nearest_mode '" + rule
                            + "', expected round_prefer_floor, round_prefer_ceil, floor or ceil");
            };
            indices[i] = Math.clamp((long) near, 0, Math.max(0, places.size() - 1));
            weights[i] = 1;
        }
        return new ResizeTaps(new int[][] {indices}, new double[][] {weights});
    }

    /// Between the two nearest; the more of them, if wanted, the smaller the image becomes.
    static ResizeTaps linear(ResizeCoordinates places, boolean smooth, boolean exclude) {
        return kernel(places, 1, d -> Math.max(0, 1 - d), smooth, exclude);
    }

    /// By cubic convolution over the four nearest (Keys: *Cubic convolution interpolation for digital
    /// image processing*, 1981).
    ///
    /// @param a the slope of the kernel at 1
    static ResizeTaps cubic(ResizeCoordinates places, double a, boolean smooth, boolean exclude) {
        return kernel(places, 2, d -> keys(d, a), smooth, exclude);
    }

    private static double keys(double d, double a) {
        if (d <= 1) {
            return ((a + 2) * d - (a + 3)) * d * d + 1;
        }
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    }

    /// @param reach how far the kernel goes to each side
    /// @param smooth whether it is stretched where the image becomes smaller
    /// @param exclude whether elements outside count nothing, and not as those on the border
    private static ResizeTaps kernel(
            ResizeCoordinates places, int reach, DoubleUnaryOperator kernel, boolean smooth, boolean exclude) {
        double narrow = smooth ? Math.min(1, places.scale()) : 1;
        int first = (int) Math.floor(-reach / narrow) + 1;
        int count = 2 - 2 * first;
        int n = places.resized();
        int[][] indices = new int[count][n];
        double[][] weights = new double[count][n];
        for (int i = 0; i < n; i++) {
            double p = places.place(i);
            long below = (long) Math.floor(p);
            double sum = 0;
            for (int k = 0; k < count; k++) {
                long at = below + first + k;
                double weight = kernel.applyAsDouble(Math.abs(at - p) * narrow);
                boolean outside = at < 0 || at >= places.size();
                weights[k][i] = exclude && outside ? 0 : weight;
                indices[k][i] = Math.clamp(at, 0, Math.max(0, places.size() - 1));
                sum += weights[k][i];
            }
            for (int k = 0; k < count; k++) {
                weights[k][i] /= sum == 0 ? 1 : sum;
            }
        }
        return new ResizeTaps(indices, weights);
    }

    int count() {
        return indices.length;
    }

    /// The same as a matrix with a row for each old element, row by row.
    double[] matrix(int size) {
        int n = indices[0].length;
        double[] all = new double[Math.multiplyExact(size, n)];
        for (int k = 0; k < count(); k++) {
            for (int i = 0; i < n; i++) {
                all[indices[k][i] * n + i] += weights[k][i];
            }
        }
        return all;
    }
}
