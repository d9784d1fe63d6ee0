package fathom.compile.simplify;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Puts side by side what is padded with zeros, without overlap, and added: the gradients of the
/// parts of a value.
///
/// A sum with the padding is not nothing, it makes -0 of 0. So zero is added to each part, which
/// costs nothing where the part is copied, and is done once however many parts there are.
final class SumsOfPads implements Pass {
    @Override
    public Graph apply(Graph graph) {
        boolean any = graph.entries().stream().anyMatch(e -> e.op() instanceof Op.Pad);
        if (!any) {
            return graph;
        }
        int[] uses = graph.uses();
        return Rewriter.rewrite(graph, (to, number, e) -> {
            if (!(e.op() instanceof Op.Binary b) || b.function() != BinaryOp.ADD) {
                return null;
            }
            boolean alone = graph.entries().get(number).inputs().stream().allMatch(in -> uses[in] == 1);
            if (!alone) {
                return null;
            }
            Part x = Part.of(to, e.inputs().get(0));
            Part y = Part.of(to, e.inputs().get(1));
            return x == null || y == null ? null : together(to, e, x, y);
        });
    }

    /// What is padded, with zeros and not between its elements.
    private record Part(int entry, Op.Pad pad, Shape shape) {
        static @Nullable Part of(Rewriter to, int number) {
            Entry e = to.entry(number);
            return e.op() instanceof Op.Pad p
                            && Double.compare(p.value(), 0) == 0
                            && p.interior().stream().allMatch(v -> v == 0)
                    ? new Part(e.inputs().getFirst(), p, to.operand(e, 0).shape())
                    : null;
        }

        int from(int axis) {
            return pad.before().get(axis);
        }

        int end(int axis) {
            return from(axis) + shape.dim(axis);
        }
    }

    private static @Nullable Integer together(Rewriter to, Entry e, Part x, Part y) {
        int axis = -1;
        for (int a = 0; a < e.shape().rank(); a++) {
            if (x.from(a) != y.from(a) || x.end(a) != y.end(a)) {
                if (axis >= 0) {
                    return null;
                }
                axis = a;
            }
        }
        boolean disjoint = axis >= 0 && (x.end(axis) <= y.from(axis) || y.end(axis) <= x.from(axis));
        if (!disjoint) {
            return null;
        }
        Part low = x.end(axis) <= y.from(axis) ? x : y;
        Part high = low == x ? y : x;
        List<Integer> parts = new ArrayList<>(parts(to, low.entry(), axis));
        int gap = high.from(axis) - low.end(axis);
        if (gap > 0) {
            parts.add(to.full(low.shape().with(axis, gap), e.dtype(), 0));
        }
        parts.addAll(parts(to, high.entry(), axis));
        Shape shape = low.shape().with(axis, high.end(axis) - low.from(axis));
        Integer joined = to.add(new Op.Concat(axis), shape, e.dtype(), parts.toArray(Integer[]::new));
        if (shape.equals(e.shape())) {
            return joined;
        }
        List<Integer> after = new ArrayList<>(low.pad().after());
        after.set(axis, high.pad().after().get(axis));
        Op outer = new Op.Pad(low.pad().before(), List.copyOf(after), low.pad().interior(), 0);
        return to.add(outer, e.shape(), e.dtype(), joined);
    }

    /// The parts that an entry is made of already, or itself, with zero added.
    private static List<Integer> parts(Rewriter to, int number, int axis) {
        Entry e = to.entry(number);
        if (e.op() instanceof Op.Concat c
                && c.axis() == axis
                && e.inputs().stream().allMatch(in -> isSumWithZero(to, to.entry(in)))) {
            return e.inputs();
        }
        if (!e.dtype().isFloating()) {
            return List.of(number);
        }
        int zero = to.full(e.shape(), e.dtype(), 0);
        return List.of(to.add(new Op.Binary(BinaryOp.ADD), e.shape(), e.dtype(), number, zero));
    }

    private static boolean isSumWithZero(Rewriter to, Entry e) {
        return !e.dtype().isFloating()
                || Rewriter.isConstant(e, 0)
                || e.op() instanceof Op.Binary b
                        && b.function() == BinaryOp.ADD
                        && Rewriter.isConstant(to.operand(e, 1), 0);
    }
}
