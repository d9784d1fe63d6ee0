package fathom.io.onnx.export;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.nn.Gru;
import fathom.nn.Lstm;
import fathom.nn.Parameter;
import fathom.nn.RecurrentCell;
import fathom.nn.Rnn;
import fathom.tensor.DType;
import fathom.tensor.Recurrence;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Finds recurrences that are the `LSTM`, `GRU` or `RNN` of ONNX: their cell is that of the layer, their
/// sequence is a product with a weight and a bias, and only what ONNX gives is read of them.
final class RecurrenceFusions {
    /// A layer, and which of its gates stands at each place of ONNX's weights.
    private enum Kind {
        LSTM(2, 0, 3, 1, 2),
        GRU(1, 1, 0, 2),
        RNN(1, 0);

        private final int states;
        private final int[] gates;

        Kind(int states, int... gates) {
            this.states = states;
            this.gates = gates;
        }

        private RecurrentCell cell(int width, DType dtype) {
            Parameter in = zeros(dtype, 1, gates.length * width);
            Parameter state = zeros(dtype, width, gates.length * width);
            Parameter bias = zeros(dtype, gates.length * width);
            return switch (this) {
                case LSTM -> new Lstm(in, state, bias);
                case GRU -> new Gru(in, state, bias, zeros(dtype, width));
                case RNN -> new Rnn(in, state, bias);
            };
        }

        private static Parameter zeros(DType dtype, int... shape) {
            return Parameter.of(Tensor.full(Shape.of(shape), dtype, 0));
        }
    }

    /// A recurrence that is one of them.
    ///
    /// @param x the sequence `[T, N, in]`
    /// @param input the weights `[in, G * H]`
    /// @param bias of the gates `[G * H]`
    /// @param candidate the second bias of a GRU's candidate, or nothing
    private record Layer(Kind kind, Term t, Term x, Term input, Term bias, Optional<Term> candidate) {
        Term recurrent() {
            return t.inputs().get(t.inputs().size() - 2);
        }

        Term initial() {
            return t.inputs().getLast();
        }

        boolean isReversed() {
            return ((Op.Recurrence) t.op()).reverse();
        }

        int width() {
            return (int) recurrent().size(0).at(0);
        }
    }

    private final Terms terms;
    private final Fusions fusions;
    private final Map<Term, List<Term>> users = new HashMap<>();
    private final Map<Term, Optional<Layer>> layers = new HashMap<>();

    RecurrenceFusions(Terms terms, Fusions fusions) {
        this.terms = terms;
        this.fusions = fusions;
        for (Term t : terms.all()) {
            t.inputs()
                    .forEach(i ->
                            users.computeIfAbsent(i, _ -> new ArrayList<>()).add(t));
        }
    }

    /// The result of such a layer that a term is: all states, or the last.
    Optional<Fused> of(Term t) {
        return history(t).flatMap(h -> layers.computeIfAbsent(h, this::layer)).map(layer -> {
            int block = block(t, layer.width());
            boolean all = isSequence(t.in(0), layer.isReversed());
            List<Term> inputs = new ArrayList<>(List.of(layer.x()));
            if (!isZero(layer.initial())) {
                inputs.add(layer.initial());
            }
            return new Fused(inputs, e -> part(e, t, layer, all, block));
        });
    }

    /// The recurrence that two slices, along time and along the columns, are taken of.
    private static Optional<Term> history(Term t) {
        boolean slices = t.op() instanceof Op.Slice && t.in(0).op() instanceof Op.Slice;
        return slices && t.in(0).in(0).op() instanceof Op.Recurrence
                ? Optional.of(t.in(0).in(0))
                : Optional.empty();
    }

    private static boolean isZero(Term t) {
        return t.constant().filter(v -> v == 0).isPresent();
    }

    private static Size start(Term slice, int axis) {
        return slice.number(Op.Slice.class, s -> s.starts().get(axis));
    }

    /// Which block of columns a slice is, or -1.
    private static int block(Term slice, int width) {
        Size start = start(slice, 2);
        boolean fits = slice.size(2).is(width)
                && start.isFixed()
                && start.at(0) % width == 0
                && slice.size(0).equals(slice.in(0).size(0))
                && slice.size(1).equals(slice.in(0).size(1));
        return fits ? (int) start.at(0) / width : -1;
    }

    private static boolean isWhole(Term rows) {
        return rows.size(1).equals(rows.in(0).size(1))
                && rows.size(2).equals(rows.in(0).size(2));
    }

    private static boolean isSequence(Term rows, boolean reverse) {
        return start(rows, 0).is(reverse ? 0 : 1)
                && rows.size(0).equals(rows.in(0).size(0).plus(-1));
    }

    private static boolean isLast(Term rows, boolean reverse) {
        Size end =
                reverse ? Size.fixed(0, rows.ops().size()) : rows.in(0).size(0).plus(-1);
        return rows.size(0).isOne() && start(rows, 0).equals(end);
    }

    private Optional<Layer> layer(Term t) {
        Op.Recurrence op = (Op.Recurrence) t.op();
        for (Kind kind : Kind.values()) {
            Optional<Layer> layer = op.states() == kind.states ? layer(kind, t) : Optional.empty();
            if (layer.filter(this::isReadAsOnnxGives).isPresent()) {
                return layer;
            }
        }
        return Optional.empty();
    }

