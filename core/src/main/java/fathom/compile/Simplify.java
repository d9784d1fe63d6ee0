package fathom.compile;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A pass over a graph that moves work to where there is less of it. The results are the same bits,
/// but for the order of the terms of a sum.
///
/// The rules, all about pooling windows without padding, which give back a fraction of the image:
///
/// 1. The rectifier grows with its argument, so it may come after the maximum instead of before:
///    `maxPool(max(u, 0)) = max(maxPool(u), 0)`.
/// 2. Its mask may likewise be applied before the gradient is spread over the image: `select(0 < p,
///    maxPoolScatter(p, g), 0)` with `p = max(u, 0)` is `maxPoolScatter(u, select(0 <
///    max(maxPool(u), 0), g, 0))`. Where the mask is false the window has nothing above 0, and
///    where it is true both have their first maximum in the same place.
/// 3. Each element is scattered to one pixel, so `sum(maxPoolScatter(x, g))` over all pixels is
///    `sum(g)`.
public final class Simplify {
    private static final List<Integer> PIXELS = List.of(0, 1, 2);

    private final Graph graph;
    private final List<Entry> made = new ArrayList<>();
    private final Map<Entry, Integer> known = new HashMap<>();

    private Simplify(Graph graph) {
        this.graph = graph;
    }

    /// An equal graph that does less.
    public static Graph graph(Graph graph) {
        return new Simplify(graph).run();
    }

    private Graph run() {
        List<Integer> renamed = new ArrayList<>();
        for (Entry e : graph.entries()) {
            List<Integer> inputs = e.inputs().stream().map(renamed::get).toList();
            Integer simpler = rewrite(e, inputs);
            renamed.add(simpler != null ? simpler : add(new Entry(e.op(), inputs, e.shape(), e.dtype(), e.argument())));
        }
        return live(graph.roots().stream().map(renamed::get).toList());
    }

    private @Nullable Integer rewrite(Entry e, List<Integer> in) {
        return switch (e.op()) {
            case Op.MaxPool p
            when p.window().isUnpadded() -> {
                Integer u = rectified(in.getFirst());
                yield u == null ? null : rectify(like(p, e.shape(), made.get(u), u));
            }
            case Op.Select s -> mask(in);
            case Op.Reduce r
            when r.how() == ReduceOp.SUM && r.axes().equals(PIXELS) -> {
                Entry x = made.get(in.getFirst());
                yield x.op() instanceof Op.MaxPoolScatter p && p.window().isUnpadded()
                        ? add(new Entry(r, List.of(x.inputs().get(1)), e.shape(), e.dtype(), -1))
                        : null;
            }
            default -> null;
        };
    }

    /// Rule 2.
    private @Nullable Integer mask(List<Integer> in) {
        Entry condition = made.get(in.get(0));
        Entry scatter = made.get(in.get(1));
        if (!(scatter.op() instanceof Op.MaxPoolScatter p)
                || !p.window().isUnpadded()
                || !isZero(in.get(2))
                || !(condition.op() instanceof Op.Binary less)
                || less.function() != BinaryOp.LESS
                || !isZero(condition.inputs().get(0))
                || !condition.inputs().get(1).equals(scatter.inputs().get(0))) {
            return null;
        }
        Integer u = rectified(scatter.inputs().get(0));
        if (u == null) {
            return null;
        }
        int g = scatter.inputs().get(1);
        Entry gradient = made.get(g);
        int pooled = rectify(like(new Op.MaxPool(p.window()), gradient.shape(), made.get(u), u));
        int zero = zero(gradient);
        int positive = add(new Entry(less, List.of(zero, pooled), gradient.shape(), condition.dtype(), -1));
        int masked = like(new Op.Select(), gradient.shape(), gradient, positive, g, zero);
        return like(p, scatter.shape(), scatter, u, masked);
    }

    /// What is rectified to give an entry, or null if it is not a rectifier's result.
    private @Nullable Integer rectified(int entry) {
        Entry e = made.get(entry);
        return e.op() instanceof Op.Binary b
                        && b.function() == BinaryOp.MAXIMUM
                        && isZero(e.inputs().get(1))
                ? e.inputs().get(0)
                : null;
    }

    private int rectify(int entry) {
        Entry e = made.get(entry);
        return like(new Op.Binary(BinaryOp.MAXIMUM), e.shape(), e, entry, zero(e));
    }

    private int zero(Entry like) {
        return add(new Entry(new Op.Full(like.shape(), like.dtype(), 0), List.of(), like.shape(), like.dtype(), -1));
    }

    private boolean isZero(int entry) {
        Entry e = made.get(entry);
        return e.op() instanceof Op.Full f && !e.isScalarArgument() && f.value() == 0;
    }

    private int like(Op op, Shape shape, Entry dtype, Integer... in) {
        return add(new Entry(op, List.of(in), shape, dtype.dtype(), -1));
    }

    private int add(Entry e) {
        Integer same = known.putIfAbsent(e, made.size());
        if (same != null) {
            return same;
        }
        made.add(e);
        return made.size() - 1;
    }

    /// The entries that the roots need.
    private Graph live(List<Integer> roots) {
        boolean[] needed = new boolean[made.size()];
        roots.forEach(r -> needed[r] = true);
        for (int i = made.size() - 1; i >= 0; i--) {
            if (needed[i]) {
                made.get(i).inputs().forEach(in -> needed[in] = true);
            }
        }
        int[] renamed = new int[made.size()];
        List<Entry> kept = new ArrayList<>();
        for (int i = 0; i < needed.length; i++) {
            if (needed[i]) {
                Entry e = made.get(i);
                renamed[i] = kept.size();
                List<Integer> in = e.inputs().stream().map(k -> renamed[k]).toList();
                kept.add(new Entry(e.op(), in, e.shape(), e.dtype(), e.argument()));
            }
        }
        return new Graph(List.copyOf(kept), roots.stream().map(r -> renamed[r]).toList());
    }
}
