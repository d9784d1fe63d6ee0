package fathom.backend.cpu;

import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.Arrays;

/// Arrays of partial results of reductions.
final class LoopPartials {
    private LoopPartials() {}

    /// An array for `count` elements.
    static Object allocate(DType type, int count) {
        return switch (LoopType.elementKind(type)) {
            case FLOAT -> new float[count];
            case DOUBLE -> new double[count];
            case INT -> new int[count];
            case LONG -> new long[count];
            case BYTE -> new byte[count];
            default -> throw new IllegalArgumentException("cannot reduce " + type);
        };
    }

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

    /// Combines the first `count` partial results in order and stores the outcome.
    static void combine(ReduceOp op, DType elements, Object partials, int count, Object to, int index) {
        switch (partials) {
            case float[] a -> {
                float sum = a[0];
                for (int i = 1; i < count; i++) {
                    sum = combine(op, sum, a[i]);
                }
                ((float[]) to)[index] = sum;
            }
            case double[] a -> {
                double sum = a[0];
                for (int i = 1; i < count; i++) {
                    sum = combine(op, sum, a[i]);
                }
                ((double[]) to)[index] = sum;
            }
            case int[] a -> {
                long sum = a[0];
                for (int i = 1; i < count; i++) {
                    sum = combine(op, sum, a[i]);
                }
                ((int[]) to)[index] = (int) sum;
            }
            case long[] a -> {
                long sum = a[0];
                for (int i = 1; i < count; i++) {
                    sum = combine(op, sum, a[i]);
                }
                ((long[]) to)[index] = sum;
            }
            case byte[] a -> {
                long sum = a[0] & 0xFF;
                for (int i = 1; i < count; i++) {
                    sum = combine(op, sum, a[i] & 0xFF);
                }
                ((byte[]) to)[index] = (byte) sum;
            }
            default -> throw new IllegalArgumentException("cannot reduce " + elements);
        }
    }

    private static float combine(ReduceOp op, float x, float y) {
        return switch (op) {
            case SUM -> x + y;
            case PRODUCT -> x * y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
        };
    }

    private static double combine(ReduceOp op, double x, double y) {
        return switch (op) {
            case SUM -> x + y;
            case PRODUCT -> x * y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
        };
    }

    private static long combine(ReduceOp op, long x, long y) {
        return switch (op) {
            case SUM -> x + y;
            case PRODUCT -> x * y;
            case MAX -> Math.max(x, y);
            case MIN -> Math.min(x, y);
        };
    }
}
