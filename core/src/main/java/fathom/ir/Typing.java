package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// The shape and dtype rule of every operation.
public final class Typing {
    private Typing() {}

    /// What an operation's result is.
    public record Type(Shape shape, DType dtype) {
        /// As errors name it: `F32[2, 3]`.
        @Override
        public String toString() {
            return dtype.toString() + shape;
        }
    }

    /// The result's shape and dtype.
    ///
    /// @throws IllegalArgumentException naming the operation, all operands and what was expected
    public static Type infer(Op op, List<Node> nodes) {
        Operands in = new Operands(op, nodes);
        in.count(operands(op, nodes.size()));
        return switch (op) {
            case Op.Data d -> new Type(d.shape(), d.dtype());
            case Op.Full f -> new Type(f.shape(), f.dtype());
            case Op.Iota i -> {
                i.shape().axis(i.axis());
                in.check(i.dtype().isNumeric(), "a numeric dtype");
                yield new Type(i.shape(), i.dtype());
            }
            case Op.RandomBits r -> {
                boolean fits = in.dtype() == DType.I64 && in.shape().equals(Shape.of(2));
                in.check(fits, "a key and an offset, I64[2]");
                yield new Type(r.shape(), DType.I32);
            }
            case Op.Unary u -> unary(u.function(), in);
            case Op.Binary b -> binary(b.function(), in);
            case Op.Select s -> {
                boolean fits = in.dtype() == DType.BOOL && in.dtype(1) == in.dtype(2) && in.haveOneShape();
                in.check(fits, "a BOOL condition and two values of one dtype, all of one shape");
                yield new Type(in.shape(), in.dtype(1));
            }
            case Op.Cast c -> new Type(in.shape(), c.to());
            case Op.BitCast b -> {
                boolean fits = Op.BitCast.counterpart(b.to()) == in.dtype();
                in.check(fits, "a dtype of as many bits as %s, of F32 and I32 or F64 and I64", b.to());
                yield new Type(in.shape(), b.to());
            }
            case Op.StopGradient s -> in.type();
            case Op.After a -> in.type();
            case Op.Checkpoint c -> {
                for (Graph.Entry e : c.body().entries()) {
                    int a = e.argument();
                    boolean fits =
                            a < 0 || a < in.nodes().size() && in.shape(a).equals(e.shape()) && in.dtype(a) == e.dtype();
                    in.check(fits, "argument %s to be %s%s", a, e.dtype(), e.shape());
                }
                Graph.Entry root = c.body().entries().get(c.body().roots().getFirst());
                yield new Type(root.shape(), root.dtype());
            }
            case Op.Reduce r -> {
                if (r.how() == ReduceOp.SUM || r.how() == ReduceOp.PRODUCT) {
                    in.checkNumeric();
                } else {
                    in.check(in.dtype().isNumeric() || in.dtype() == DType.BOOL, "a numeric or BOOL dtype");
                }
                Shape out = in.shape();
                for (int a : r.axes()) {
                    out = out.with(a, 1);
                }
                yield new Type(out, in.dtype());
            }
            case Op.ArgReduce a -> {
                in.checkNumeric();
                in.check(in.shape().dim(a.axis()) > 0, "at least one element along axis %s", a.axis());
                yield new Type(in.shape().with(a.axis(), 1), DType.I32);
            }
            case Op.CumulativeSum c -> {
                in.shape().axis(c.axis());
                in.checkNumeric();
                yield in.type();
            }
            case Op.ArgSort a -> {
                in.shape().axis(a.axis());
                in.checkNumeric();
                yield new Type(in.shape(), DType.I32);
            }
            case Op.Reshape r -> {
                in.check(in.shape().size() == r.to().size(), "%s elements, for shape %s", r.to().size(), r.to());
                yield new Type(r.to(), in.dtype());
            }
            case Op.Permute p -> {
                Shape s = in.shape();
                in.check(isPermutation(p.order(), s.rank()), "every axis once, given %s", p.order());
                int[] sizes = new int[s.rank()];
                for (int i = 0; i < sizes.length; i++) {
                    sizes[i] = s.dim(p.order().get(i));
                }
                yield new Type(Shape.of(sizes), in.dtype());
            }
            case Op.Broadcast b -> broadcast(b.to(), in);
            case Op.Slice s -> slice(s, in);
            case Op.Pad p -> pad(p, in);
            case Op.Concat c -> concat(c, in);
            case Op.Gather g -> gather(g, in);
            case Op.ScatterAdd s -> scatterAdd(s, in);
            case Op.MatMul m -> matMul(m, in);
            case Op.Convolution c -> WindowTyping.convolution(c, in);
            case Op.ConvolutionInputGradient c -> WindowTyping.inputGradient(c, in);
            case Op.ConvolutionWeightGradient c -> WindowTyping.weightGradient(c, in);
            case Op.Recurrence r -> RecurrenceTyping.infer(r, in);
            case Op.MaxPool p -> WindowTyping.pool(p.window(), in);
            case Op.MaxPoolScatter p -> WindowTyping.maxPoolScatter(p, in);
            case Op.MaxPoolGather p -> WindowTyping.pool(p.window(), in);
            case Op.SumPool p -> WindowTyping.pool(p.window(), in);
            case Op.SumPoolScatter p -> WindowTyping.sumPoolScatter(p, in);
        };
    }

