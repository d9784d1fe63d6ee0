package fathom.compile.simplify;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Builds a graph of entries from a list of numbers: each says what to do with which of the entries
/// so far, and simple things are said by small numbers. Every list means something, so that a
/// failing one can be made shorter.
final class RandomEntries {
    private static final int[] SIZES = {2, 1, 3, 0, 5};
    private static final int MOST_ELEMENTS = 400;
    private static final double[] CONSTANTS = {
        0, 1, -1, 2, 0.5, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -0.0
    };
    private static final DType[] DTYPES = {
        DType.F32, DType.BOOL, DType.I32, DType.F64, DType.U8, DType.I64, DType.BF16, DType.F16
    };

    private final TestGraph graph = new TestGraph();
    private final List<Integer> roots = new ArrayList<>();
    private final boolean exact;
    private int state;

    private RandomEntries(boolean exact) {
        this.exact = exact;
    }

    /// A graph with its arguments.
    record Case(TestGraph arguments, Graph graph) {}

    /// @param exact whether all backends compute the same bits: no function is approximated and no
    ///   sum is rounded
    static Case of(List<Integer> numbers, boolean exact) {
        RandomEntries r = new RandomEntries(exact);
        for (int number : numbers) {
            r.state = number;
            r.instruction(number % 20);
            if (r.next(6) == 5) {
                r.roots.add(r.graph.size() - 1);
            }
        }
        r.roots.add(r.graph.size() - 1);
        Integer[] roots = r.roots.toArray(Integer[]::new);
        boolean withDeadCode = numbers.getFirst() % 8 == 7;
        return new Case(r.graph, withDeadCode ? r.graph.graph(roots) : r.graph.needed(roots));
    }

    private void instruction(int what) {
        if (graph.size() == 0) {
            leaf(DType.F32);
        }
        try {
            switch (what) {
                case 0 -> unary();
                case 1, 2, 3, 4 -> binary();
                case 5 -> reshape();
                case 6 -> permute();
                case 7, 8 -> slice();
                case 9 -> broadcast();
                case 10 -> pad();
                case 11 -> concat();
                case 12 -> cast();
                case 13 -> select();
                case 14 -> reduce();
                case 15 -> again();
                case 16 -> parts();
                case 17 -> pooling();
                case 18 -> other();
                default -> leaf(DTYPES[next(DTYPES.length)]);
            }
        } catch (IllegalArgumentException misfit) {
            // Another entry will do.
            graph.op(new Op.StopGradient(), pick());
        }
    }

    /// A number from 0 to n - 1.
    private int next(int n) {
        state = state * 1664525 + 1013904223;
        return Math.floorMod(state >>> 8, n);
    }

    private int pick() {
        return graph.size() - 1 - next(Math.min(graph.size(), 5));
    }

    private Shape shape(int x) {
        return graph.entry(x).shape();
    }

    private DType dtype(int x) {
        return graph.entry(x).dtype();
    }

    private int[] sizes() {
        return IntStream.range(0, next(4)).map(_ -> SIZES[next(SIZES.length)]).toArray();
    }

    private int leaf(DType dtype) {
        return leaf(dtype, sizes());
    }

    private int leaf(DType dtype, int[] shape) {
        double[] values = new double[Math.max(1, Shape.of(shape).size())];
        boolean fractions = dtype.isFloating() || dtype.isHalf();
        for (int i = 0; i < values.length; i++) {
            values[i] = next(33) - 16;
            if (fractions) {
                values[i] = next(3) == 0 ? TestGraph.HARD[next(5)] : values[i] / 8;
            } else if (next(9) == 0) {
                values[i] = next(2) == 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE;
            }
        }
        return graph.leaf(dtype, shape, values);
    }

    private int constant(DType dtype, int... shape) {
        if (next(5) == 0) {
            return graph.lifted(dtype, dtype == DType.BOOL ? 1 : 3, shape);
        }
        double v = CONSTANTS[next(CONSTANTS.length)];
        boolean fractions = dtype.isFloating() || dtype.isHalf();
        if (!fractions) {
            v = dtype == DType.BOOL || dtype == DType.U8 ? next(2) : (int) Math.clamp(v, -1, 2);
        }
        return graph.full(dtype, v, shape);
    }

    /// Another entry of the same shape and dtype, or a constant.
    private int partner(int x) {
        if (next(3) > 0) {
            for (int i = 0, y = pick(); i < graph.size(); i++, y = (y + 1) % graph.size()) {
                if (dtype(y) == dtype(x) && shape(y).equals(shape(x))) {
                    return y;
                }
            }
        }
        return constant(dtype(x), shape(x).dims());
    }

