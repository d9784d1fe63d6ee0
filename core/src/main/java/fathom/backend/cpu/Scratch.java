package fathom.backend.cpu;

import fathom.tensor.DType;

/// Arrays that kernels reuse from call to call: each only ever grows, so that in steady state
/// nothing is allocated. One belongs to each worker and one to all of them together; what an array
/// holds is not kept between kernel calls.
final class Scratch {
    /// What an array is for: two uses at the same time need two of these.
    enum Use {
        RIGHT_PANELS,
        LEFT_BLOCK,
        LEFT_ROWS,
        IMAGE_BAND,
        EDGE_TILE,
        PARTIAL_SUMS,
        TRANSFORMED,
        PRODUCTS,
        POINT_SUMS,
        STRIP,
        TILE,
        ASIDE
    }

    /// Names for arrays of offsets.
    enum Offsets {
        LEFT_ROWS,
        RESULT_ROWS,
        LOW_ROWS,
        EDGE_ROWS,
        ELEMENTS
    }

    private final float[][] floats = new float[Use.values().length][0];
    private final double[][] doubles = new double[Use.values().length][0];
    private final int[][] offsets = new int[Offsets.values().length][0];
    private float seen;

    /// Takes what a kernel has read ahead, so that the reading has an effect.
    void saw(float sum) {
        seen = sum;
    }

    /// An array of at least the given number of elements, a `float[]` for F32 and a `double[]` for
    /// F64, with anything in it.
    Object array(DType dtype, Use use, int elements) {
        int slot = use.ordinal();
        if (dtype == DType.F32) {
            if (floats[slot].length < elements) {
                floats[slot] = new float[grown(floats[slot].length, elements)];
            }
            return floats[slot];
        }
        if (doubles[slot].length < elements) {
            doubles[slot] = new double[grown(doubles[slot].length, elements)];
        }
        return doubles[slot];
    }

    /// An array of at least the given number of ints, with anything in it.
    int[] offsets(Offsets use, int elements) {
        int slot = use.ordinal();
        if (offsets[slot].length < elements) {
            offsets[slot] = new int[grown(offsets[slot].length, elements)];
        }
        return offsets[slot];
    }

    private static int grown(int now, int needed) {
        return Math.max(needed, (int) Math.min(Integer.MAX_VALUE - 8L, now + (now >> 1)));
    }
}
