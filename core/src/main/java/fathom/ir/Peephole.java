package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Simplifications seen from one operation and its operands alone, made while the graph is built,
/// so that movement over constants and steps that do nothing never enter it. They are exact: no
/// identity that changes a bit (`x * 0`, `x + 0` on -0.0) is here.
final class Peephole {
    private Peephole() {}

    /// An equal simpler node, or null.
    static @Nullable Node simplify(Op op, List<Node> in, Shape shape, DType dtype) {
        return switch (op) {
            case Op.Reshape r -> {
                Node x = in.getFirst();
                yield x.shape().equals(shape)
                        ? x
                        : x.op() instanceof Op.Full f
                                ? full(shape, f)
                                : x.op() instanceof Op.Reshape && !x.isEvaluated()
                                        ? Node.of(op, x.inputs().getFirst())
                                        : null;
            }
            case Op.Broadcast b -> {
                Node x = in.getFirst();
                yield x.shape().equals(shape)
                        ? x
                        : x.op() instanceof Op.Full f
                                ? full(shape, f)
                                : x.op() instanceof Op.Broadcast && !x.isEvaluated()
                                        ? Node.of(op, x.inputs().getFirst())
                                        : null;
            }
            case Op.Permute p -> permute(p, in.getFirst(), shape);
            case Op.Slice s -> {
                Node x = in.getFirst();
                boolean whole = x.shape().equals(shape) && s.steps().stream().allMatch(v -> v == 1);
                yield whole ? x : x.op() instanceof Op.Full f ? full(shape, f) : null;
            }
            case Op.Pad p -> in.getFirst().shape().equals(shape) ? in.getFirst() : null;
            case Op.Concat c -> in.size() == 1 ? in.getFirst() : null;
            case Op.Cast c -> cast(c, in.getFirst(), shape);
            case Op.Unary u ->
                u.function() == UnaryOp.NEGATE && in.getFirst().op() instanceof Op.Full f && dtype.isFloating()
                        ? Node.of(new Op.Full(shape, dtype, -f.value()))
                        : null;
            case Op.Binary b -> binary(b, in);
            case Op.Reduce r -> {
                boolean nothing = in.getFirst().shape().equals(shape);
                yield nothing && in.getFirst().shape().size() > 0 ? in.getFirst() : null;
            }
            default -> null;
        };
    }

    private static @Nullable Node permute(Op.Permute p, Node x, Shape shape) {
        boolean identity = true;
        for (int i = 0; i < p.order().size(); i++) {
            identity &= p.order().get(i) == i;
        }
        if (identity) {
            return x;
        }
        if (x.op() instanceof Op.Full f) {
            return full(shape, f);
        }
        if (x.op() instanceof Op.Permute inner && !x.isEvaluated()) {
            List<Integer> order = p.order().stream().map(inner.order()::get).toList();
            return Node.of(new Op.Permute(order), x.inputs().getFirst());
        }
        return null;
    }

    private static @Nullable Node cast(Op.Cast c, Node x, Shape shape) {
        if (x.dtype() == c.to()) {
            return x;
        }
        return x.op() instanceof Op.Full _ && x.dtype().isFloating() && c.to() == DType.F64
                        || x.op() instanceof Op.Full g
                                && x.dtype() == DType.F64
                                && c.to() == DType.F32
                                && g.value() == (float) g.value()
                ? Node.of(new Op.Full(shape, c.to(), ((Op.Full) x.op()).value()))
                : null;
    }

    private static @Nullable Node binary(Op.Binary b, List<Node> in) {
        Node x = in.get(0);
        Node y = in.get(1);
        return switch (b.function()) {
            case MULTIPLY -> isFull(y, 1) ? x : isFull(x, 1) ? y : null;
            case DIVIDE -> isFull(y, 1) ? x : null;
            case SUBTRACT -> isFull(y, 0) ? x : null;
            default -> null;
        };
    }

    private static boolean isFull(Node n, double value) {
        // Compared as bits, so that -0.0 is not taken for 0.
        return n.op() instanceof Op.Full f
                && Double.doubleToRawLongBits(f.value()) == Double.doubleToRawLongBits(value);
    }

    private static Node full(Shape shape, Op.Full f) {
        return Node.of(new Op.Full(shape, f.dtype(), f.value()));
    }
}
