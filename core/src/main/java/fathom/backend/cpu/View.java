package fathom.backend.cpu;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/// A value as a movement of the elements of another one, which has a place in memory.
///
/// @param base the entry whose elements they are
/// @param access how its axes are addressed by those of the value
record View(int base, Access access) {
    /// An entry as a view of what it is made of by movements alone, down to the first that is stored or cannot be
    /// passed by an index map.
    static View of(Graph graph, int entry, IntPredicate isStored) {
        View view = new View(
                entry, Access.identity(graph.entries().get(entry).shape().rank()));
        while (!isStored.test(view.base)) {
            View below = view.through(graph);
            if (below == null) {
                return view;
            }
            view = below;
        }
        return view;
    }

    private @Nullable View through(Graph graph) {
        Entry e = graph.entries().get(base);
        if (e.inputs().isEmpty()) {
            return null;
        }
        int operand = e.inputs().getFirst();
        Entry below = graph.entries().get(operand);
        Access through = switch (e.op()) {
            case Op.Permute p -> access.through(p);
            case Op.Slice s -> access.through(s);
            case Op.Broadcast _ -> access.throughBroadcast(below.shape());
            case Op.Reshape r -> access.through(below.shape(), r.to());
            default -> null;
        };
        return through == null ? null : new View(operand, through);
    }

    /// Where the elements of a value of so many axes are among those of the base.
    LoopBuilder.Affine addresses(Graph graph, int rank) {
        return access.addresses(graph.entries().get(base).shape(), rank);
    }
}
