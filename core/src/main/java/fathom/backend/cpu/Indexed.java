package fathom.backend.cpu;

import fathom.tensor.Shape;

/// Gathering along an axis by indices, and its adjoint.
///
/// The value is seen as `[batches, before, along, after]`, the indices as `[batches, picks]`.
///
/// @param title the operation, for errors
/// @param batches elements of the axes that value and indices share
/// @param before elements of the axes between those and the axis
/// @param along the size of the axis
/// @param picks indices in a batch
/// @param after elements of the axes behind the axis
record Indexed(String title, int batches, int before, int along, int picks, int after) {

    /// @param x the shape that is gathered from or scattered to
    static Indexed of(String title, int axis, int batch, Shape x, Shape indices) {
        return new Indexed(
                title,
                product(x, 0, batch),
                product(x, batch, axis),
                x.dim(axis),
                product(indices, batch, indices.rank()),
                product(x, axis + 1, x.rank()));
    }

    private static int product(Shape s, int from, int to) {
        int n = 1;
        for (int i = from; i < to; i++) {
            n *= s.dim(i);
        }
        return n;
    }

    /// Copies the picked parts of `x` to `y`.
    void gather(WorkerPool pool, Object x, Object indices, Object y) {
        int blocks = batches * before;
        int pieces = Math.max(1, Math.min(picks, (int) ((long) picks * after / 16384)));
        pool.parallel(blocks * pieces, (task, worker) -> {
            int block = task / pieces;
            int piece = task % pieces;
            int from = (int) ((long) picks * piece / pieces);
            int to = (int) ((long) picks * (piece + 1) / pieces);
            int base = block / before * picks;
            for (int i = from; i < to; i++) {
                int at = index(indices, base + i);
                System.arraycopy(x, (block * along + at) * after, y, (block * picks + i) * after, after);
            }
        });
    }

    /// Adds the updates to zeros at the picked places of `y`, in their order.
    void scatterAdd(WorkerPool pool, Object updates, Object indices, Object y) {
        int blocks = batches * before;
        if (blocks == 0) {
            return;
        }
        int length = along * after;
        int each = Math.max(1, 16384 / Math.max(1, Math.max(length, picks * after)));
        pool.parallel(Math.ceilDiv(blocks, each), (task, worker) -> {
            int end = Math.min(blocks, (task + 1) * each);
            for (int block = task * each; block < end; block++) {
                Zeros.fill(y, block * length, length);
                int base = block / before * picks;
                for (int i = 0; i < picks; i++) {
                    int at = index(indices, base + i);
                    add(updates, (block * picks + i) * after, y, (block * along + at) * after);
                }
            }
        });
    }

    private int index(Object indices, int position) {
        long i = indices instanceof int[] ints ? ints[position] : ((long[]) indices)[position];
        if (i < 0 || i >= along) {
            throw new IllegalArgumentException(
                    title + ": index " + i + " at position " + position + ", expected 0 to " + (along - 1));
        }
        return (int) i;
    }

    private void add(Object from, int f, Object to, int t) {
        switch (to) {
            case float[] y -> {
                float[] x = (float[]) from;
                for (int j = 0; j < after; j++) {
                    y[t + j] += x[f + j];
                }
            }
            case double[] y -> {
                double[] x = (double[]) from;
                for (int j = 0; j < after; j++) {
                    y[t + j] += x[f + j];
                }
            }
            case int[] y -> {
                int[] x = (int[]) from;
                for (int j = 0; j < after; j++) {
                    y[t + j] += x[f + j];
                }
            }
            case long[] y -> {
                long[] x = (long[]) from;
                for (int j = 0; j < after; j++) {
                    y[t + j] += x[f + j];
                }
            }
            case byte[] y -> {
                byte[] x = (byte[]) from;
                for (int j = 0; j < after; j++) {
                    y[t + j] = (byte) (y[t + j] + x[f + j]);
                }
            }
            default -> throw new IllegalStateException(to.getClass().getName());
        }
    }
}