    private static boolean isPermutation(List<Integer> order, int rank) {
        boolean all = order.size() == rank;
        for (int i = 0; i < rank; i++) {
            all &= order.contains(i);
        }
        return all;
    }

    /// How many operands an operation takes.
    private static int operands(Op op, int given) {
        return switch (op) {
            case Op.Data _, Op.Full _, Op.Iota _ -> 0;
            case Op.Binary _, Op.After _, Op.Gather _, Op.ScatterAdd _, Op.MatMul _ -> 2;
            case Op.Convolution _, Op.ConvolutionInputGradient _, Op.ConvolutionWeightGradient _ -> 2;
            case Op.MaxPoolScatter _, Op.MaxPoolGather _ -> 2;
            case Op.Select _ -> 3;
            case Op.Concat _, Op.Recurrence _, Op.Checkpoint _ -> given;
            default -> 1;
        };
    }

    private static Type unary(UnaryOp function, Operands in) {
        DType d = in.dtype();
        if (function == UnaryOp.NOT) {
            in.check(d == DType.BOOL, "BOOL");
        } else if (function.floatingOnly()) {
            in.check(d.isFloating(), "F32 or F64");
        } else {
            in.checkNumeric();
        }
        return in.type();
    }

    private static Type binary(BinaryOp function, Operands in) {
        DType d = in.dtype();
        in.check(d == in.dtype(1), "operands of one dtype: cast() one of them");
        in.check(in.haveOneShape(), "operands of one shape");
        boolean fits = switch (function) {
            case EQUAL, NOT_EQUAL -> d.isNumeric() || d == DType.BOOL;
            case AND, OR, XOR -> d.isInteger() || d == DType.BOOL;
            case SHIFT_RIGHT -> d.isInteger();
            case POWER -> d.isFloating();
            default -> d.isNumeric();
        };
        in.check(fits, "another dtype: %s is not defined on %s", function, d);
        return new Type(in.shape(), function.isComparison() ? DType.BOOL : d);
    }

    private static Type broadcast(Shape to, Operands in) {
        Shape s = in.shape();
        boolean fits = s.rank() == to.rank();
        for (int i = 0; fits && i < s.rank(); i++) {
            fits = s.dim(i) == to.dim(i) || s.dim(i) == 1;
        }
        in.check(fits, "sizes that equal those of %s or are 1", to);
        return new Type(to, in.dtype());
    }

    private static Type slice(Op.Slice o, Operands in) {
        Shape s = in.shape();
        boolean fits = o.starts().size() == s.rank()
                && o.sizes().size() == s.rank()
                && o.steps().size() == s.rank();
        for (int i = 0; fits && i < s.rank(); i++) {
            int start = o.starts().get(i);
            int n = o.sizes().get(i);
            int step = o.steps().get(i);
            long last = start + (n - 1L) * step;
            boolean inside = start >= 0 && start < s.dim(i) && last >= 0 && last < s.dim(i);
            fits = step != 0 && n >= 0 && (n == 0 || inside);
        }
        in.check(fits, "a part inside it, given starts %s, sizes %s, steps %s", o.starts(), o.sizes(), o.steps());
        return new Type(Shape.of(o.sizes()), in.dtype());
    }

