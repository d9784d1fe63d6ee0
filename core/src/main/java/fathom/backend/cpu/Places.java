package fathom.backend.cpu;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The places of a program's values.
final class Places {
    private final Graph graph;
    private final Fusion fusion;
    private final @Nullable Storage[] own;
    private final List<Storage> all = new ArrayList<>();

    Places(Graph graph, Fusion fusion) {
        this.graph = graph;
        this.fusion = fusion;
        this.own = new Storage[graph.entries().size()];
        for (int i = 0; i < own.length; i++) {
            Entry e = graph.entries().get(i);
            if (e.isLeaf()) {
                own[i] = add(e.dtype(), e.shape(), Storage.Kind.ARGUMENT, e.argument());
            } else if (fusion.isStored(i) && !fusion.isAlias(i)) {
                own[i] = temporary(e.dtype(), e.shape());
            }
        }
    }

    Entry entry(int i) {
        return graph.entries().get(i);
    }

    boolean isStored(int entry) {
        return fusion.isStored(entry);
    }

    /// The place of a stored entry; of an alias or a view, that of what it is made of.
    Storage storage(int entry) {
        Storage s = own[entry];
        return s != null ? s : storage(graph.entries().get(entry).inputs().getFirst());
    }

    /// Where the matrices of an entry, an operand of a product, are in its place.
    Gemm.Side side(int entry, boolean transposed) {
        Gemm.Side side = fusion.side(entry, transposed);
        if (side == null) {
            throw new IllegalStateException("no matrices that a product can read: " + entry(entry));
        }
        return side;
    }

    /// A new place.
    Storage temporary(DType dtype, Shape shape) {
        return add(dtype, shape, Storage.Kind.TEMPORARY, -1);
    }

    List<Storage> all() {
        return all;
    }

    private Storage add(DType dtype, Shape shape, Storage.Kind kind, int number) {
        Storage s = new Storage(all.size(), dtype, shape, kind, number);
        all.add(s);
        return s;
    }
}
