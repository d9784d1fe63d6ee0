package fathom.backend.reference;

import fathom.ir.Op;

/// Gather and its adjoint. Both see x as `[batch, middle, axis, rest]`, indices as `[batch,
/// picked]` and the gathered elements as `[batch, middle, picked, rest]`.
final class Indexing {
    private Indexing() {}

    @FunctionalInterface
    private interface Pair {
        /// Visits an element of x and the gathered element that it belongs to.
        void visit(int element, int gathered);
    }

    static void gather(Op.Gather gather, Array out, Array x, Array indices) {
        check("gather", indices, x.shape().dim(gather.axis()));
        forEach(
                gather.axis(),
                gather.batch(),
                x,
                indices,
                (element, gathered) -> Movement.copy(out, gathered, x, element));
    }

    static void scatterAdd(Op.ScatterAdd scatter, Array out, Array updates, Array indices) {
        check("scatterAdd", indices, scatter.size());
        double[] fractions = new double[out.size()];
        long[] integers = new long[out.size()];
        forEach(scatter.axis(), scatter.batch(), out, indices, (element, gathered) -> {
            if (out.isFractional()) {
                fractions[element] += updates.get(gathered);
            } else {
                integers[element] += updates.getLong(gathered);
            }
        });
        for (int i = 0; i < out.size(); i++) {
            if (out.isFractional()) {
                out.set(i, fractions[i]);
            } else {
                out.setLong(i, integers[i]);
            }
        }
    }

    private static void forEach(int axis, int batch, Array x, Array indices, Pair pair) {
        int batches = x.extent(0, batch);
        int middle = x.extent(batch, axis);
        int size = x.shape().dim(axis);
        int rest = x.extent(axis + 1, x.shape().rank());
        int picked = indices.extent(batch, indices.shape().rank());
        for (int b = 0; b < batches; b++) {
            for (int m = 0; m < middle; m++) {
                for (int p = 0; p < picked; p++) {
                    int index = (int) indices.getLong(b * picked + p);
                    for (int r = 0; r < rest; r++) {
                        int outer = b * middle + m;
                        pair.visit((outer * size + index) * rest + r, (outer * picked + p) * rest + r);
                    }
                }
            }
        }
    }

    private static void check(String operation, Array indices, int size) {
        for (int i = 0; i < indices.size(); i++) {
            long index = indices.getLong(i);
            if (index < 0 || index >= size) {
                throw new IllegalArgumentException(
                        operation + ": index " + index + " at position " + i + ", expected 0 to " + (size - 1));
            }
        }
    }
}
