package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Turns a recurrence into a step: the cell becomes one loop over time × samples × columns, or a few
/// if it is large, of which the step runs the part for one time after the other.
final class RecurrenceLowering {
    private final Places places;
    private final Op.Recurrence op;
    private final Entry entry;
    private final LoopCompiler compiler;
    private final RecurrenceStep.Sizes sizes;
    private final Storage history;
    private final Shape iteration;

    RecurrenceLowering(Places places, int i, Op.Recurrence op, LoopCompiler compiler) {
        this.places = places;
        this.op = op;
        this.entry = places.entry(i);
        this.compiler = compiler;
        this.history = places.storage(i);
        Shape x = places.entry(entry.inputs().getFirst()).shape();
        Shape w = places.entry(operand(2)).shape();
        int width = places.entry(operand(1)).shape().dim(1) / op.states();
        this.iteration = x.with(2, width);
        this.sizes = new RecurrenceStep.Sizes(
                iteration.dim(0), iteration.dim(1), width, op.states(), w.dim(1) / width, w.dim(0));
    }

    /// An operand, counted from the end.
    private int operand(int fromEnd) {
        List<Integer> inputs = entry.inputs();
        return inputs.get(inputs.size() - fromEnd);
    }

    Step step(Tiles tiles) {
        LoopBuilder loop = new LoopBuilder(places, iteration);
        List<Integer> values = loop.inline(op.cell(), k -> argument(loop, k));
        List<Operand> outputs = new ArrayList<>();
        for (int k = 0; k < values.size(); k++) {
            outputs.add(block(op.after(), k));
        }
        List<Storage> handedOn = new ArrayList<>();
        LoopSplit split = new LoopSplit(loop, values, outputs, v -> {
            Storage s = places.temporary(loop.type(v), Shape.of(sizes.samples(), sizes.width()));
            handedOn.add(s);
            return new Operand(s, 0, new int[] {0, sizes.width(), 1});
        });
        List<LoopStep> cell = split.parts().stream().map(this::loop).toList();
        return new RecurrenceStep(
                sizes,
                op.reverse(),
                cell,
                places.storage(operand(2)),
                places.storage(operand(1)),
                history,
                handedOn,
                tiles);
    }

    private int argument(LoopBuilder loop, int argument) {
        int k = argument;
        for (int sequence : entry.inputs().subList(0, entry.inputs().size() - 2)) {
            int blocks = places.entry(sequence).shape().dim(2) / sizes.width();
            if (k < blocks) {
                Access whole = Access.identity(3);
                var columns = new Access.Axis(2, 1, k * sizes.width());
                return loop.value(
                        sequence,
                        new Access(List.of(whole.axes().get(0), whole.axes().get(1), columns)));
            }
            k -= blocks;
        }
        return loop.load(
                k < sizes.products()
                        ? block(op.after(), sizes.states() + k)
                        : block(op.before(), k - sizes.products()));
    }

    /// A block of the history's columns, where time 0 is in the given row.
    private Operand block(int row, int block) {
        int step = sizes.samples() * sizes.row();
        return new Operand(history, row * step + block * sizes.width(), new int[] {step, sizes.row(), 1});
    }

    private LoopStep loop(LoopSplit.Part part) {
        LoopGeometry geometry = LoopGeometry.blocks(iteration, part.loop().addresses(part.outputs()));
        return LoopStep.of(
                compiler,
                "cell",
                part.loop(),
                LoopStep.stores(part.values()),
                part.outputs().stream().map(Operand::storage).toList(),
                geometry);
    }
}
