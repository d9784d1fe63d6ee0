package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Simplifications seen from one operation and its operands alone. They are made while the graph is
/// built, so that movement over constants and steps that do nothing never enter it, and again by the
/// compiler on what it has changed. They are exact: no identity that changes a bit (`x * 0`, `x + 0`
/// on -0.0) is here, nor one that would change what a gradient is computed from.
public final class Peephole {
    private Peephole() {}

    /// What the rules look at: the nodes of a graph that is built, or the entries of one that is
    /// compiled.
    ///
    /// @param <T> what stands for one of them
    public interface Terms<T> {
        /// The operation.
        Op op(T x);

        /// Its operands.
        List<T> inputs(T x);

        /// The result's shape.
        Shape shape(T x);

        /// The result's dtype.
        DType dtype(T x);

        /// Whether the result exists already, so that its operands do not.
        boolean isEvaluated(T x);

        /// The value of a constant; null of anything else, and of a constant whose value is an
        /// argument.
        @Nullable
        Double constant(T x);

        /// A constant under another shape.
        T fullLike(T constant, Shape shape);

        /// An operation, whose result is known to have this shape and dtype.
        T make(Op op, Shape shape, DType dtype, List<T> inputs);
    }

    /// An equal simpler term, or null.
    public static <T> @Nullable T simplify(Terms<T> terms, Op op, List<T> in, Shape shape, DType dtype) {
        return switch (op) {
            case Op.Reshape r -> moved(terms, op, in.getFirst(), shape, sameShape(terms, in, shape));
            case Op.Broadcast b -> moved(terms, op, in.getFirst(), shape, sameShape(terms, in, shape));
            case Op.Permute p ->
                moved(terms, op, in.getFirst(), shape, p.order().equals(shape.axes()));
            case Op.Slice s -> {
                boolean whole =
                        sameShape(terms, in, shape) && s.steps().stream().allMatch(v -> v == 1);
                yield moved(terms, op, in.getFirst(), shape, whole);
            }
            case Op.Pad p -> sameShape(terms, in, shape) ? in.getFirst() : null;
            case Op.Concat c -> in.size() == 1 ? in.getFirst() : null;
            case Op.Cast c -> cast(terms, c, in.getFirst(), shape);
            case Op.Unary u -> {
                Double value = terms.constant(in.getFirst());
                yield u.function() == UnaryOp.NEGATE && value != null && dtype.isFloating()
                        ? terms.make(new Op.Full(shape, dtype, -value), shape, dtype, List.of())
                        : null;
            }
            case Op.Binary b -> binary(terms, b, in);
            case Op.Reduce r -> sameShape(terms, in, shape) && shape.size() > 0 ? in.getFirst() : null;
            default -> null;
        };
    }

    private static <T> boolean sameShape(Terms<T> terms, List<T> in, Shape shape) {
        return terms.shape(in.getFirst()).equals(shape);
    }

    /// A constant moved is a constant, and of two movements of one kind one is enough.
    private static <T> @Nullable T moved(Terms<T> terms, Op op, T x, Shape shape, boolean movesNothing) {
        if (movesNothing) {
            return x;
        }
        if (terms.op(x) instanceof Op.Full) {
            return terms.fullLike(x, shape);
        }
        if (terms.isEvaluated(x)) {
            return null;
        }
        Op both = switch (op) {
            case Op.Reshape r when terms.op(x) instanceof Op.Reshape -> r;
            case Op.Broadcast b when terms.op(x) instanceof Op.Broadcast -> b;
            case Op.Permute p
            when terms.op(x) instanceof Op.Permute inner ->
                new Op.Permute(p.order().stream().map(inner.order()::get).toList());
            default -> null;
        };
        if (both == null) {
            return null;
        }
        List<T> in = terms.inputs(x);
        T simpler = simplify(terms, both, in, shape, terms.dtype(x));
        return simpler != null ? simpler : terms.make(both, shape, terms.dtype(x), in);
    }

    private static <T> @Nullable T cast(Terms<T> terms, Op.Cast c, T x, Shape shape) {
        DType from = terms.dtype(x);
        if (from == c.to()) {
            return x;
        }
        Double value = terms.constant(x);
        if (value == null) {
            return null;
        }
        boolean exact = from.isFloating() && c.to() == DType.F64
                || from == DType.F64 && c.to() == DType.F32 && value == value.floatValue();
        return exact ? terms.make(new Op.Full(shape, c.to(), value), shape, c.to(), List.of()) : null;
    }

    private static <T> @Nullable T binary(Terms<T> terms, Op.Binary b, List<T> in) {
        T x = in.get(0);
        T y = in.get(1);
        return switch (b.function()) {
            case MULTIPLY -> isFull(terms, y, 1) ? x : isFull(terms, x, 1) ? y : null;
            case DIVIDE -> isFull(terms, y, 1) ? x : null;
            case SUBTRACT -> isFull(terms, y, 0) ? x : null;
            default -> null;
        };
    }

    private static <T> boolean isFull(Terms<T> terms, T x, double value) {
        // Compared as bits, so that -0.0 is not taken for 0.
        Double v = terms.constant(x);
        return v != null && Double.doubleToRawLongBits(v) == Double.doubleToRawLongBits(value);
    }
}
