package fathom.compile.simplify;

import fathom.backend.reference.ReferenceBackend;
import fathom.ir.BinaryOp;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Computes operations on constants, and takes what has no elements for a constant.
///
/// The reference backend computes them, so that no definition is written twice. Only such operations
/// are folded whose result every backend rounds correctly: no transcendental function, no power, no
/// remainder of fractions, and of the sums only those that need no rounding. Lifted constants are
/// left alone: their values are not part of the graph.
final class ConstantFolding implements Pass {
    /// Whole numbers below this are doubles, which is what a constant's value is kept as.
    private static final double WHOLE = 0x1p53;

    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            Double value = value(to, e);
            return value == null ? null : to.full(e.shape(), e.dtype(), value);
        });
    }

    private static @Nullable Double value(Rewriter to, Entry e) {
        if (e.inputs().isEmpty()) {
            return null;
        }
        if (e.shape().size() == 0) {
            // An index that is out of range stays an error.
            return e.op() instanceof Op.Gather || e.op() instanceof Op.ScatterAdd ? null : 0.0;
        }
        if (e.op() instanceof Op.Reduce r) {
            Entry x = to.operand(e, 0);
            Double c = x.shape().size() == 0 ? (Double) 0.0 : known(x);
            return c == null
                    ? null
                    : reduced(
                            r.how(), x.dtype(), c, x.shape().size() / e.shape().size());
        }
        if (!isRoundedCorrectly(e.op(), to.operand(e, 0).dtype())) {
            return null;
        }
        List<Entry> scalars = new ArrayList<>();
        for (int in : e.inputs()) {
            Entry x = to.entry(in);
            Double c = known(x);
            if (c == null) {
                return null;
            }
            scalars.add(new Entry(new Op.Full(Shape.SCALAR, x.dtype(), c), List.of(), Shape.SCALAR, x.dtype(), -1));
        }
        return computed(e.op(), scalars, Shape.SCALAR, e.dtype());
    }

    private static boolean isRoundedCorrectly(Op op, DType operands) {
        return switch (op) {
            case Op.Unary(UnaryOp f) ->
                switch (f) {
                    case NEGATE, ABS, SIGN, SQRT, FLOOR, CEIL, ROUND, NOT -> true;
                    case EXP, LOG, EXPM1, LOG1P, SIN, COS, TANH, ERF, SIGMOID -> false;
                };
            case Op.Binary(BinaryOp f) ->
                switch (f) {
                    case POWER -> false;
                    case MODULO -> !operands.isFloating();
                    default -> true;
                };
            case Op.Select _, Op.Cast _ -> true;
            default -> false;
        };
    }

    /// A constant's value, if it is one that its dtype can hold.
    private static @Nullable Double known(Entry e) {
        Double v = Rewriter.constant(e);
        return v != null && isHeld(e.dtype(), v) ? v : null;
    }

    private static boolean isHeld(DType dtype, double value) {
        boolean fraction = dtype.isFloating() || dtype.isHalf();
        if (!fraction && Math.abs(value) >= WHOLE) {
            return false;
        }
        Buffer one = Buffer.allocate(dtype, 1);
        one.setDouble(0, value);
        return fraction ? Double.compare(one.getDouble(0), value) == 0 : one.getDouble(0) == value;
    }

    /// One element of an operation's result, or null if a constant cannot hold it.
    private static @Nullable Double computed(Op op, List<Entry> operands, Shape shape, DType dtype) {
        List<Entry> entries = new ArrayList<>(operands);
        List<Integer> in = new ArrayList<>();
        for (int k = 0; k < operands.size(); k++) {
            in.add(k);
        }
        entries.add(new Entry(op, in, shape, dtype, -1));
        Graph graph = new Graph(entries, List.of(operands.size()));
        try (ReferenceBackend reference = new ReferenceBackend()) {
            Buffer result = reference
                    .compile(graph)
                    .run(List.of(), new double[0], Collections.singletonList(null))
                    .getFirst();
            double value = result.getDouble(0);
            return isHeld(dtype, value) ? (Double) value : null;
        }
    }

    /// `n` times the same, combined.
    private static @Nullable Double reduced(ReduceOp how, DType dtype, double value, int n) {
        if (n == 0) {
            Entry none = new Entry(new Op.Full(Shape.of(0), dtype, 0), List.of(), Shape.of(0), dtype, -1);
            return computed(new Op.Reduce(how, List.of(0)), List.of(none), Shape.of(1), dtype);
        }
        return switch (how) {
            case MAX, MIN -> value;
            case PRODUCT -> n == 1 || Double.compare(value, 0) == 0 || value == 1 ? (Double) value : null;
            case SUM -> dtype.isFloating() ? sum(dtype, value, n) : wholeSum(dtype, value, n);
        };
    }

    private static @Nullable Double wholeSum(DType dtype, double value, int n) {
        double sum = value * n;
        return isHeld(dtype, sum) ? (Double) sum : null;
    }

    /// A sum that needs no rounding in whatever order it is formed. Zero may lose its sign.
    private static @Nullable Double sum(DType dtype, double value, int n) {
        if (value == 0) {
            return Double.compare(value, 0) == 0 ? (Double) 0.0 : null;
        }
        if (!Double.isFinite(value)) {
            return value;
        }
        double odd = Math.scalb(Math.abs(value), 52 - Math.getExponent(value));
        while (odd % 2 == 0) {
            odd /= 2;
        }
        double most = dtype == DType.F32 ? 0x1p24 : 0x1p53;
        return odd * n <= most && isHeld(dtype, value * n) ? (Double) (value * n) : null;
    }
}
