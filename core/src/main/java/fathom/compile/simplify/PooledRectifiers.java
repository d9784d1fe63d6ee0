package fathom.compile.simplify;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Moves work to the smaller side of pooling windows without padding, which give back a fraction of
/// the image. The results are the same bits, but for the order of the terms of a sum.
///
/// 1. The rectifier grows with its argument, so it may come after the maximum instead of before:
///    `maxPool(max(u, 0)) = max(maxPool(u), 0)`.
/// 2. Its mask may likewise be applied before the gradient is spread over the image: `select(0 < p,
///    maxPoolScatter(p, g), 0)` with `p = max(u, 0)` is `maxPoolScatter(u, select(0 <
///    max(maxPool(u), 0), g, 0))`. Where the mask is false the window has nothing above 0, and
///    where it is true both have their first maximum in the same place.
/// 3. Each element is scattered to one pixel, so `sum(maxPoolScatter(x, g))` over all pixels is
///    `sum(g)`.
final class PooledRectifiers implements Pass {
    private static final List<Integer> PIXELS = List.of(0, 1, 2);

    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            if (e.op() instanceof Op.MaxPool p && p.window().isUnpadded()) {
                return pool(to, p, e);
            }
            if (e.op() instanceof Op.Select) {
                return mask(to, e);
            }
            return e.op() instanceof Op.Reduce r ? sum(to, r, e) : null;
        });
    }

    /// Rule 1.
    private static @Nullable Integer pool(Rewriter to, Op.MaxPool p, Entry e) {
        Integer u = rectified(to, e.inputs().getFirst());
        return u == null ? null : rectify(to, to.add(p, e.shape(), e.dtype(), u));
    }

    /// Rule 2.
    private static @Nullable Integer mask(Rewriter to, Entry e) {
        Entry condition = to.operand(e, 0);
        Entry scatter = to.operand(e, 1);
        if (!(scatter.op() instanceof Op.MaxPoolScatter p)
                || !p.window().isUnpadded()
                || !isZero(to.operand(e, 2))
                || !(condition.op() instanceof Op.Binary less)
                || less.function() != BinaryOp.LESS
                || !isZero(to.operand(condition, 0))
                || !condition.inputs().get(1).equals(scatter.inputs().get(0))) {
            return null;
        }
        Integer u = rectified(to, scatter.inputs().get(0));
        if (u == null) {
            return null;
        }
        int g = scatter.inputs().get(1);
        Shape shape = to.entry(g).shape();
        int pooled = rectify(to, to.add(new Op.MaxPool(p.window()), shape, e.dtype(), u));
        int zero = to.full(shape, e.dtype(), 0);
        int positive = to.add(less, shape, condition.dtype(), zero, pooled);
        int masked = to.add(e.op(), shape, e.dtype(), positive, g, zero);
        return to.add(p, scatter.shape(), e.dtype(), u, masked);
    }

    /// Rule 3.
    private static @Nullable Integer sum(Rewriter to, Op.Reduce r, Entry e) {
        Entry x = to.operand(e, 0);
        return r.how() == ReduceOp.SUM
                        && r.axes().equals(PIXELS)
                        && x.op() instanceof Op.MaxPoolScatter p
                        && p.window().isUnpadded()
                ? to.add(r, e.shape(), e.dtype(), x.inputs().get(1))
                : null;
    }

    /// What is rectified to give an entry, or null if it is not a rectifier's result.
    private static @Nullable Integer rectified(Rewriter to, int entry) {
        Entry e = to.entry(entry);
        return e.op() instanceof Op.Binary b && b.function() == BinaryOp.MAXIMUM && isZero(to.operand(e, 1))
                ? e.inputs().get(0)
                : null;
    }

    private static int rectify(Rewriter to, int entry) {
        Entry e = to.entry(entry);
        int zero = to.full(e.shape(), e.dtype(), 0);
        return to.add(new Op.Binary(BinaryOp.MAXIMUM), e.shape(), e.dtype(), entry, zero);
    }

    /// Not -0, which neither a maximum nor a choice takes for 0.
    private static boolean isZero(Entry e) {
        return Rewriter.isConstant(e, 0);
    }
}
