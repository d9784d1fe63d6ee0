package fathom.nn;

/// Turns random matrices into orthogonal ones.
final class Orthogonal {
    private Orthogonal() {}

    /// A matrix with orthonormal columns, or rows if those are fewer, from a Gaussian one,
    /// row-major.
    ///
    /// Gram and Schmidt's process with every projection done twice, in double precision. As the
    /// triangular factor's diagonal is positive, the result is spread evenly over all such
    /// matrices.
    static float[] of(float[] gaussian, int rows, int columns) {
        boolean wide = columns > rows;
        int count = wide ? rows : columns;
        int length = wide ? columns : rows;
        double[][] vectors = new double[count][length];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < length; j++) {
                vectors[i][j] = gaussian[wide ? i * columns + j : j * columns + i];
            }
        }
        for (int i = 0; i < count; i++) {
            double[] v = vectors[i];
            for (int round = 0; round < 2; round++) {
                for (int k = 0; k < i; k++) {
                    subtract(v, dot(v, vectors[k]), vectors[k]);
                }
            }
            double norm = Math.sqrt(dot(v, v));
            for (int j = 0; j < length; j++) {
                v[j] /= norm;
            }
        }
        float[] result = new float[gaussian.length];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < length; j++) {
                result[wide ? i * columns + j : j * columns + i] = (float) vectors[i][j];
            }
        }
        return result;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void subtract(double[] a, double factor, double[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i] -= factor * b[i];
        }
    }
}
