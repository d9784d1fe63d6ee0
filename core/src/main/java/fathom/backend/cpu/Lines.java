package fathom.backend.cpu;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.Arrays;

/// What is done along one axis, line by line: running sums, sorting, and finding the extreme.
///
/// The value is seen as `[before, along, after]`.
record Lines(int before, int along, int after) {

    static Lines of(Shape shape, int axis) {
        int before = 1;
        for (int i = 0; i < axis; i++) {
            before *= shape.dim(i);
        }
        int after = 1;
        for (int i = axis + 1; i < shape.rank(); i++) {
            after *= shape.dim(i);
        }
        return new Lines(before, shape.dim(axis), after);
    }

    private interface Line {
        void run(int start);
    }

    private void each(WorkerPool pool, Line line) {
        int lines = before * after;
        int each = Math.max(1, 8192 / Math.max(1, along));
        pool.parallel(Math.ceilDiv(lines, each), (task, worker) -> {
            int end = Math.min(lines, (task + 1) * each);
            for (int i = task * each; i < end; i++) {
                line.run(i / after * along * after + i % after);
            }
        });
    }

    /// Running sums, each line on its own.
    void cumulativeSum(WorkerPool pool, boolean reverse, Object x, Object y) {
        int step = reverse ? -after : after;
        int first = reverse ? (along - 1) * after : 0;
        each(pool, start -> {
            int at = start + first;
            switch (x) {
                case float[] a -> {
                    float sum = 0;
                    for (int i = 0; i < along; i++, at += step) {
                        ((float[]) y)[at] = sum += a[at];
                    }
                }
                case double[] a -> {
                    double sum = 0;
                    for (int i = 0; i < along; i++, at += step) {
                        ((double[]) y)[at] = sum += a[at];
                    }
                }
                case int[] a -> {
                    int sum = 0;
                    for (int i = 0; i < along; i++, at += step) {
                        ((int[]) y)[at] = sum += a[at];
                    }
                }
                case long[] a -> {
                    long sum = 0;
                    for (int i = 0; i < along; i++, at += step) {
                        ((long[]) y)[at] = sum += a[at];
                    }
                }
                case byte[] a -> {
                    byte sum = 0;
                    for (int i = 0; i < along; i++, at += step) {
                        ((byte[]) y)[at] = sum += a[at];
                    }
                }
                default -> throw new IllegalStateException(x.getClass().getName());
            }
        });
    }

    /// The index of the first greatest (or smallest) element of each line; NaN is found first.
    void argReduce(WorkerPool pool, boolean greatest, Object x, int[] y) {
        each(pool, start -> {
            int line = start / (along * after) * after + start % after;
            y[line] = LoopArgumentSearch.search(greatest, x, start, after, along);
        });
    }

    /// The indices that sort each line, stable; NaN counts as greater than all.
    void argSort(WorkerPool pool, boolean descending, DType dtype, Object x, int[] y) {
        Buffer values = Buffer.wrap(dtype, before * along * after, x);
        each(pool, start -> {
            long[] keys = new long[along];
            if (dtype == DType.I64 || dtype == DType.F64) {
                Integer[] order = new Integer[along];
                Arrays.setAll(order, i -> i);
                Arrays.sort(order, (i, j) -> {
                    int c = Long.compare(key(values, start + i * after), key(values, start + j * after));
                    return descending ? -c : c;
                });
                for (int i = 0; i < along; i++) {
                    y[start + i * after] = order[i];
                }
                return;
            }
            // The value above, the index below: one sort of longs, stable by itself.
            for (int i = 0; i < along; i++) {
                long key = key(values, start + i * after);
                keys[i] = (descending ? -key : key) << 32 | i;
            }
            Arrays.sort(keys);
            for (int i = 0; i < along; i++) {
                y[start + i * after] = (int) keys[i];
            }
        });
    }

    /// A number that orders as the element does: zeros equal, NaN above all.
    private static long key(Buffer values, int i) {
        return switch (values.dtype()) {
            case F32 -> {
                float v = (float) values.getDouble(i) + 0f;
                int bits = Float.floatToIntBits(v);
                yield Float.isNaN(v) ? Integer.MAX_VALUE : bits < 0 ? Integer.MIN_VALUE - bits : bits;
            }
            case F64 -> {
                double v = values.getDouble(i) + 0.0;
                long bits = Double.doubleToLongBits(v);
                yield Double.isNaN(v) ? Long.MAX_VALUE : bits < 0 ? Long.MIN_VALUE - bits : bits;
            }
            default -> values.getLong(i);
        };
    }
}