    private void unary() {
        int x = pick();
        UnaryOp[] all = UnaryOp.values();
        UnaryOp f = switch (dtype(x)) {
            case BOOL -> UnaryOp.NOT;
            case F32, F64 -> all[next(all.length)];
            default -> all[next(3)];
        };
        boolean rounds = switch (f) {
            case NEGATE, ABS, SIGN, SQRT, FLOOR, CEIL, ROUND, NOT -> false;
            default -> true;
        };
        graph.unary(exact && rounds ? UnaryOp.NEGATE : f, x);
    }

    private void binary() {
        int x = pick();
        int y = partner(x);
        boolean swapped = next(2) == 1;
        BinaryOp f = BinaryOp.values()[next(BinaryOp.values().length)];
        if (dtype(x) == DType.BOOL && next(3) > 0) {
            f = new BinaryOp[] {BinaryOp.AND, BinaryOp.OR, BinaryOp.XOR}[next(3)];
        }
        if (dtype(x).isFloating() && next(4) > 0) {
            // What algebra knows most about.
            f = BinaryOp.values()[next(4)];
        }
        boolean rounds = f == BinaryOp.POWER || f == BinaryOp.MODULO && dtype(x).isFloating();
        f = exact && rounds ? BinaryOp.MAXIMUM : f;
        graph.binary(f, swapped ? y : x, swapped ? x : y);
    }

    private void reshape() {
        int x = pick();
        Shape s = shape(x);
        List<Integer> sizes = new ArrayList<>(s.toList());
        switch (next(4)) {
            case 0 -> graph.reshape(x, s.size());
            case 1 -> {
                sizes.add(next(s.rank() + 1), 1);
                graph.reshape(x, Shape.of(sizes).dims());
            }
            case 2 -> graph.reshape(x, s.dims());
            default -> {
                sizes.removeIf(n -> n == 1);
                graph.reshape(x, Shape.of(sizes).dims());
            }
        }
    }

    private void permute() {
        int x = pick();
        List<Integer> order = new ArrayList<>();
        for (int a = 0; a < shape(x).rank(); a++) {
            order.add(next(order.size() + 1), a);
        }
        graph.permute(x, order.toArray(Integer[]::new));
    }

    private int slice() {
        int x = pick();
        List<Integer> starts = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        List<Integer> steps = new ArrayList<>();
        for (int n : shape(x).dims()) {
            int start = n == 0 ? 0 : next(n);
            int step = next(3) == 0 ? -1 - next(2) : 1 + next(2);
            int most = n == 0 ? 0 : step > 0 ? (n - 1 - start) / step + 1 : start / -step + 1;
            starts.add(start);
            sizes.add(next(4) == 0 ? next(most + 1) : most);
            steps.add(step);
        }
        return graph.op(new Op.Slice(starts, sizes, steps), x);
    }

    private void broadcast() {
        int x = pick();
        int[] sizes = shape(x).dims();
        for (int a = 0; a < sizes.length; a++) {
            sizes[a] = sizes[a] == 1 ? SIZES[next(SIZES.length)] : sizes[a];
        }
        if (Shape.of(sizes).size() <= MOST_ELEMENTS) {
            graph.broadcast(x, sizes);
        }
    }

