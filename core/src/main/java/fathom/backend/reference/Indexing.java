package fathom.backend.reference;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.Shape;

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
        Require.indices("gather: index", indices.buffer(), x.shape().dim(gather.axis()));
        Pair copy = (element, gathered) -> Movement.copy(out, gathered, x, element);
        forEach(gather.axis(), gather.batch(), x.shape(), indices, copy);
    }

    static void scatterAdd(Op.ScatterAdd scatter, Array out, Array updates, Array indices) {
        Require.indices("scatterAdd: index", indices.buffer(), scatter.size());
        Totals sums = new Totals(out);
        Pair add = (element, gathered) -> sums.combine(BinaryOp.ADD, element, updates, gathered);
        forEach(scatter.axis(), scatter.batch(), out.shape(), indices, add);
        sums.store();
    }

    private static void forEach(int axis, int batch, Shape x, Array indices, Pair pair) {
        int batches = x.size(0, batch);
        int middle = x.size(batch, axis);
        int size = x.dim(axis);
        int rest = x.size(axis + 1, x.rank());
        int picked = indices.shape().size(batch, indices.shape().rank());
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
}
