package fathom.io.onnx.export;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A recurrence as a `Scan`, whose body is the cell.
final class RecurrenceNodes {
    private final Emitter e;

    RecurrenceNodes(Emitter emitter) {
        this.e = emitter;
    }

    Value scan(Term t) {
        Op.Recurrence op = (Op.Recurrence) t.op();
        int sequences = t.inputs().size() - 2;
        Term weights = t.in(sequences);
        Term initial = t.in(sequences + 1);
        int width = (int) initial.size(1).at(0) / op.states();
        String matrix = e.natural(weights);
        List<String> inputs = new ArrayList<>(List.of(e.natural(initial)));
        t.inputs().subList(0, sequences).forEach(x -> inputs.add(e.natural(x)));
        long direction = op.reverse() ? 1 : 0;
        Attributes attributes = Attributes.none()
                .with("body", new AttributeValue.Subgraph(body(t, op, width, matrix)))
                .with("num_scan_inputs", sequences)
                .with("scan_input_directions", repeated(direction, sequences))
                .with("scan_output_directions", new long[] {direction});
        String rows = e.builder()
                .node("Scan", attributes, 2, inputs.toArray(String[]::new))
                .get(1);
        String first = first(t, e.natural(initial), weights.size(1));
        String[] parts = op.reverse() ? new String[] {rows, first} : new String[] {first, rows};
        return e.made(t, e.node("Concat", Attributes.none().with("axis", 0), parts));
    }

    private static long[] repeated(long value, int count) {
        return IntStream.range(0, count).mapToLong(_ -> value).toArray();
    }

    /// The initial state beside products of 0.
    private String first(Term t, String initial, Size products) {
        String zeros =
                e.node("Expand", e.builder().scalar(t.dtype(), 0), e.sizes().vector(List.of(t.size(1), products)));
        String row =
                products.is(0) ? initial : e.node("Concat", Attributes.none().with("axis", 1), initial, zeros);
        return e.node("Unsqueeze", row, e.builder().longs(0));
    }

    private GraphProto body(Term t, Op.Recurrence op, int width, String matrix) {
        GraphBuilder b = e.builder().inner();
        int sequences = t.inputs().size() - 2;
        Size fed = t.in(sequences).size(0);
        Size products = t.in(sequences).size(1);
        String state = b.name("state");
        List<String> steps =
                IntStream.range(0, sequences).mapToObj(i -> b.name("step")).toList();
        String read = fed.equals(t.in(sequences + 1).size(1))
                ? state
                : b.node("Slice", state, b.longs(0), b.longs(fed.at(0)), b.longs(1));
        String product = b.node("MatMul", read, matrix);
        List<String> blocks = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            blocks.addAll(blocks(b, steps.get(i), t.in(i).size(2).at(0) / width, width));
        }
        blocks.addAll(blocks(b, product, products.at(0) / width, width));
        blocks.addAll(blocks(b, state, op.states(), width));
        List<String> made = cell(b, op.cell(), blocks);
        String next = joined(b, made);
        String row = b.node("Concat", Attributes.none().with("axis", 1), next, product);
        String after = b.node("Identity", next);
        List<ValueInfo> inputs = new ArrayList<>(List.of(info(state, t.dtype())));
        steps.forEach(s -> inputs.add(info(s, t.dtype())));
        return b.build("step", inputs, List.of(info(after, t.dtype()), info(row, t.dtype())), true);
    }

    private static String joined(GraphBuilder b, List<String> parts) {
        return parts.size() == 1
                ? parts.getFirst()
                : b.node("Concat", Attributes.none().with("axis", 1), parts.toArray(String[]::new));
    }

    private static ValueInfo info(String name, DType dtype) {
        ValueInfo.Dimension any = new ValueInfo.Symbolic("");
        return new ValueInfo(name, ValueInfo.TENSOR, Optional.of(OnnxType.of(dtype)), Optional.of(List.of(any, any)));
    }

    private static List<String> blocks(GraphBuilder b, String x, long count, int width) {
        if (count == 1) {
            return List.of(x);
        }
        long[] each = repeated(width, (int) count);
        return b.node("Split", Attributes.none().with("axis", 1), (int) count, x, b.longs(each));
    }

    private static List<String> cell(GraphBuilder b, Graph cell, List<String> blocks) {
        ElementwiseNodes nodes = new ElementwiseNodes(b);
        List<String> made = new ArrayList<>(Collections.nCopies(cell.entries().size(), ""));
        for (int i = 0; i < made.size(); i++) {
            Graph.Entry entry = cell.entries().get(i);
            List<String> in = entry.inputs().stream().map(made::get).toList();
            DType of = entry.inputs().isEmpty()
                    ? entry.dtype()
                    : cell.entries().get(entry.inputs().getFirst()).dtype();
            made.set(
                    i,
                    switch (entry.op()) {
                        case Op.Data _ -> blocks.get(entry.argument());
                        case Op.Full f -> b.scalar(entry.dtype(), f.value());
                        case Op.Unary u -> nodes.unary(u.function(), of, in.getFirst());
                        case Op.Binary y -> nodes.binary(y.function(), of, in.get(0), in.get(1), false);
                        case Op.Select _ -> b.node("Where", in.toArray(String[]::new));
                        case Op.Cast c -> b.node("Cast", Casts.to(c.to()), in.getFirst());
                        case Op.StopGradient _ -> in.getFirst();
                        default ->
                            throw new IllegalStateException(
                                    "a cell with " + entry.op().title());
                    });
        }
        for (int root : cell.roots()) {
            if (cell.entries().get(root).op() instanceof Op.Full) {
                throw new Refusal("a recurrence whose state is a constant");
            }
        }
        return cell.roots().stream().map(made::get).toList();
    }
}
