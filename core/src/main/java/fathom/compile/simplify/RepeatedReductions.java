package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Takes the greatest (or smallest) of repeated elements without the repetitions, and that of the
/// greatest at once. Sums are left alone: they would be rounded otherwise.
final class RepeatedReductions implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            if (!(e.op() instanceof Op.Reduce r) || r.how() != ReduceOp.MAX && r.how() != ReduceOp.MIN) {
                return null;
            }
            Entry x = to.operand(e, 0);
            if (x.op() instanceof Op.Broadcast) {
                return ofRepeated(to, r, e, x);
            }
            return x.op() instanceof Op.Reduce inner && inner.how() == r.how() ? atOnce(to, r, e, inner, x) : null;
        });
    }

    private static @Nullable Integer ofRepeated(Rewriter to, Op.Reduce r, Entry e, Entry repeated) {
        Integer from = repeated.inputs().getFirst();
        Shape small = to.entry(from).shape();
        Shape large = repeated.shape();
        // Over no repetition at all the result is another.
        List<Integer> left = r.axes().stream()
                .filter(a -> small.dim(a) != 1 || large.dim(a) == 0)
                .toList();
        if (left.size() == r.axes().size() || left.stream().anyMatch(a -> small.dim(a) != large.dim(a))) {
            return null;
        }
        Shape reduced = small;
        for (int a : left) {
            reduced = reduced.with(a, 1);
        }
        Integer once = left.isEmpty() ? from : to.add(new Op.Reduce(r.how(), left), reduced, e.dtype(), from);
        return reduced.equals(e.shape()) ? once : to.add(new Op.Broadcast(e.shape()), e.shape(), e.dtype(), once);
    }

    private static Integer atOnce(Rewriter to, Op.Reduce r, Entry e, Op.Reduce inner, Entry x) {
        List<Integer> axes = Stream.concat(r.axes().stream(), inner.axes().stream())
                .distinct()
                .sorted()
                .toList();
        return to.add(
                new Op.Reduce(r.how(), axes), e.shape(), e.dtype(), x.inputs().getFirst());
    }
}