    private void pad() {
        int x = pick();
        List<List<Integer>> by = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            List<Integer> one = new ArrayList<>();
            for (int a = 0; a < shape(x).rank(); a++) {
                one.add(next(k < 2 ? 3 : 8) == 1 ? 1 : 0);
            }
            by.add(one);
        }
        boolean fractions = dtype(x).isFloating() || dtype(x).isHalf();
        double value = fractions ? CONSTANTS[next(CONSTANTS.length)] : next(2);
        graph.op(new Op.Pad(by.get(0), by.get(1), by.get(2), value), x);
    }

    private void concat() {
        int x = pick();
        int axis = shape(x).rank() == 0 ? 0 : next(shape(x).rank());
        int y = partner(x);
        if (next(2) == 0) {
            graph.concat(axis, x, y);
        } else {
            graph.concat(axis, y, x, partner(x));
        }
    }

    private void cast() {
        int x = graph.cast(DTYPES[next(DTYPES.length)], pick());
        if (next(2) == 0) {
            graph.cast(DTYPES[next(DTYPES.length)], x);
        }
    }

    private void select() {
        int x = pick();
        int y = partner(x);
        int condition = -1;
        for (int i = graph.size() - 1; i >= 0 && condition < 0; i--) {
            condition = dtype(i) == DType.BOOL && shape(i).equals(shape(x)) ? i : -1;
        }
        if (condition < 0 || next(4) == 0) {
            condition = next(2) == 0 ? constant(DType.BOOL, shape(x).dims()) : leaf(DType.BOOL, shape(x).dims());
        }
        graph.select(condition, x, y);
    }

    private void reduce() {
        int x = pick();
        List<Integer> axes = new ArrayList<>();
        for (int a = 0; a < shape(x).rank(); a++) {
            if (next(2) == 0) {
                axes.add(a);
            }
        }
        ReduceOp how = ReduceOp.values()[next(4)];
        boolean rounds = dtype(x).isFloating() && (how == ReduceOp.SUM || how == ReduceOp.PRODUCT);
        boolean picks = exact && rounds || dtype(x) == DType.BOOL;
        Op op = new Op.Reduce(picks ? next(2) == 0 ? ReduceOp.MAX : ReduceOp.MIN : how, axes);
        int reduced = graph.op(op, x);
        switch (next(4)) {
            case 0 -> graph.op(op, graph.op(new Op.Broadcast(shape(x)), reduced));
            case 1 -> graph.op(new Op.Broadcast(shape(x)), reduced);
            case 2 -> graph.op(op, reduced);
            default -> {}
        }
    }

    /// An operation that is there already, its operands perhaps in the other order.
    private void again() {
        Entry e = graph.entry(pick());
        if (e.inputs().isEmpty()) {
            return;
        }
        List<Integer> in = next(2) == 0 ? e.inputs() : e.inputs().reversed();
        graph.op(e.op(), in.toArray(Integer[]::new));
    }

    /// A value taken apart, and put together again or padded and added.
    private void parts() {
        int x = pick();
        Shape s = shape(x);
        int axis = s.rank() == 0 ? 0 : next(s.rank());
        int n = s.dim(axis);
        int cut = next(n + 1);
        int low = part(x, axis, 0, cut);
        int high = part(x, axis, cut, n - cut);
        if (next(2) == 0) {
            graph.concat(axis, low, high);
        } else {
            int gap = next(2);
            graph.binary(BinaryOp.ADD, placed(low, axis, 0, n - cut + gap), placed(high, axis, cut + gap, 0));
        }
    }

    private int part(int x, int axis, int start, int size) {
        List<Integer> starts = new ArrayList<>(shape(x).toList());
        starts.replaceAll(_ -> 0);
        starts.set(axis, start);
        List<Integer> steps = new ArrayList<>(starts);
        steps.replaceAll(_ -> 1);
        return graph.op(new Op.Slice(starts, shape(x).with(axis, size).toList(), steps), x);
    }

    private int placed(int x, int axis, int before, int after) {
        List<Integer> none = new ArrayList<>(shape(x).toList());
        none.replaceAll(_ -> 0);
        List<Integer> low = new ArrayList<>(none);
        List<Integer> high = new ArrayList<>(none);
        low.set(axis, before);
        high.set(axis, after);
        return graph.op(new Op.Pad(low, high, none, 0), x);
    }

    /// Rectified and pooled images, and the gradient's way back.
    private void pooling() {
        Window window = Window.of(2, 2, 1 + next(2), next(4) == 3 ? 1 : 0, 1);
        int[] images = {1 + next(2), 2 + next(3), 2 + next(3), 1 + next(2)};
        int x = leaf(DType.F32, images);
        int zero = graph.full(DType.F32, 0, images);
        int rectified = graph.binary(BinaryOp.MAXIMUM, x, zero);
        int pooled = graph.op(new Op.MaxPool(window), rectified);
        int slope = leaf(DType.F32, shape(pooled).dims());
        if (exact) {
            // The sum of the one element -0 is 0 on the reference backend alone.
            slope = graph.unary(UnaryOp.ABS, slope);
        }
        int spread = graph.op(new Op.MaxPoolScatter(window), rectified, slope);
        if (next(2) == 0) {
            int mask = graph.binary(BinaryOp.LESS, zero, rectified);
            graph.select(mask, spread, zero);
        }
        if (next(2) == 0 && !exact) {
            graph.reduce(ReduceOp.SUM, graph.size() - 1, 0, 1, 2);
        }
        roots.add(pooled);
    }

    private void other() {
        int x = pick();
        switch (next(7)) {
            case 0 -> graph.op(new Op.StopGradient(), x);
            case 1 -> graph.op(new Op.Iota(Shape.of(2, 3), DTYPES[next(2) * 2], next(2)));
            case 2 -> graph.op(new Op.RandomBits(Shape.of(sizes())), graph.leaf(DType.I64, new int[] {2}, 5, 3));
            case 3 -> graph.op(new Op.ArgSort(0, next(2) == 0), x);
            case 4 -> {
                int n = shape(x).dim(0);
                graph.op(new Op.Gather(0, 0), x, graph.leaf(DType.I32, new int[] {n == 0 ? 0 : 3}, 0, n - 1, 0));
            }
            case 5 -> graph.op(new Op.CumulativeSum(0, next(2) == 0), exact ? graph.cast(DType.I32, x) : x);
            default -> graph.op(new Op.MatMul(false, true), exact ? graph.cast(DType.I32, x) : x, x);
        }
    }
}
