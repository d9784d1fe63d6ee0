package fathom.compile.simplify;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A graph in the making. Entries come after their operands, equal ones exist once, and in the end
/// those are kept that the roots need.
///
/// As long as no rule finds anything to do, entries are neither copied nor compared: most passes
/// over most graphs change nothing, and then cost no more than the looking.
final class Rewriter {

    /// What a pass does with one entry.
    @FunctionalInterface
    interface Rule {
        /// The number of an entry of `to` that takes the place of this one, or null to keep it.
        ///
        /// @param to the graph in the making, which has the operands
        /// @param number the entry's number in the graph that is rewritten
        /// @param entry the entry, its operands numbered as in `to`
        @Nullable
        Integer apply(Rewriter to, int number, Entry entry);
    }

    private final Graph graph;
    private final List<Entry> made;
    private @Nullable Map<Entry, Integer> known;

    private Rewriter(Graph graph) {
        this.graph = graph;
        this.made = new ArrayList<>(graph.entries().size());
    }

    /// The graph with a rule applied to each entry, operands before users.
    static Graph rewrite(Graph graph, Rule rule) {
        return new Rewriter(graph).run(rule);
    }

    /// The graph with equal entries merged.
    static Graph merge(Graph graph) {
        Rewriter r = new Rewriter(graph);
        r.entriesMade();
        return r.run((_, _, _) -> null);
    }

    private Graph run(Rule rule) {
        int[] renamed = new int[graph.entries().size()];
        for (int i = 0; i < renamed.length; i++) {
            Entry e = known == null
                    ? graph.entries().get(i)
                    : renamed(graph.entries().get(i), renamed);
            Integer simpler = rule.apply(this, i, e);
            if (simpler != null) {
                entriesMade();
                renamed[i] = simpler;
            } else if (known == null) {
                renamed[i] = i;
                made.add(e);
            } else {
                renamed[i] = add(e);
            }
        }
        return known == null ? graph : live(renamed);
    }

    private static Entry renamed(Entry e, int[] renamed) {
        List<Integer> inputs = e.inputs();
        Integer[] in = new Integer[inputs.size()];
        boolean same = true;
        for (int k = 0; k < in.length; k++) {
            in[k] = renamed[inputs.get(k)];
            same &= in[k].equals(inputs.get(k));
        }
        return same ? e : new Entry(e.op(), List.of(in), e.shape(), e.dtype(), e.argument());
    }

    /// An entry that exists.
    Entry entry(int number) {
        return made.get(number);
    }

    /// The operand of an entry.
    Entry operand(Entry e, int k) {
        return made.get(e.inputs().get(k));
    }

    /// The number of an entry, which may exist already.
    Integer add(Entry e) {
        Integer same = entriesMade().putIfAbsent(key(e), made.size());
        if (same != null) {
            return same;
        }
        made.add(e);
        return made.size() - 1;
    }

    /// [#add(Entry)] of an operation.
    Integer add(Op op, Shape shape, DType dtype, Integer... inputs) {
        return add(new Entry(op, List.of(inputs), shape, dtype, -1));
    }

    /// A constant.
    Integer full(Shape shape, DType dtype, double value) {
        return add(new Op.Full(shape, dtype, value), shape, dtype);
    }

    /// A constant, lifted or not, under another shape.
    Integer fullLike(Entry constant, Shape shape) {
        double value = constant.op() instanceof Op.Full f ? f.value() : Double.NaN;
        Op op = new Op.Full(shape, constant.dtype(), value);
        return add(new Entry(op, List.of(), shape, constant.dtype(), constant.argument()));
    }

    /// The value of a constant that is part of the graph's structure; null of anything else.
    static @Nullable Double constant(Entry e) {
        return e.op() instanceof Op.Full f && !e.isScalarArgument() ? f.value() : null;
    }

    /// Whether an entry is this constant, -0.0 being another than 0.0.
    static boolean isConstant(Entry e, double value) {
        Double v = constant(e);
        return v != null && Double.compare(v, value) == 0;
    }

    private Map<Entry, Integer> entriesMade() {
        Map<Entry, Integer> map = known;
        if (map == null) {
            map = new HashMap<>(2 * graph.entries().size());
            for (int i = 0; i < made.size(); i++) {
                map.putIfAbsent(key(made.get(i)), i);
            }
            known = map;
        }
        return map;
    }

    /// What equal entries have in common: the order of operands only where it matters.
    private static Entry key(Entry e) {
        if (e.op() instanceof Op.Binary b && isCommutative(b.function())) {
            int x = e.inputs().get(0);
            int y = e.inputs().get(1);
            return x <= y ? e : new Entry(e.op(), List.of(y, x), e.shape(), e.dtype(), e.argument());
        }
        return e;
    }

    /// Whether operands can change places: NaN stays NaN, though perhaps another one.
    private static boolean isCommutative(BinaryOp function) {
        return switch (function) {
            case ADD, MULTIPLY, MAXIMUM, MINIMUM, EQUAL, NOT_EQUAL, AND, OR, XOR -> true;
            case SUBTRACT, DIVIDE, POWER, MODULO, LESS, LESS_EQUAL, SHIFT_RIGHT -> false;
        };
    }

    /// The entries that the roots need; the graph itself if those are its own.
    private Graph live(int[] renamed) {
        List<Integer> roots = graph.roots().stream().map(r -> renamed[r]).toList();
        boolean[] needed = new boolean[made.size()];
        for (int r : roots) {
            needed[r] = true;
        }
        for (int i = needed.length - 1; i >= 0; i--) {
            if (needed[i]) {
                for (int in : made.get(i).inputs()) {
                    needed[in] = true;
                }
            }
        }
        int[] places = new int[needed.length];
        List<Entry> kept = new ArrayList<>(needed.length);
        for (int i = 0; i < needed.length; i++) {
            if (needed[i]) {
                places[i] = kept.size();
                kept.add(renamed(made.get(i), places));
            }
        }
        Graph result =
                new Graph(List.copyOf(kept), roots.stream().map(r -> places[r]).toList());
        return result.equals(graph) ? graph : result;
    }
}
