package fathom.autodiff;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The derivative of every operation: from the gradient of a result to those of its operands.
///
/// Each rule is written with tensor operations, so that gradients have gradients.
///
/// @param node the operation and its operands
/// @param dy the gradient of its result
/// @param needed the nodes whose gradients are wanted at all
record Derivatives(Node node, Tensor dy, Set<Node> needed) {

    /// The gradients of the node's operands, null where there is none.
    List<@Nullable Tensor> ofOperands() {
        return switch (node.op()) {
            case Op.Data _, Op.Full _, Op.Iota _ -> List.of();
            case Op.RandomBits _, Op.BitCast _, Op.StopGradient _, Op.ArgReduce _, Op.ArgSort _ -> none();
            case Op.Unary u -> one(unary(u, input(0), new Tensor(node)));
            case Op.Binary b -> binary(b);
            case Op.Select s -> {
                Tensor zero = zeros(dy);
                yield Arrays.asList(
                        null, wanted(1, () -> input(0).select(dy, zero)), wanted(2, () -> input(0).select(zero, dy)));
            }
            case Op.Cast c -> {
                DType from = input(0).dtype();
                boolean smooth = (from.isFloating() || from.isHalf()) && (c.to().isFloating() || c.to().isHalf());
                yield one(smooth ? dy.cast(from) : null);
            }
            case Op.After a -> Arrays.asList(dy, null);
            case Op.Checkpoint c -> checkpoint(c);
            case Op.Reduce r -> one(reduce(r, input(0), new Tensor(node)));
            case Op.CumulativeSum c -> one(Tensor.of(new Op.CumulativeSum(c.axis(), !c.reverse()), dy));
            case Op.Reshape r -> one(dy.reshape(input(0).shape()));
            case Op.Permute p -> one(dy.permute(inverse(p.order())));
            case Op.Broadcast b -> one(sumTo(input(0).shape()));
            case Op.Slice s -> one(slice(s, input(0).shape()));
            case Op.Pad p -> {
                List<Integer> steps = p.interior().stream().map(v -> v + 1).toList();
                yield one(Tensor.of(new Op.Slice(p.before(), input(0).shape().toList(), steps), dy));
            }
            case Op.Concat c -> concat(c);
            case Op.Gather g -> {
                Op adjoint = new Op.ScatterAdd(g.axis(), g.batch(), input(0).dim(g.axis()));
                yield Arrays.asList(Tensor.of(adjoint, dy, input(1)), null);
            }
            case Op.ScatterAdd s -> Arrays.asList(Tensor.of(new Op.Gather(s.axis(), s.batch()), dy, input(1)), null);
            case Op.MatMul m -> {
                boolean ta = m.transposeLeft();
                boolean tb = m.transposeRight();
                Tensor a = input(0);
                Tensor b = input(1);
                yield both(
                        () -> ta ? product(b, tb, dy, true) : product(dy, false, b, !tb),
                        () -> tb ? product(dy, true, a, ta) : product(a, !ta, dy, false));
            }
            case Op.Convolution c ->
                both(
                        () -> inputGradient(c.window(), c.groups(), input(0), dy, input(1)),
                        () -> weightGradient(c.window(), c.groups(), input(0), dy));
            case Op.ConvolutionInputGradient c ->
                both(
                        () -> dy.conv2d(input(1), c.window(), c.groups()),
                        () -> weightGradient(c.window(), c.groups(), dy, input(0)));
            case Op.ConvolutionWeightGradient c ->
                both(
                        () -> inputGradient(c.window(), c.groups(), input(0), input(1), dy),
                        () -> input(0).conv2d(dy, c.window(), c.groups()));
            case Op.Recurrence r -> new RecurrenceDerivative(r, node, dy, needed).ofOperands();
            case Op.MaxPool p -> one(Tensor.of(new Op.MaxPoolScatter(p.window()), input(0), dy));
            case Op.MaxPoolScatter p -> Arrays.asList(null, Tensor.of(new Op.MaxPoolGather(p.window()), input(0), dy));
            case Op.MaxPoolGather p -> Arrays.asList(null, Tensor.of(new Op.MaxPoolScatter(p.window()), input(0), dy));
            case Op.SumPool p ->
                one(Tensor.of(new Op.SumPoolScatter(p.window(), input(0).dim(1), input(0).dim(2)), dy));
            case Op.SumPoolScatter p -> one(Tensor.of(new Op.SumPool(p.window()), dy));
        };
    }

