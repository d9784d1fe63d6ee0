package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The shape and dtype rule of every operation.
public final class Typing {
    private Typing() {}

    /// What an operation's result is.
    public record Type(Shape shape, DType dtype) {}

    /// The result's shape and dtype.
    ///
    /// @throws IllegalArgumentException naming the operation, all operands and what was expected
    public static Type infer(Op op, List<Node> in) {
        return switch (op) {
            case Op.Data d -> new Type(d.shape(), d.dtype());
            case Op.Full f -> new Type(f.shape(), f.dtype());
            case Op.Iota i -> {
                i.shape().axis(i.axis());
                check(op, in, i.dtype().isNumeric(), "a numeric dtype");
                yield new Type(i.shape(), i.dtype());
            }
            case Op.RandomBits r -> {
                count(op, in, 1);
                check(
                        op,
                        in,
                        in.getFirst().dtype() == DType.I64
                                && in.getFirst().shape().equals(Shape.of(2)),
                        "a key and an offset, I64[2]");
                yield new Type(r.shape(), DType.I32);
            }
            case Op.Unary u -> unary(u, in);
            case Op.Binary b -> binary(b, in);
            case Op.Select s -> {
                count(op, in, 3);
                check(
                        op,
                        in,
                        in.get(0).dtype() == DType.BOOL
                                && in.get(1).dtype() == in.get(2).dtype()
                                && sameShapes(in),
                        "a BOOL condition and two values of one dtype, all of one shape");
                yield new Type(in.get(1).shape(), in.get(1).dtype());
            }
            case Op.Cast c -> {
                count(op, in, 1);
                yield new Type(in.getFirst().shape(), c.to());
            }
            case Op.StopGradient s -> {
                count(op, in, 1);
                yield type(in.getFirst());
            }
            case Op.Reduce r -> {
                count(op, in, 1);
                Node x = in.getFirst();
                boolean sums = r.how() == ReduceOp.SUM || r.how() == ReduceOp.PRODUCT;
                check(
                        op,
                        in,
                        x.dtype().isNumeric() || !sums && x.dtype() == DType.BOOL,
                        sums ? "a numeric dtype" : "a numeric or BOOL dtype");
                Shape out = x.shape();
                for (int a : r.axes()) {
                    out = out.with(a, 1);
                }
                yield new Type(out, x.dtype());
            }
            case Op.ArgReduce a -> {
                count(op, in, 1);
                Node x = in.getFirst();
                check(op, in, x.dtype().isNumeric(), "a numeric dtype");
                check(op, in, x.shape().dim(a.axis()) > 0, "at least one element along axis " + a.axis());
                yield new Type(x.shape().with(a.axis(), 1), DType.I32);
            }
            case Op.CumulativeSum c -> {
                count(op, in, 1);
                in.getFirst().shape().axis(c.axis());
                check(op, in, in.getFirst().dtype().isNumeric(), "a numeric dtype");
                yield type(in.getFirst());
            }
            case Op.ArgSort a -> {
                count(op, in, 1);
                in.getFirst().shape().axis(a.axis());
                check(op, in, in.getFirst().dtype().isNumeric(), "a numeric dtype");
                yield new Type(in.getFirst().shape(), DType.I32);
            }
            case Op.Reshape r -> {
                count(op, in, 1);
                Node x = in.getFirst();
                check(op, in, x.shape().size() == r.to().size(), r.to().size() + " elements, for shape " + r.to());
                yield new Type(r.to(), x.dtype());
            }
            case Op.Permute p -> permute(p, in);
            case Op.Broadcast b -> broadcast(b, in);
            case Op.Slice s -> slice(s, in);
            case Op.Pad p -> pad(p, in);
            case Op.Concat c -> concat(c, in);
            case Op.Gather g -> gather(g, in);
            case Op.ScatterAdd s -> scatterAdd(s, in);
            case Op.MatMul m -> matMul(m, in);
            case Op.Convolution c -> WindowTyping.convolution(c, in);
            case Op.ConvolutionInputGradient c -> WindowTyping.inputGradient(c, in);
            case Op.ConvolutionWeightGradient c -> WindowTyping.weightGradient(c, in);
            case Op.MaxPool p -> WindowTyping.pool(p, p.window(), in, 1);
            case Op.MaxPoolScatter p -> WindowTyping.maxPoolScatter(p, in);
            case Op.MaxPoolGather p -> WindowTyping.pool(p, p.window(), in, 2);
            case Op.SumPool p -> WindowTyping.pool(p, p.window(), in, 1);
            case Op.SumPoolScatter p -> WindowTyping.sumPoolScatter(p, in);
        };
    }

