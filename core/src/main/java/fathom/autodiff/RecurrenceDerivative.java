package fathom.autodiff;

import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The derivative of a recurrence: backpropagation through time, which is a recurrence in the other
/// direction.
///
/// Its state is the gradient of the products (P blocks), then those of the sequences, then the part
/// of the old state's gradient that does not come by way of the products. It multiplies the first P
/// blocks by the transposed weights, which gives the part that does. Its cell is the gradient of the
/// cell. So derivatives of any order are recurrences, and nothing is unrolled.
///
/// Werbos: *Backpropagation through time: what it does and how to do it* (1990).
final class RecurrenceDerivative {
    private final Op.Recurrence op;
    private final Node node;
    private final Tensor dy;
    private final Set<Node> needed;
    private final int sequences;
    private final int time;
    private final int samples;
    private final int width;
    private final int states;
    private final int products;
    private final int fed;

    /// What the gradient's cell is given, and the sequences that are fed to it.
    private final List<Node> arguments = new ArrayList<>();

    private final List<Tensor> given = new ArrayList<>();

    RecurrenceDerivative(Op.Recurrence op, Node node, Tensor dy, Set<Node> needed) {
        this.op = op;
        this.node = node;
        this.dy = dy;
        this.needed = needed;
        sequences = node.inputs().size() - 2;
        Shape x = node.inputs().getFirst().shape();
        time = x.dim(0);
        samples = x.dim(1);
        states = op.states();
        width = node.inputs().getLast().shape().dim(1) / states;
        products = width == 0 ? 0 : weights().dim(1) / width;
        fed = width == 0 ? 0 : weights().dim(0) / width;
    }

    private Tensor weights() {
        return new Tensor(node.inputs().get(sequences));
    }

    private boolean isNeeded(int operand) {
        return needed.contains(node.inputs().get(operand));
    }

    List<@Nullable Tensor> ofOperands() {
        Tensor result = new Tensor(node);
        Tensor old = times(result, op.before());
        Tensor made = times(result, op.after());
        Tensor gradient = part(dy, 0, op.after(), op.after() + time);

        // One step forward, from arguments that stand for the blocks of that time.
        List<Tensor> x = new ArrayList<>();
        int[] firstBlock = new int[sequences + 1];
        for (int i = 0; i < sequences; i++) {
            Tensor sequence = new Tensor(node.inputs().get(i));
            for (int from = 0; from < sequence.dim(2); from += width) {
                x.add(argument(sequence.slice(2, from, from + width)));
            }
            firstBlock[i + 1] = x.size();
        }
        List<Tensor> p = IntStream.range(0, products)
                .mapToObj(i -> argument(block(made, states + i)))
                .toList();
        List<Tensor> s = IntStream.range(0, states)
                .mapToObj(i -> argument(block(old, i)))
                .toList();
        List<Tensor> forward = new ArrayList<>(x);
        forward.addAll(p);
        forward.addAll(s);
        List<Node> next =
                op.cell().instantiate(forward.stream().map(Tensor::node).toList());

        // What comes back from the step after, and from outside.
        List<Tensor> back = IntStream.range(0, fed).mapToObj(_ -> placeholder()).toList();
        List<@Nullable Tensor> direct = new ArrayList<>();
        for (int i = 0; i < states; i++) {
            direct.add(isRead(x.size() + products + i) ? placeholder() : null);
        }
        Tensor total = null;
        for (int i = 0; i < states; i++) {
            Tensor ds = sum(i < fed ? back.get(i) : null, direct.get(i), outside(gradient, i));
            if (ds != null) {
                Tensor part = new Tensor(next.get(i)).mul(ds).sum();
                total = total == null ? part : total.add(part);
            }
        }
        List<@Nullable Tensor> local =
                total == null ? Collections.nCopies(forward.size(), null) : Gradients.ofUsed(total, forward);

        // One step back.
        Roots roots = new Roots();
        for (int i = 0; i < products; i++) {
            roots.add(orZeros(sum(local.get(x.size() + i), outside(gradient, states + i))));
        }
        List<int[]> dx = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            dx.add(
                    isNeeded(i)
                            ? IntStream.range(firstBlock[i], firstBlock[i + 1])
                                    .map(k -> roots.find(orZeros(local.get(k))))
                                    .toArray()
                            : new int[0]);
        }
        int[] carried = new int[states];
        for (int i = 0; i < states; i++) {
            Tensor ds = local.get(x.size() + products + i);
            carried[i] = direct.get(i) == null ? -1 : roots.add(orZeros(ds));
        }
        Tensor all = adjoint(roots, back, direct, carried);