    /// Differentiates what is computed anew, once there is a gradient for it. That is done apart, for
    /// arguments that stand for the operands: what those were computed from is none of its business.
    private List<@Nullable Tensor> checkpoint(Op.Checkpoint c) {
        List<Tensor> arguments = new ArrayList<>();
        node.inputs().forEach(n -> arguments.add(Tensor.of(new Op.Data(n.shape(), n.dtype()))));
        Tensor gradient = Tensor.of(new Op.Data(dy.shape(), dy.dtype()));
        Tensor y = new Tensor(c.body()
                .instantiate(arguments.stream().map(Tensor::node).toList())
                .getFirst());
        List<@Nullable Tensor> found = Gradients.ofUsed(y.mul(gradient).sum(), arguments);
        List<Node> roots = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            Tensor g = found.get(i);
            if (g != null && needed.contains(node.inputs().get(i))) {
                roots.add(g.node());
            }
        }
        arguments.add(gradient);
        Graph backward =
                Graph.closed(roots, arguments.stream().map(Tensor::node).toList());
        List<Node> operands = new ArrayList<>(node.inputs());
        operands.set(0, Node.of(new Op.After(), operands.getFirst(), dy.node()));
        operands.add(dy.node());
        Iterator<Node> made = together(backward.instantiate(operands)).iterator();
        List<@Nullable Tensor> all = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            boolean wanted =
                    found.get(i) != null && needed.contains(node.inputs().get(i));
            all.add(wanted ? new Tensor(made.next()) : null);
        }
        return all;
    }

    /// The same, each once all of them are computed: then what they need is needed no more.
    private static List<Node> together(List<Node> nodes) {
        if (nodes.size() < 2) {
            return nodes;
        }
        Node all = nodes.getLast();
        for (Node n : nodes.reversed().subList(1, nodes.size())) {
            all = Node.of(new Op.After(), n, all);
        }
        Node last = all;
        return nodes.stream().map(n -> Node.of(new Op.After(), n, last)).toList();
    }

    private static Tensor product(Tensor a, boolean transposeLeft, Tensor b, boolean transposeRight) {
        return Tensor.of(new Op.MatMul(transposeLeft, transposeRight), a, b);
    }

    private static Tensor inputGradient(Window window, int groups, Tensor x, Tensor dy, Tensor w) {
        return Tensor.of(new Op.ConvolutionInputGradient(window, groups, x.dim(1), x.dim(2)), dy, w);
    }

    private static Tensor weightGradient(Window window, int groups, Tensor x, Tensor dy) {
        return Tensor.of(new Op.ConvolutionWeightGradient(window, groups), x, dy);
    }

    private @Nullable Tensor unary(Op.Unary op, Tensor x, Tensor y) {
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

    private List<@Nullable Tensor> binary(Op.Binary op) {
        Tensor a = input(0);
        Tensor b = input(1);
        Tensor y = new Tensor(node);
        return switch (op.function()) {
            case ADD -> Arrays.asList(dy, dy);
            case SUBTRACT -> both(() -> dy, dy::neg);
            case MULTIPLY -> both(() -> dy.mul(b), () -> dy.mul(a));
            case DIVIDE -> {
                Tensor q = dy.div(b);
                yield both(() -> q, () -> q.mul(y).neg());
            }
            case POWER ->
                both(
                        () -> dy.mul(b).mul(a.pow(b.sub(1))),
                        // 0^b is flat in b: there the logarithm's infinity is kept out.
                        () -> dy.mul(y).mul(a.equal(0).select(ones(a), a).log()));
            case MAXIMUM, MINIMUM -> {
                // Compared with a constant, the result tells as much as the operand, which then
                // need not be kept: so the rectifier stores its output only. Ties go to b.
                Tensor key = b.node().op() instanceof Op.Full ? y : a;
                Tensor first = op.function() == BinaryOp.MAXIMUM ? key.greater(b) : key.less(b);
                yield both(() -> first.select(dy, zeros(dy)), () -> first.select(zeros(dy), dy));
            }
            case MODULO -> both(() -> dy, () -> dy.mul(a.div(b).floor()).neg());
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR, XOR, SHIFT_RIGHT -> none();
        };
    }

    private Tensor reduce(Op.Reduce r, Tensor x, Tensor y) {
        return switch (r.how()) {
            case SUM -> dy.broadcastTo(x.shape());
            case MAX, MIN -> {
                Tensor hit = x.equal(y.broadcastTo(x.shape())).cast(x.dtype());
                Tensor count = Tensor.of(new Op.Reduce(ReduceOp.SUM, r.axes()), hit);
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
        int kept = order.size();
        order.addAll(r.axes());
        Tensor moved = x.permute(order.stream().mapToInt(Integer::intValue).toArray());
        int m = moved.shape().size(0, kept);
        int n = moved.shape().size(kept, moved.rank());
        Shape square = Shape.of(m, n, n);
        Tensor rows = moved.reshape(m, 1, n).broadcastTo(square);
        Tensor self = Tensor.eye(n).cast(DType.BOOL).unsqueeze(0).broadcastTo(square);
        Tensor ones = Tensor.full(square, x.dtype(), 1);
        return self.select(ones, rows).prod(-1).reshape(moved.shape()).permute(inverse(order));
    }

    private Tensor slice(Op.Slice s, Shape x) {
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
        return Tensor.of(new Op.Pad(before, after, interior, 0), g);
    }

    private List<@Nullable Tensor> concat(Op.Concat c) {
        List<@Nullable Tensor> out = new ArrayList<>();
        int from = 0;
        for (Node n : node.inputs()) {
            int size = n.shape().dim(c.axis());
            out.add(dy.slice(c.axis(), from, from + size));
            from += size;
        }
        return out;
    }

    /// Summed over the axes along which a shape of the same rank was stretched.
    private Tensor sumTo(Shape shape) {
        List<Integer> stretched =
                shape.axes().stream().filter(i -> shape.dim(i) != dy.dim(i)).toList();
        return Tensor.of(new Op.Reduce(ReduceOp.SUM, stretched), dy);
    }

    private static Tensor zeros(Tensor like) {
        return Tensor.full(like.shape(), like.dtype(), 0);
    }

    private static Tensor ones(Tensor like) {
        return Tensor.full(like.shape(), like.dtype(), 1);
    }

    private static int[] inverse(List<Integer> order) {
        return IntStream.range(0, order.size()).map(order::indexOf).toArray();
    }

    private Tensor input(int i) {
        return new Tensor(node.inputs().get(i));
    }

    private @Nullable Tensor wanted(int operand, Supplier<Tensor> gradient) {
        return needed.contains(node.inputs().get(operand)) ? gradient.get() : null;
    }

    /// The gradients of two operands, of which only those are made that are wanted.
    private List<@Nullable Tensor> both(Supplier<Tensor> first, Supplier<Tensor> second) {
        return Arrays.asList(wanted(0, first), wanted(1, second));
    }

    private static List<@Nullable Tensor> one(@Nullable Tensor gradient) {
        return Arrays.asList(gradient);
    }

    private List<@Nullable Tensor> none() {
        return Collections.nCopies(node.inputs().size(), null);
    }
}