    private static Type pad(Op.Pad p, Operands in) {
        Shape s = in.shape();
        boolean fits = true;
        for (List<Integer> sizes : List.of(p.before(), p.after(), p.interior())) {
            fits &= sizes.size() == s.rank();
            for (int size : sizes) {
                fits &= size >= 0;
            }
        }
        in.check(fits, "one padding of 0 or more for each axis");
        List<Integer> out = new ArrayList<>();
        for (int i = 0; i < s.rank(); i++) {
            int between = Math.max(0, s.dim(i) - 1) * p.interior().get(i);
            out.add(p.before().get(i) + s.dim(i) + between + p.after().get(i));
        }
        return new Type(Shape.of(out), in.dtype());
    }

    private static Type concat(Op.Concat c, Operands in) {
        in.check(!in.nodes().isEmpty(), "at least one operand");
        int axis = in.shape().axis(c.axis());
        Shape others = in.shape().with(axis, 0);
        long total = 0;
        for (Node n : in.nodes()) {
            boolean fits = n.dtype() == in.dtype()
                    && n.shape().rank() == others.rank()
                    && n.shape().with(axis, 0).equals(others);
            in.check(fits, "one dtype, and shapes equal but for axis %s", axis);
            total += n.shape().dim(axis);
        }
        return new Type(others.with(axis, Math.toIntExact(total)), in.dtype());
    }

    private static Type gather(Op.Gather g, Operands in) {
        Shape x = in.shape();
        Shape indices = in.shape(1);
        indexed(in, g.axis(), g.batch(), x);
        List<Integer> out = new ArrayList<>(x.toList().subList(0, g.axis()));
        out.addAll(indices.toList().subList(g.batch(), indices.rank()));
        out.addAll(x.toList().subList(g.axis() + 1, x.rank()));
        return new Type(Shape.of(out), in.dtype());
    }

    private static Type scatterAdd(Op.ScatterAdd s, Operands in) {
        List<Integer> updates = in.shape().toList();
        List<Integer> indices = in.shape(1).toList();
        int spread = indices.size() - s.batch();
        boolean fits = spread >= 0 && updates.size() >= s.axis() + spread && s.size() >= 0;
        in.check(fits, "updates shaped as a gather along axis %s", s.axis());
        List<Integer> out = new ArrayList<>(updates.subList(0, s.axis()));
        out.add(s.size());
        out.addAll(updates.subList(s.axis() + spread, updates.size()));
        Shape result = Shape.of(out);
        indexed(in, s.axis(), s.batch(), result);
        List<Integer> picked = updates.subList(s.axis(), s.axis() + spread);
        boolean agree = picked.equals(indices.subList(s.batch(), indices.size()));
        in.check(agree, "updates with the axes of the indices at axis %s", s.axis());
        in.check(in.dtype().isNumeric(), "numeric updates");
        return new Type(result, in.dtype());
    }

    /// That the second operand holds indices along an axis of x.
    private static void indexed(Operands in, int axis, int batch, Shape x) {
        in.check(in.dtype(1) == DType.I32 || in.dtype(1) == DType.I64, "I32 or I64 indices");
        Shape indices = in.shape(1);
        boolean fits = axis >= 0
                && axis < x.rank()
                && batch >= 0
                && batch <= axis
                && batch <= indices.rank()
                && x.toList().subList(0, batch).equals(indices.toList().subList(0, batch));
        in.check(fits, "an axis of it, and indices that agree in the first %s axes", batch);
    }

    private static Type matMul(Op.MatMul m, Operands in) {
        Shape a = in.shape();
        Shape b = in.shape(1);
        DType d = in.dtype();
        boolean matrices = d == in.dtype(1) && d.isFloating() && a.rank() >= 2 && a.rank() == b.rank();
        in.check(matrices, "two matrices (or equal stacks of them) of one dtype, F32 or F64");
        int stack = a.rank() - 2;
        int rows = a.dim(m.transposeLeft() ? -1 : -2);
        int inner = a.dim(m.transposeLeft() ? -2 : -1);
        int inner2 = b.dim(m.transposeRight() ? -1 : -2);
        int columns = b.dim(m.transposeRight() ? -2 : -1);
        boolean fit = inner == inner2
                && a.toList().subList(0, stack).equals(b.toList().subList(0, stack));
        in.check(fit, "equal inner sizes and leading axes, got inner sizes %s and %s", inner, inner2);
        return new Type(a.with(-2, rows).with(-1, columns), d);
    }
}