    private static Type unary(Op.Unary op, List<Node> in) {
        count(op, in, 1);
        DType d = in.getFirst().dtype();
        boolean fits = op.function() == UnaryOp.NOT
                ? d == DType.BOOL
                : op.function().floatingOnly() ? d.isFloating() : d.isNumeric();
        check(
                op,
                in,
                fits,
                op.function() == UnaryOp.NOT
                        ? "BOOL"
                        : op.function().floatingOnly() ? "F32 or F64" : "a numeric dtype");
        return type(in.getFirst());
    }

    private static Type binary(Op.Binary op, List<Node> in) {
        count(op, in, 2);
        DType d = in.getFirst().dtype();
        check(op, in, d == in.get(1).dtype(), "operands of one dtype: cast() one of them");
        check(op, in, sameShapes(in), "operands of one shape");
        BinaryOp f = op.function();
        boolean fits = switch (f) {
            case EQUAL, NOT_EQUAL -> d.isNumeric() || d == DType.BOOL;
            case AND, OR, XOR -> d.isInteger() || d == DType.BOOL;
            case SHIFT_RIGHT -> d.isInteger();
            case POWER -> d.isFloating();
            default -> d.isNumeric();
        };
        check(op, in, fits, "another dtype: " + f + " is not defined on " + d);
        return new Type(in.getFirst().shape(), f.isComparison() ? DType.BOOL : d);
    }

    private static Type permute(Op.Permute p, List<Node> in) {
        count(p, in, 1);
        Shape s = in.getFirst().shape();
        check(
                p,
                in,
                p.order().size() == s.rank()
                        && p.order().stream().sorted().toList().equals(s.axes()),
                "every axis once, given " + p.order());
        return new Type(
                Shape.of(p.order().stream().map(s::dim).toList()), in.getFirst().dtype());
    }

    private static Type broadcast(Op.Broadcast b, List<Node> in) {
        count(b, in, 1);
        Shape s = in.getFirst().shape();
        boolean fits = s.rank() == b.to().rank();
        for (int i = 0; fits && i < s.rank(); i++) {
            fits = s.dim(i) == b.to().dim(i) || s.dim(i) == 1;
        }
        check(b, in, fits, "sizes that equal those of " + b.to() + " or are 1");
        return new Type(b.to(), in.getFirst().dtype());
    }

    private static Type slice(Op.Slice o, List<Node> in) {
        count(o, in, 1);
        Shape s = in.getFirst().shape();
        boolean fits = o.starts().size() == s.rank()
                && o.sizes().size() == s.rank()
                && o.steps().size() == s.rank();
        for (int i = 0; fits && i < s.rank(); i++) {
            int n = o.sizes().get(i);
            long last = o.starts().get(i) + (n - 1L) * o.steps().get(i);
            fits = o.steps().get(i) != 0
                    && n >= 0
                    && (n == 0
                            || o.starts().get(i) >= 0 && o.starts().get(i) < s.dim(i) && last >= 0 && last < s.dim(i));
        }
        check(
                o,
                in,
                fits,
                "a part inside it, given starts " + o.starts() + ", sizes " + o.sizes() + ", steps " + o.steps());
        return new Type(Shape.of(o.sizes()), in.getFirst().dtype());
    }

