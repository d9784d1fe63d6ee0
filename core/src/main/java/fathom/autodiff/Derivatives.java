package fathom.autodiff;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The derivative of every operation: from the gradient of a result to those of its operands.
///
/// Each rule is written with tensor operations, so that gradients have gradients.
final class Derivatives {
    private Derivatives() {}

    /// The gradients of a node's operands, null where there is none.
    ///
    /// @param node the operation and its operands
    /// @param dy the gradient of its result
    /// @param needed which operands' gradients are wanted at all
    static List<@Nullable Tensor> of(Node node, Tensor dy, Predicate<Node> needed) {
        List<Node> in = node.inputs();
        return switch (node.op()) {
            case Op.Data d -> List.of();
            case Op.Full f -> List.of();
            case Op.Iota i -> List.of();
            case Op.RandomBits r -> none(1);
            case Op.Unary u -> one(unary(u, input(node, 0), new Tensor(node), dy));
            case Op.Binary b -> binary(b, node, dy, needed);
            case Op.Select s -> {
                Tensor condition = input(node, 0);
                Tensor zero = zeros(dy);
                yield Arrays.asList(
                        null,
                        needed.test(in.get(1)) ? condition.select(dy, zero) : null,
                        needed.test(in.get(2)) ? condition.select(zero, dy) : null);
            }
            case Op.Cast c -> {
                DType from = in.getFirst().dtype();
                boolean smooth = (from.isFloating() || from.isHalf()) && (c.to().isFloating() || c.to().isHalf());
                yield one(smooth ? dy.cast(from) : null);
            }
            case Op.StopGradient s -> none(1);
            case Op.Reduce r -> one(reduce(r, input(node, 0), new Tensor(node), dy));
            case Op.ArgReduce a -> none(1);
            case Op.CumulativeSum c -> one(make(new Op.CumulativeSum(c.axis(), !c.reverse()), dy));
            case Op.ArgSort a -> none(1);
            case Op.Reshape r -> one(dy.reshape(in.getFirst().shape()));
            case Op.Permute p -> {
                int[] inverse = new int[p.order().size()];
                for (int i = 0; i < inverse.length; i++) {
                    inverse[p.order().get(i)] = i;
                }
                yield one(dy.permute(inverse));
            }
            case Op.Broadcast b -> one(sumTo(dy, in.getFirst().shape()));
            case Op.Slice s -> one(slice(s, in.getFirst().shape(), dy));
            case Op.Pad p ->
                one(make(
                        new Op.Slice(
                                p.before(),
                                in.getFirst().shape().toList(),
                                p.interior().stream().map(v -> v + 1).toList()),
                        dy));
            case Op.Concat c -> concat(c, in, dy);
            case Op.Gather g ->
                Arrays.asList(
                        make(
                                new Op.ScatterAdd(
                                        g.axis(),
                                        g.batch(),
                                        in.getFirst().shape().dim(g.axis())),
                                dy,
                                input(node, 1)),
                        null);
            case Op.ScatterAdd s -> Arrays.asList(make(new Op.Gather(s.axis(), s.batch()), dy, input(node, 1)), null);
            case Op.MatMul m -> {
                Tensor a = input(node, 0);
                Tensor b = input(node, 1);
                boolean ta = m.transposeLeft();
                boolean tb = m.transposeRight();
                yield Arrays.asList(
                        !needed.test(in.get(0))
                                ? null
                                : ta ? make(new Op.MatMul(tb, true), b, dy) : make(new Op.MatMul(false, !tb), dy, b),
                        !needed.test(in.get(1))
                                ? null
                                : tb ? make(new Op.MatMul(true, ta), dy, a) : make(new Op.MatMul(!ta, false), a, dy));
            }
            case Op.Convolution c -> {
                Tensor x = input(node, 0);
                Tensor w = input(node, 1);
                yield Arrays.asList(
                        needed.test(in.get(0))
                                ? make(
                                        new Op.ConvolutionInputGradient(c.window(), c.groups(), x.dim(1), x.dim(2)),
                                        dy,
                                        w)
                                : null,
                        needed.test(in.get(1))
                                ? make(new Op.ConvolutionWeightGradient(c.window(), c.groups()), x, dy)
                                : null);
            }
            case Op.ConvolutionInputGradient c -> {
                Tensor g = input(node, 0);
                Tensor w = input(node, 1);
                yield Arrays.asList(
                        needed.test(in.get(0)) ? make(new Op.Convolution(c.window(), c.groups()), dy, w) : null,
                        needed.test(in.get(1))
                                ? make(new Op.ConvolutionWeightGradient(c.window(), c.groups()), dy, g)
                                : null);
            }
            case Op.ConvolutionWeightGradient c -> {
                Tensor x = input(node, 0);
                Tensor g = input(node, 1);
                yield Arrays.asList(
                        needed.test(in.get(0))
                                ? make(
                                        new Op.ConvolutionInputGradient(c.window(), c.groups(), x.dim(1), x.dim(2)),
                                        g,
                                        dy)
                                : null,
                        needed.test(in.get(1)) ? make(new Op.Convolution(c.window(), c.groups()), x, dy) : null);
            }
            case Op.MaxPool p -> one(make(new Op.MaxPoolScatter(p.window()), input(node, 0), dy));
            case Op.MaxPoolScatter p -> Arrays.asList(null, make(new Op.MaxPoolGather(p.window()), input(node, 0), dy));
            case Op.MaxPoolGather p -> Arrays.asList(null, make(new Op.MaxPoolScatter(p.window()), input(node, 0), dy));
            case Op.SumPool p -> {
                Shape x = in.getFirst().shape();
                yield one(make(new Op.SumPoolScatter(p.window(), x.dim(1), x.dim(2)), dy));
            }
            case Op.SumPoolScatter p -> one(make(new Op.SumPool(p.window()), dy));
        };
    }

