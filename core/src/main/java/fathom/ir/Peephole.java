package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
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
            case Op.Reshape r -> moved(op, in.getFirst(), shape, sameShape(in, shape));
            case Op.Broadcast b -> moved(op, in.getFirst(), shape, sameShape(in, shape));
            case Op.Permute p -> moved(op, in.getFirst(), shape, p.order().equals(shape.axes()));
            case Op.Slice s
            when in.getFirst().op() instanceof Op.Pad p && !in.getFirst().isEvaluated() ->
                padded(s, p, in.getFirst(), shape);
            case Op.Slice s -> {
                boolean whole = sameShape(in, shape) && s.steps().stream().allMatch(v -> v == 1);
                yield moved(op, in.getFirst(), shape, whole);
            }
            case Op.Pad p -> sameShape(in, shape) ? in.getFirst() : null;
            case Op.Concat c -> in.size() == 1 ? in.getFirst() : null;
            case Op.Cast c -> cast(c, in.getFirst(), shape);
            case Op.Unary u ->
                u.function() == UnaryOp.NEGATE && in.getFirst().op() instanceof Op.Full f && dtype.isFloating()
                        ? Node.of(new Op.Full(shape, dtype, -f.value()))
                        : null;
            case Op.Binary b -> binary(b, in);
            case Op.Reduce r -> sameShape(in, shape) && shape.size() > 0 ? in.getFirst() : null;
            default -> null;
        };
    }

    private static boolean sameShape(List<Node> in, Shape shape) {
        return in.getFirst().shape().equals(shape);
    }

    /// A constant moved is a constant, and of two movements of one kind one is enough.
    private static @Nullable Node moved(Op op, Node x, Shape shape, boolean movesNothing) {
        if (movesNothing) {
            return x;
        }
        if (x.op() instanceof Op.Full f) {
            return Node.of(new Op.Full(shape, f.dtype(), f.value()));
        }
        if (x.isEvaluated()) {
            return null;
        }
        Op both = switch (op) {
            case Op.Reshape r when x.op() instanceof Op.Reshape -> r;
            case Op.Broadcast b when x.op() instanceof Op.Broadcast -> b;
            case Op.Permute p
            when x.op() instanceof Op.Permute inner ->
                new Op.Permute(p.order().stream().map(inner.order()::get).toList());
            default -> null;
        };
        return both == null ? null : Node.of(both, x.inputs().getFirst());
    }

    /// A part of something padded may have nothing of the padding, or nothing but padding. The
    /// gradient of a slice is padded, and other slices of the same tensor have no part in it.
    private static @Nullable Node padded(Op.Slice s, Op.Pad p, Node padded, Shape shape) {
        Node x = padded.inputs().getFirst();
        boolean inside = true;
        List<Integer> starts = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            int first = s.starts().get(i) - p.before().get(i);
            int last = first + (shape.dim(i) - 1) * s.steps().get(i);
            if (Math.max(first, last) < 0
                    || Math.min(first, last) >= x.shape().dim(i) && p.interior().get(i) == 0) {
                return Node.of(new Op.Full(shape, x.dtype(), p.value()));
            }
            inside &= p.interior().get(i) == 0
                    && Math.min(first, last) >= 0
                    && Math.max(first, last) < x.shape().dim(i);
            starts.add(first);
        }
        return inside ? Node.of(new Op.Slice(starts, s.sizes(), s.steps()), x) : null;
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
}
