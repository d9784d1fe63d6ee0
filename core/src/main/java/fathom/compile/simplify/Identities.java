package fathom.compile.simplify;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Algebra that changes no bit, NaN, infinities and both zeros included (it may change which NaN a
/// NaN is).
///
/// These rules are not in `Peephole` because they would change what a gradient is computed from: the
/// derivative of `max(x, x)` goes to one operand, that of `x` to `x`.
final class Identities implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> new Term(to, e).simpler());
    }

    /// One entry and the graph in which its operands are.
    private record Term(Rewriter to, Entry e) {
        @Nullable
        Integer simpler() {
            if (e.op() instanceof Op.Unary u) {
                return unary(u.function());
            }
            if (e.op() instanceof Op.Binary b) {
                Integer s = sameOperands(b.function());
                s = s != null ? s : withConstant(b.function());
                return s != null ? s : withNegated(b.function());
            }
            if (e.op() instanceof Op.Select) {
                return select();
            }
            // It matters to differentiation only.
            return e.op() instanceof Op.StopGradient ? in(0) : null;
        }

        private @Nullable Integer unary(UnaryOp function) {
            Entry x = x();
            if (x.op() instanceof Op.Unary(UnaryOp inner)) {
                boolean undone = function == inner && (function == UnaryOp.NEGATE || function == UnaryOp.NOT);
                if (undone) {
                    return x.inputs().getFirst();
                }
                boolean idle = isRounding(function) && isRounding(inner)
                        || function == inner && (function == UnaryOp.ABS || function == UnaryOp.SIGN);
                if (idle) {
                    return in(0);
                }
                // Not on U8, whose negatives are positive.
                boolean evened = function == UnaryOp.ABS && inner == UnaryOp.NEGATE && e.dtype() != DType.U8;
                if (evened) {
                    return make(e.op(), x.inputs().getFirst());
                }
            }
            if (function == UnaryOp.NOT && x.op() instanceof Op.Binary(BinaryOp compared)) {
                return switch (compared) {
                    case EQUAL -> make(BinaryOp.NOT_EQUAL, x.inputs());
                    case NOT_EQUAL -> make(BinaryOp.EQUAL, x.inputs());
                    default -> null;
                };
            }
            return null;
        }

        private static boolean isRounding(UnaryOp function) {
            return function == UnaryOp.FLOOR || function == UnaryOp.CEIL || function == UnaryOp.ROUND;
        }

        private @Nullable Integer sameOperands(BinaryOp function) {
            if (!in(0).equals(in(1))) {
                return null;
            }
            // Of NaN or infinity little can be said.
            boolean whole = !x().dtype().isFloating();
            return switch (function) {
                case MAXIMUM, MINIMUM, AND, OR -> in(0);
                case XOR -> constant(0);
                case SUBTRACT -> whole ? constant(0) : null;
                case LESS -> constant(0);
                case EQUAL, LESS_EQUAL -> whole ? constant(1) : null;
                case NOT_EQUAL -> whole ? constant(0) : null;
                case ADD, MULTIPLY, DIVIDE, POWER, MODULO, SHIFT_RIGHT -> null;
            };
        }

        private @Nullable Integer withConstant(BinaryOp function) {
            Double right = Rewriter.constant(y());
            Double left = Rewriter.constant(x());
            boolean floating = x().dtype().isFloating();
            return switch (function) {
                case ADD -> {
                    double nothing = floating ? -0.0 : 0;
                    yield is(right, nothing) ? in(0) : is(left, nothing) ? in(1) : null;
                }
                case SUBTRACT -> is(left, floating ? -0.0 : 0) ? negated(1) : null;
                case MULTIPLY -> is(right, -1) ? negated(0) : is(left, -1) ? negated(1) : null;
                case DIVIDE -> {
                    if (!floating || right == null) {
                        yield null;
                    }
                    // The reciprocal of a power of two rounds nothing.
                    yield right == -1
                            ? negated(0)
                            : right == 2 || right == 0.5
                                    ? make(
                                            new Op.Binary(BinaryOp.MULTIPLY),
                                            in(0),
                                            to.full(e.shape(), e.dtype(), 1 / right))
                                    : null;
                }
                case MAXIMUM -> bounded(left, right, Double.NEGATIVE_INFINITY, floating);
                case MINIMUM -> bounded(left, right, Double.POSITIVE_INFINITY, floating);
                case AND, OR, XOR -> bits(function, left, right);
                case SHIFT_RIGHT -> is(right, 0) ? in(0) : null;
                case POWER, MODULO, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> null;
            };
        }

        /// A bound that bounds nothing, or that has been applied before.
        private @Nullable Integer bounded(
                @Nullable Double left, @Nullable Double right, double bound, boolean floating) {
            if (floating && is(right, bound) || isAppliedIn(x(), in(1))) {
                return in(0);
            }
            return floating && is(left, bound) || isAppliedIn(y(), in(0)) ? in(1) : null;
        }

        /// Whether an entry is this one's operation, with the given operand.
        private boolean isAppliedIn(Entry inner, Integer operand) {
            return inner.op().equals(e.op()) && inner.inputs().contains(operand);
        }

        private @Nullable Integer bits(BinaryOp function, @Nullable Double left, @Nullable Double right) {
            Double constant = right != null ? right : left;
            Integer other = right != null ? in(0) : in(1);
            if (constant == null) {
                return null;
            }
            boolean ones = constant == (e.dtype() == DType.BOOL ? 1 : e.dtype() == DType.U8 ? 255 : -1);
            if (constant == 0) {
                return function == BinaryOp.AND ? constant(0) : other;
            }
            if (!ones) {
                return null;
            }
            return switch (function) {
                case AND -> other;
                case OR -> right != null ? in(1) : in(0);
                default -> e.dtype() == DType.BOOL ? make(new Op.Unary(UnaryOp.NOT), other) : null;
            };
        }

        /// Signs that meet in sums, products and quotients of floating elements.
        private @Nullable Integer withNegated(BinaryOp function) {
            if (!e.dtype().isFloating()) {
                return null;
            }
            Integer x = ofNegated(x());
            Integer y = ofNegated(y());
            return switch (function) {
                case ADD ->
                    y != null
                            ? make(new Op.Binary(BinaryOp.SUBTRACT), in(0), y)
                            : x != null ? make(new Op.Binary(BinaryOp.SUBTRACT), in(1), x) : null;
                case SUBTRACT -> y != null ? make(new Op.Binary(BinaryOp.ADD), in(0), y) : null;
                case MULTIPLY, DIVIDE -> x != null && y != null ? make(e.op(), x, y) : null;
                default -> null;
            };
        }

        /// What is negated to give an entry.
        private static @Nullable Integer ofNegated(Entry x) {
            return x.op() instanceof Op.Unary u && u.function() == UnaryOp.NEGATE
                    ? x.inputs().getFirst()
                    : null;
        }

        private @Nullable Integer select() {
            Double condition = Rewriter.constant(x());
            if (condition != null) {
                return in(condition != 0 ? 1 : 2);
            }
            if (in(1).equals(in(2))) {
                return in(1);
            }
            if (x().op() instanceof Op.Unary u && u.function() == UnaryOp.NOT) {
                return make(e.op(), x().inputs().getFirst(), in(2), in(1));
            }
            Integer yes = chosen(in(1), 1);
            Integer no = chosen(in(2), 2);
            if (yes != null || no != null) {
                return make(e.op(), in(0), yes != null ? yes : in(1), no != null ? no : in(2));
            }
            if (e.dtype() != DType.BOOL) {
                return null;
            }
            Double ifTrue = Rewriter.constant(to.operand(e, 1));
            Double ifFalse = Rewriter.constant(to.operand(e, 2));
            return is(ifTrue, 1) && is(ifFalse, 0)
                    ? in(0)
                    : is(ifTrue, 0) && is(ifFalse, 1) ? make(new Op.Unary(UnaryOp.NOT), in(0)) : null;
        }

        /// What a choice by the same condition comes to, if it is one.
        private @Nullable Integer chosen(int branch, int which) {
            Entry inner = to.entry(branch);
            return inner.op() instanceof Op.Select && inner.inputs().getFirst().equals(in(0))
                    ? inner.inputs().get(which)
                    : null;
        }

        private Entry x() {
            return to.operand(e, 0);
        }

        private Entry y() {
            return to.operand(e, 1);
        }

        private Integer in(int k) {
            return e.inputs().get(k);
        }

        private Integer negated(int k) {
            return make(new Op.Unary(UnaryOp.NEGATE), in(k));
        }

        private Integer constant(double value) {
            return to.full(e.shape(), e.dtype(), value);
        }

        private Integer make(BinaryOp function, List<Integer> inputs) {
            return make(new Op.Binary(function), inputs.toArray(Integer[]::new));
        }

        /// An operation whose result has this entry's shape and dtype.
        private Integer make(Op op, Integer... inputs) {
            return to.add(op, e.shape(), e.dtype(), inputs);
        }

        private static boolean is(@Nullable Double constant, double value) {
            return constant != null && Double.compare(constant, value) == 0;
        }
    }
}