        Tensor latest = times(all, op.reverse() ? 1 : 0);
        List<@Nullable Tensor> gradients = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            gradients.add(isNeeded(i) ? blocks(latest, dx.get(i)) : null);
        }
        gradients.add(isNeeded(sequences) ? ofWeights(old, latest) : null);
        gradients.add(isNeeded(sequences + 1) ? ofInitial(all, carried) : null);
        return gradients;
    }

    private Tensor adjoint(Roots roots, List<Tensor> back, List<@Nullable Tensor> direct, int[] carried) {
        int count = roots.nodes.size();
        Tensor[] old = new Tensor[count];
        Arrays.setAll(old, _ -> placeholder());
        for (int i = 0; i < states; i++) {
            Tensor d = direct.get(i);
            if (d != null) {
                old[carried[i]] = d;
            }
        }
        // Only what the cell reads.
        List<Node> read = Graph.topological(roots.nodes, arguments::contains);
        List<Node> leaves = new ArrayList<>();
        List<Tensor> operands = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            if (read.contains(arguments.get(i))) {
                leaves.add(arguments.get(i));
                operands.add(given.get(i));
            }
        }
        if (operands.isEmpty()) {
            // A recurrence takes its length from a sequence.
            leaves.add(placeholder().node());
            operands.add(Tensor.full(Shape.of(time, samples, width), dtype(), 0));
        }
        back.forEach(b -> leaves.add(b.node()));
        Arrays.stream(old).forEach(o -> leaves.add(o.node()));
        operands.add(weights().transpose());
        operands.add(Tensor.full(Shape.of(samples, count * width), dtype(), 0));
        Op reversed = new Op.Recurrence(Graph.closed(roots.nodes, leaves), !op.reverse());
        return Tensor.of(reversed, operands.toArray(Tensor[]::new));
    }

    private Tensor ofWeights(Tensor old, Tensor latest) {
        Tensor states = old.slice(2, 0, fed * width).reshape(time * samples, fed * width);
        Tensor dp = latest.slice(2, 0, products * width).reshape(time * samples, products * width);
        return states.transpose().matmul(dp);
    }

    /// From the row of the initial state itself, and what came back to it.
    private Tensor ofInitial(Tensor all, int[] carried) {
        int row = op.reverse() ? time : 0;
        Tensor own = part(dy, 0, row, row + 1).reshape(samples, dy.dim(2));
        Tensor first = all.slice(0, row, row + 1).reshape(samples, all.dim(2));
        Tensor back = fed == 0
                ? null
                : first.slice(1, 0, products * width).matmul(weights().transpose());
        Tensor[] blocks = new Tensor[states];
        for (int i = 0; i < states; i++) {
            blocks[i] = orZeros(sum(
                    columns(own, i),
                    i < fed && back != null ? columns(back, i) : null,
                    carried[i] < 0 ? null : columns(first, carried[i])));
        }
        return Tensor.concat(1, blocks);
    }

    private Tensor columns(Tensor x, int block) {
        return x.slice(1, block * width, (block + 1) * width);
    }

    /// The rows for all times, where those begin with the given row.
    private Tensor times(Tensor history, int from) {
        return history.slice(0, from, from + time);
    }

    private Tensor block(Tensor rows, int i) {
        return rows.slice(2, i * width, (i + 1) * width);
    }

    /// Several blocks side by side, in one piece if they lie so.
    private Tensor blocks(Tensor rows, int[] numbers) {
        boolean inOrder = IntStream.range(0, numbers.length).allMatch(k -> numbers[k] == numbers[0] + k);
        return inOrder && numbers.length > 0
                ? rows.slice(2, numbers[0] * width, (numbers[0] + numbers.length) * width)
                : Tensor.concat(
                        2, IntStream.of(numbers).mapToObj(k -> block(rows, k)).toList());
    }

    /// A part of the gradient from outside, as an argument of the cell; null if it is 0.
    private @Nullable Tensor outside(Tensor gradient, int block) {
        Tensor g = part(gradient, 2, block * width, (block + 1) * width);
        boolean zero = g.node().op() instanceof Op.Full f && f.value() == 0;
        return zero ? null : argument(g);
    }

    /// A slice of a gradient. That of a slice is padded with zeros, and most of what is cut out of it
    /// here has none of the padding or nothing else.
    private static Tensor part(Tensor g, int axis, int from, int to) {
        if (g.node().isEvaluated()
                || !(g.node().op() instanceof Op.Pad p)
                || p.interior().get(axis) != 0) {
            return g.slice(axis, from, to);
        }
        Tensor x = new Tensor(g.node().inputs().getFirst());
        int first = from - p.before().get(axis);
        int end = to - p.before().get(axis);
        if (end <= 0 || first >= x.dim(axis)) {
            return Tensor.full(g.shape().with(axis, to - from), g.dtype(), p.value());
        }
        if (first < 0 || end > x.dim(axis)) {
            return g.slice(axis, from, to);
        }
        Op others = new Op.Pad(without(p.before(), axis), without(p.after(), axis), p.interior(), p.value());
        return Tensor.of(others, part(x, axis, first, end));
    }

    private static List<Integer> without(List<Integer> padding, int axis) {
        List<Integer> other = new ArrayList<>(padding);
        other.set(axis, 0);
        return other;
    }

    private Tensor argument(Tensor sequence) {
        Tensor argument = placeholder();
        arguments.add(argument.node());
        given.add(sequence);
        return argument;
    }

    private Tensor placeholder() {
        return Tensor.of(new Op.Data(Shape.of(samples, width), dtype()));
    }

    private DType dtype() {
        return node.dtype();
    }

    private boolean isRead(int argument) {
        return op.cell().entries().stream().anyMatch(e -> e.argument() == argument);
    }

    private Tensor orZeros(@Nullable Tensor x) {
        return x != null ? x : Tensor.full(Shape.of(samples, width), dtype(), 0);
    }

    private static @Nullable Tensor sum(@Nullable Tensor... parts) {
        Tensor sum = null;
        for (Tensor part : parts) {
            if (part != null) {
                sum = sum == null ? part : sum.add(part);
            }
        }
        return sum;
    }

    /// The blocks of the new state.
    private static final class Roots {
        final List<Node> nodes = new ArrayList<>();

        int add(Tensor root) {
            nodes.add(root.node());
            return nodes.size() - 1;
        }

        /// A block with that value: one that there is, if possible.
        int find(Tensor root) {
            int there = nodes.indexOf(root.node());
            return there >= 0 ? there : add(root);
        }
    }
}
