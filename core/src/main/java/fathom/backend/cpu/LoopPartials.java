package fathom.backend.cpu;

import fathom.ir.Buffer;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.Arrays;

/// Arrays of partial results of reductions.
final class LoopPartials {
    private LoopPartials() {}

    /// Writes the identity of a reduction into `count` elements of an array.
    static void fill(ReduceOp op, DType elements, Object array, int from, int count) {
        long bits = LoopIdentity.bits(op, elements, LoopType.of(elements));
        switch (array) {
            case float[] a -> Arrays.fill(a, from, from + count, Float.intBitsToFloat((int) bits));
            case double[] a -> Arrays.fill(a, from, from + count, Double.longBitsToDouble(bits));
            case int[] a -> Arrays.fill(a, from, from + count, (int) bits);
            case long[] a -> Arrays.fill(a, from, from + count, bits);
            case byte[] a -> Arrays.fill(a, from, from + count, (byte) bits);
            default ->
                throw new IllegalArgumentException(
                        "cannot reduce into " + array.getClass().getSimpleName());
        }
    }

    /// Combines the first `count` partial results in order and stores the outcome. F32 is computed
    /// in double precision and rounded at every step: that is the same.
    static void combine(ReduceOp op, Buffer partials, int count, Buffer to, int index) {
        if (partials.dtype().isFloating()) {
            double sum = partials.getDouble(0);
            for (int i = 1; i < count; i++) {
                double x = partials.getDouble(i);
                double exact = switch (op) {
                    case SUM -> sum + x;
                    case PRODUCT -> sum * x;
                    case MAX -> Math.max(sum, x);
                    case MIN -> Math.min(sum, x);
                };
                sum = partials.dtype() == DType.F32 ? (float) exact : exact;
            }
            to.setDouble(index, sum);
            return;
        }
        long sum = partials.getLong(0);
        for (int i = 1; i < count; i++) {
            long x = partials.getLong(i);
            sum = switch (op) {
                case SUM -> sum + x;
                case PRODUCT -> sum * x;
                case MAX -> Math.max(sum, x);
                case MIN -> Math.min(sum, x);
            };
        }
        to.setLong(index, sum);
    }
}
