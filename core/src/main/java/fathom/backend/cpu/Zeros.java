package fathom.backend.cpu;

import fathom.tensor.DType;

/// Shared arrays of zeros: where a tile that does not accumulate starts from, and what padding is
/// copied from. Never written.
final class Zeros {
    /// Elements in each array.
    static final int LENGTH = 4096;

    static final float[] FLOATS = new float[LENGTH];
    static final double[] DOUBLES = new double[LENGTH];

    private Zeros() {}

    /// Clears `length` elements of an array of F32 or F64 from index `from` on.
    static void fill(DType dtype, Object array, int from, int length) {
        Object zeros = dtype == DType.F32 ? FLOATS : DOUBLES;
        for (int done = 0; done < length; done += LENGTH) {
            System.arraycopy(zeros, 0, array, from + done, Math.min(LENGTH, length - done));
        }
    }
}
