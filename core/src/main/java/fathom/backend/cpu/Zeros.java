package fathom.backend.cpu;

import java.util.Arrays;

/// Shared arrays of zeros: where a tile that does not accumulate starts from, and what padding is
/// copied from. Never written.
final class Zeros {
    /// Elements in each array.
    static final int LENGTH = 4096;

    static final float[] FLOATS = new float[LENGTH];
    static final double[] DOUBLES = new double[LENGTH];

    private Zeros() {}

    /// Clears `length` elements of an array of numbers from index `from` on.
    static void fill(Object array, int from, int length) {
        if (length == 0) {
            return;
        }
        switch (array) {
            case float[] a -> Arrays.fill(a, from, from + length, 0);
            case double[] a -> Arrays.fill(a, from, from + length, 0);
            case int[] a -> Arrays.fill(a, from, from + length, 0);
            case long[] a -> Arrays.fill(a, from, from + length, 0);
            case byte[] a -> Arrays.fill(a, from, from + length, (byte) 0);
            default -> throw new IllegalStateException(array.getClass().getName());
        }
    }
}
