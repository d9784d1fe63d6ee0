package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import org.jspecify.annotations.Nullable;

/// Computes before elements are repeated what is computed from repeated elements alone:
/// `exp(broadcast(x))` is `broadcast(exp(x))`. Constants are as large as they need be.
final class LateBroadcasts implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            Shape small = Elementwise.is(e.op()) ? beforeRepetition(to, e) : null;
            if (small == null || small.size() >= e.shape().size()) {
                return null;
            }
            Integer[] in = new Integer[e.inputs().size()];
            for (int k = 0; k < in.length; k++) {
                Entry x = to.operand(e, k);
                in[k] = x.op() instanceof Op.Full
                        ? to.fullLike(x, small)
                        : x.inputs().getFirst();
            }
            Integer once = to.add(e.op(), small, e.dtype(), in);
            return to.add(new Op.Broadcast(e.shape()), e.shape(), e.dtype(), once);
        });
    }

    /// The one shape from which all operands are repeated; null if there is none.
    private static @Nullable Shape beforeRepetition(Rewriter to, Entry e) {
        Shape small = null;
        for (int in : e.inputs()) {
            Entry x = to.entry(in);
            if (x.op() instanceof Op.Full) {
                continue;
            }
            if (!(x.op() instanceof Op.Broadcast)) {
                return null;
            }
            Shape from = to.operand(x, 0).shape();
            if (small != null && !small.equals(from)) {
                return null;
            }
            small = from;
        }
        return small;
    }
}