    private static @Nullable Tensor unary(Op.Unary op, Tensor x, Tensor y, Tensor dy) {
        return switch (op.function()) {
            case NEGATE -> dy.neg();
            case ABS -> dy.mul(x.sign());
            case EXP -> dy.mul(y);
            case LOG -> dy.div(x);
            case EXPM1 -> dy.mul(y.add(1));
            case LOG1P -> dy.div(x.add(1));
            case SQRT -> dy.mul(0.5).div(y);
            case SIN -> dy.mul(x.cos());
            case COS -> dy.mul(x.sin()).neg();
            case TANH -> dy.mul(y.mul(y).rsub(1));
            case ERF -> dy.mul(x.mul(x).neg().exp()).mul(2 / Math.sqrt(Math.PI));
            case SIGMOID -> dy.mul(y.mul(y.rsub(1)));
            case SIGN, FLOOR, CEIL, ROUND, NOT -> null;
        };
    }

    private static List<@Nullable Tensor> binary(Op.Binary op, Node node, Tensor dy, Predicate<Node> needed) {
        Tensor a = input(node, 0);
        Tensor b = input(node, 1);
        Tensor y = new Tensor(node);
        boolean left = needed.test(a.node());
        boolean right = needed.test(b.node());
        return switch (op.function()) {
            case ADD -> Arrays.asList(dy, dy);
            case SUBTRACT -> Arrays.asList(dy, right ? dy.neg() : null);
            case MULTIPLY -> Arrays.asList(left ? dy.mul(b) : null, right ? dy.mul(a) : null);
            case DIVIDE -> {
                Tensor q = dy.div(b);
                yield Arrays.asList(q, right ? q.mul(y).neg() : null);
            }
            case POWER ->
                Arrays.asList(
                        left ? dy.mul(b).mul(a.pow(b.sub(1))) : null,
                        // 0^b is flat in b: there the logarithm's infinity is kept out.
                        right ? dy.mul(y).mul(a.equal(0).select(ones(a), a).log()) : null);
            case MAXIMUM, MINIMUM -> {
                // Compared with a constant, the result tells as much as the operand, which then
                // need not be kept: so the rectifier stores its output only. Ties go to b.
                Tensor key = b.node().op() instanceof Op.Full ? y : a;
                boolean maximum = op.function() == fathom.ir.BinaryOp.MAXIMUM;
                Tensor first = maximum ? key.greater(b) : key.less(b);
                yield Arrays.asList(
                        left ? first.select(dy, zeros(dy)) : null, right ? first.select(zeros(dy), dy) : null);
            }
            case MODULO -> Arrays.asList(dy, right ? dy.mul(a.div(b).floor()).neg() : null);
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR, XOR, SHIFT_RIGHT -> none(2);
        };
    }