    private static Type pad(Op.Pad p, List<Node> in) {
        count(p, in, 1);
        Shape s = in.getFirst().shape();
        boolean fits = p.before().size() == s.rank()
                && p.after().size() == s.rank()
                && p.interior().size() == s.rank()
                && p.before().stream().allMatch(v -> v >= 0)
                && p.after().stream().allMatch(v -> v >= 0)
                && p.interior().stream().allMatch(v -> v >= 0);
        check(p, in, fits, "one padding of 0 or more for each axis");
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < s.rank(); i++) {
            int n = s.dim(i);
            out.add(p.before().get(i)
                    + n
                    + Math.max(0, n - 1) * p.interior().get(i)
                    + p.after().get(i));
        }
        return new Type(Shape.of(out), in.getFirst().dtype());
    }

    private static Type concat(Op.Concat c, List<Node> in) {
        check(c, in, !in.isEmpty(), "at least one operand");
        Node first = in.getFirst();
        int axis = first.shape().axis(c.axis());
        long total = 0;
        for (Node n : in) {
            check(
                    c,
                    in,
                    n.dtype() == first.dtype()
                            && n.shape().rank() == first.shape().rank()
                            && n.shape().with(axis, 0).equals(first.shape().with(axis, 0)),
                    "one dtype, and shapes equal but for axis " + axis);
            total += n.shape().dim(axis);
        }
        return new Type(first.shape().with(axis, Math.toIntExact(total)), first.dtype());
    }

    private static Type gather(Op.Gather g, List<Node> in) {
        count(g, in, 2);
        Shape x = in.get(0).shape();
        Shape indices = in.get(1).shape();
        indexed(g, in, g.axis(), g.batch(), x, indices);
        List<Integer> out = new ArrayList<>(x.toList().subList(0, g.axis()));
        out.addAll(indices.toList().subList(g.batch(), indices.rank()));
        out.addAll(x.toList().subList(g.axis() + 1, x.rank()));
        return new Type(Shape.of(out), in.getFirst().dtype());
    }

    private static Type scatterAdd(Op.ScatterAdd s, List<Node> in) {
        count(s, in, 2);
        Shape updates = in.get(0).shape();
        Shape indices = in.get(1).shape();
        int spread = indices.rank() - s.batch();
        check(
                s,
                in,
                spread >= 0 && updates.rank() >= s.axis() + spread && s.size() >= 0,
                "updates shaped as a gather along axis " + s.axis());
        List<Integer> out = new ArrayList<>(updates.toList().subList(0, s.axis()));
        out.add(s.size());
        out.addAll(updates.toList().subList(s.axis() + spread, updates.rank()));
        Shape result = Shape.of(out);
        indexed(s, in, s.axis(), s.batch(), result, indices);
        check(
                s,
                in,
                updates.toList()
                        .subList(s.axis(), s.axis() + spread)
                        .equals(indices.toList().subList(s.batch(), indices.rank())),
                "updates with the axes of the indices at axis " + s.axis());
        check(s, in, in.getFirst().dtype().isNumeric(), "numeric updates");
        return new Type(result, in.getFirst().dtype());
    }

    private static void indexed(Op op, List<Node> in, int axis, int batch, Shape x, Shape indices) {
        DType d = in.get(1).dtype();
        check(op, in, d == DType.I32 || d == DType.I64, "I32 or I64 indices");
        check(
                op,
                in,
                axis >= 0
                        && axis < x.rank()
                        && batch >= 0
                        && batch <= axis
                        && batch <= indices.rank()
                        && x.toList().subList(0, batch).equals(indices.toList().subList(0, batch)),
                "an axis of it, and indices that agree in the first " + batch + " axes");
    }

    private static Type matMul(Op.MatMul m, List<Node> in) {
        count(m, in, 2);
        Shape a = in.get(0).shape();
        Shape b = in.get(1).shape();
        DType d = in.get(0).dtype();
        check(
                m,
                in,
                d == in.get(1).dtype() && d.isFloating() && a.rank() >= 2 && a.rank() == b.rank(),
                "two matrices (or equal stacks of them) of one dtype, F32 or F64");
        int rank = a.rank();
        int rows = a.dim(m.transposeLeft() ? -1 : -2);
        int inner = a.dim(m.transposeLeft() ? -2 : -1);
        int inner2 = b.dim(m.transposeRight() ? -1 : -2);
        int columns = b.dim(m.transposeRight() ? -2 : -1);
        check(
                m,
                in,
                inner == inner2
                        && a.toList().subList(0, rank - 2).equals(b.toList().subList(0, rank - 2)),
                "equal inner sizes and leading axes, got inner sizes " + inner + " and " + inner2);
        return new Type(a.with(-2, rows).with(-1, columns), d);
    }

    static Type type(Node n) {
        return new Type(n.shape(), n.dtype());
    }

    private static boolean sameShapes(List<Node> in) {
        return in.stream().allMatch(n -> n.shape().equals(in.getFirst().shape()));
    }

    static void count(Op op, List<Node> in, int expected) {
        check(op, in, in.size() == expected, expected + " operands");
    }

    static void check(Op op, List<Node> in, boolean ok, String expected) {
        if (!ok) {
            throw new IllegalArgumentException(op.title()
                    + "("
                    + in.stream().map(n -> n.dtype().toString() + n.shape()).collect(Collectors.joining(", "))
                    + "): expected "
                    + expected);
        }
    }
}
