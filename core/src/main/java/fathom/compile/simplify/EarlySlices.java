package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Computes of elementwise values only the part that is wanted: where all who use a value want the
/// same slice of it, the slices go up to what it is computed from.
///
/// A value that is computed from what a product or a convolution has just made is left as it is: it
/// costs next to nothing there, block by block, but would need a loop of its own behind a slice.
final class EarlySlices implements Pass {
    @Override
    public Graph apply(Graph graph) {
        Op.@Nullable Slice[] wanted = wanted(graph);
        for (Op.Slice s : wanted) {
            if (s != null) {
                return Rewriter.rewrite(graph, (to, number, e) -> sliced(graph, wanted, to, number, e));
            }
        }
        return graph;
    }

    /// For each elementwise entry the slice that is all that is wanted of it, or null.
    private static Op.@Nullable Slice[] wanted(Graph graph) {
        List<Entry> entries = graph.entries();
        Op.@Nullable Slice[] wanted = new Op.Slice[entries.size()];
        boolean[] whole = closeToProducts(entries);
        for (int r : graph.roots()) {
            whole[r] = true;
        }
        for (int i = wanted.length - 1; i >= 0; i--) {
            Entry e = entries.get(i);
            boolean goesOn = Elementwise.is(e.op());
            if (!goesOn || whole[i]) {
                wanted[i] = null;
            }
            Op.Slice slice = goesOn ? wanted[i] : e.op() instanceof Op.Slice s && isSmaller(graph, e) ? s : null;
            for (int in : e.inputs()) {
                whole[in] |= slice == null || wanted[in] != null && !slice.equals(wanted[in]);
                wanted[in] = slice;
            }
        }
        return wanted;
    }

    private static boolean isSmaller(Graph graph, Entry slice) {
        Entry x = graph.entries().get(slice.inputs().getFirst());
        return slice.shape().size() < x.shape().size();
    }

    /// Which elementwise entries are computed from a closed kernel's result, step by step.
    private static boolean[] closeToProducts(List<Entry> entries) {
        boolean[] close = new boolean[entries.size()];
        for (int i = 0; i < close.length; i++) {
            Entry e = entries.get(i);
            close[i] = isProduct(e.op());
            if (Elementwise.is(e.op())) {
                for (int in : e.inputs()) {
                    close[i] |= close[in];
                }
            }
        }
        return close;
    }

    private static boolean isProduct(Op op) {
        return op instanceof Op.MatMul
                || op instanceof Op.Convolution
                || op instanceof Op.ConvolutionInputGradient
                || op instanceof Op.ConvolutionWeightGradient;
    }

    private static @Nullable Integer sliced(
            Graph graph, Op.@Nullable Slice[] wanted, Rewriter to, int number, Entry e) {
        Entry before = graph.entries().get(number);
        Op.Slice slice = wanted[number];
        if (slice == null) {
            boolean done =
                    before.op() instanceof Op.Slice && wanted[before.inputs().getFirst()] != null;
            return done ? e.inputs().getFirst() : null;
        }
        Shape shape = Shape.of(slice.sizes());
        Integer[] in = new Integer[e.inputs().size()];
        for (int k = 0; k < in.length; k++) {
            int x = e.inputs().get(k);
            Entry operand = to.entry(x);
            if (wanted[before.inputs().get(k)] != null) {
                in[k] = x;
            } else if (operand.op() instanceof Op.Full) {
                in[k] = to.fullLike(operand, shape);
            } else {
                in[k] = to.add(slice, shape, operand.dtype(), x);
            }
        }
        return to.add(e.op(), shape, e.dtype(), in);
    }
}