    private static Tensor reduce(Op.Reduce r, Tensor x, Tensor y, Tensor dy) {
        return switch (r.how()) {
            case SUM -> dy.broadcastTo(x.shape());
            case MAX, MIN -> {
                Tensor hit = x.equal(y.broadcastTo(x.shape())).cast(x.dtype());
                Tensor count = make(new Op.Reduce(ReduceOp.SUM, r.axes()), hit);
                yield hit.mul(dy.div(count).broadcastTo(x.shape()));
            }
            case PRODUCT -> dy.broadcastTo(x.shape()).mul(productOfOthers(r, x));
        };
    }

    /// For each element the product of all others along the axes. Quotients by the element would be
    /// wrong at 0, so each product is formed anew: n^2 work, any derivative.
    private static Tensor productOfOthers(Op.Reduce r, Tensor x) {
        List<Integer> order = new ArrayList<>(x.shape().axes());
        order.removeAll(r.axes());
        List<Integer> kept = List.copyOf(order);
        order.addAll(r.axes());
        int n = 1;
        for (int a : r.axes()) {
            n *= x.dim(a);
        }
        int m = 1;
        for (int a : kept) {
            m *= x.dim(a);
        }
        int[] forward = order.stream().mapToInt(Integer::intValue).toArray();
        int[] back = new int[forward.length];
        for (int i = 0; i < back.length; i++) {
            back[forward[i]] = i;
        }
        Tensor moved = x.permute(forward);
        Shape square = Shape.of(m, n, n);
        Tensor rows = moved.reshape(m, 1, n).broadcastTo(square);
        Tensor self = Tensor.eye(n).cast(DType.BOOL).unsqueeze(0).broadcastTo(square);
        Tensor ones = Tensor.full(square, x.dtype(), 1);
        return self.select(ones, rows).prod(-1).reshape(moved.shape()).permute(back);
    }

    private static Tensor slice(Op.Slice s, Shape x, Tensor dy) {
        Tensor g = dy;
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        List<Integer> interior = new ArrayList<>();
        for (int i = 0; i < x.rank(); i++) {
            int n = s.sizes().get(i);
            int step = s.steps().get(i);
            int last = s.starts().get(i) + Math.max(0, n - 1) * step;
            if (step < 0) {
                g = g.flip(i);
            }
            int low = n == 0 ? 0 : Math.min(s.starts().get(i), last);
            int high = n == 0 ? -1 : Math.max(s.starts().get(i), last);
            before.add(low);
            after.add(x.dim(i) - 1 - high);
            interior.add(Math.abs(step) - 1);
        }
        return make(new Op.Pad(before, after, interior, 0), g);
    }

    private static List<@Nullable Tensor> concat(Op.Concat c, List<Node> in, Tensor dy) {
        List<@Nullable Tensor> out = new ArrayList<>();
        int from = 0;
        for (Node n : in) {
            int size = n.shape().dim(c.axis());
            out.add(dy.slice(c.axis(), from, from + size));
            from += size;
        }
        return out;
    }

    /// Summed over the axes along which a shape of the same rank was stretched.
    private static Tensor sumTo(Tensor dy, Shape shape) {
        List<Integer> stretched = new ArrayList<>();
        for (int i = 0; i < shape.rank(); i++) {
            if (shape.dim(i) != dy.dim(i)) {
                stretched.add(i);
            }
        }
        return make(new Op.Reduce(ReduceOp.SUM, stretched), dy);
    }

    private static Tensor zeros(Tensor like) {
        return Tensor.full(like.shape(), like.dtype(), 0);
    }

    private static Tensor ones(Tensor like) {
        return Tensor.full(like.shape(), like.dtype(), 1);
    }

    private static Tensor input(Node node, int i) {
        return new Tensor(node.inputs().get(i));
    }

    private static Tensor make(Op op, Tensor... operands) {
        return new Tensor(Node.of(op, Arrays.stream(operands).map(Tensor::node).toList()));
    }

    private static List<@Nullable Tensor> one(@Nullable Tensor gradient) {
        return Arrays.asList(gradient);
    }

    private static List<@Nullable Tensor> none(int operands) {
        return Arrays.asList(new @Nullable Tensor[operands]);
    }
}