    private Optional<Layer> layer(Kind kind, Term t) {
        int sequences = kind == Kind.GRU ? 2 : 1;
        if (t.inputs().size() != sequences + 2 || !t.inputs().stream().allMatch(i -> i.rank() >= 2)) {
            return Optional.empty();
        }
        Term weights = t.in(sequences);
        int width = (int) weights.size(0).at(0);
        Term projected = t.in(0);
        boolean fits = weights.values().size() == t.ops().size()
                && weights.size(1).is((long) kind.gates.length * width)
                && projected.size(2).is((long) kind.gates.length * width)
                && isCell(kind, t, width)
                && Match.binary(projected, BinaryOp.ADD);
        if (!fits) {
            return Optional.empty();
        }
        Optional<Term> bias = Match.alongLast(projected.in(1), 1).filter(RecurrenceFusions::isLeaf);
        Optional<Fused> product = Optional.of(projected.in(0))
                .filter(p -> p.op() instanceof Op.Reshape)
                .flatMap(fusions::vectorsTimesMatrix)
                .filter(p -> isLeaf(p.inputs().get(1)));
        Optional<Term> candidate =
                kind == Kind.GRU ? Match.alongLast(t.in(1), 1).filter(RecurrenceFusions::isLeaf) : Optional.empty();
        boolean complete = bias.isPresent() && product.isPresent() && candidate.isPresent() == (kind == Kind.GRU);
        return complete
                ? Optional.of(new Layer(
                        kind,
                        t,
                        product.get().inputs().get(0),
                        product.get().inputs().get(1),
                        bias.get(),
                        candidate))
                : Optional.empty();
    }

    private static boolean isLeaf(Term t) {
        return !t.values().isEmpty();
    }

    /// Whether the cell is that of the layer.
    private static boolean isCell(Kind kind, Term t, int width) {
        RecurrentCell cell = kind.cell(width, t.dtype());
        List<Tensor> operands = new ArrayList<>();
        for (Term in : t.inputs()) {
            operands.add(Recording.placeholder(
                    Shape.of(in.sizes().stream().map(s -> (int) s.at(0)).toList()), in.dtype()));
        }
        int sequences = operands.size() - 2;
        Tensor history = Recurrence.of(
                        cell::step,
                        width,
                        operands.subList(0, sequences),
                        operands.get(sequences),
                        operands.getLast(),
                        ((Op.Recurrence) t.op()).reverse())
                .history();
        return history.node().op().equals(t.op());
    }

    /// Whether only the first block of the state is read along time, and else only the last state.
    private boolean isReadAsOnnxGives(Layer layer) {
        boolean reverse = layer.isReversed();
        return !terms.outputs().containsValue(layer.t())
                && users.getOrDefault(layer.t(), List.of()).stream()
                        .allMatch(rows -> rows.op() instanceof Op.Slice
                                && isWhole(rows)
                                && !terms.outputs().containsValue(rows)
                                && users.getOrDefault(rows, List.of()).stream().allMatch(part -> {
                                    int block = part.op() instanceof Op.Slice ? block(part, layer.width()) : -1;
                                    boolean sequence = block == 0 && isSequence(rows, reverse);
                                    boolean last = block >= 0 && block < layer.kind().states && isLast(rows, reverse);
                                    return sequence || last;
                                }));
    }

    private static Value part(Emitter e, Term t, Layer layer, boolean all, int block) {
        List<String> results = node(e, layer);
        if (all) {
            // ONNX has an axis of directions after that of time.
            return e.made(t.sizes(), t.dtype(), results.getFirst(), 4, new int[] {0, 2, 3});
        }
        return e.made(t, results.get(1 + block));
    }

    private static List<String> node(Emitter e, Layer layer) {
        GraphBuilder b = e.builder();
        int width = layer.width();
        List<String> weights = e.packed(
                layer.t(),
                () -> List.of(
                        b.initializer(e.path(layer.input()), turned(layer, layer.input())),
                        b.initializer(e.path(layer.recurrent()), turned(layer, layer.recurrent())),
                        b.initializer(e.path(layer.bias()), biases(layer))));
        List<String> operands = new ArrayList<>(List.of(e.natural(layer.x())));
        operands.addAll(weights);
        if (!isZero(layer.initial())) {
            operands.add("");
            String initial = e.natural(layer.initial());
            for (int i = 0; i < layer.kind().states; i++) {
                String part = layer.kind().states == 1
                        ? initial
                        : e.node("Slice", initial, b.longs((long) i * width), b.longs((i + 1L) * width), b.longs(1));
                operands.add(e.node("Unsqueeze", part, b.longs(0)));
            }
        }
        Attributes attributes = Attributes.none()
                .with("hidden_size", width)
                .with("direction", layer.isReversed() ? "reverse" : "forward");
        if (layer.kind() == Kind.GRU) {
            attributes.with("linear_before_reset", 1);
        }
        return b.node(layer.kind().name(), attributes, layer.kind().states + 1, operands.toArray(String[]::new));
    }

    /// Weights `[rows, G * H]` as ONNX has them, `[1, G * H, rows]` with the gates in its order.
    private static Tensor turned(Layer layer, Term weights) {
        Tensor w = weights.values().getFirst();
        int gates = layer.kind().gates.length;
        return gates(layer, w.reshape(w.dim(0), gates, layer.width()), 1)
                .permute(1, 2, 0)
                .reshape(1, gates * layer.width(), w.dim(0));
    }

    private static Tensor gates(Layer layer, Tensor w, int axis) {
        return w.take(Tensor.of(layer.kind().gates), axis);
    }

    /// The biases of the sequence and of the state, `[1, 2 * G * H]`.
    private static Tensor biases(Layer layer) {
        int gates = layer.kind().gates.length;
        int width = layer.width();
        Tensor input = gates(layer, layer.bias().values().getFirst().reshape(gates, width), 0);
        Tensor state = layer.candidate()
                .map(c -> c.values().getFirst().reshape(1, width).pad(0, gates - 1, 0))
                .orElse(Tensor.full(input.shape(), input.dtype(), 0));
        return Tensor.concat(0, input, state).reshape(1, 2 * gates * width);
    }
}
