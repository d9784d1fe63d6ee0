package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopGeometry.Axes;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values of one shape that one loop computes.
final class LoopGroup {
    private static final int MOST_OUTPUTS = 8;

    private final Graph graph;
    private final Shape shape;
    private LoopBuilder builder;
    private final List<Member> members = new ArrayList<>();
    private final List<Member> kept = new ArrayList<>();

    private @Nullable Reduced reduced;

    private record Member(Storage storage, int value) {}

    private record Reduced(ReduceOp how, List<Integer> axes, Operand output, int value) {}

    LoopGroup(Graph graph, Places places, Shape shape) {
        this.graph = graph;
        this.shape = shape;
        this.builder = new LoopBuilder(graph, places, shape);
    }

    Shape shape() {
        return shape;
    }

    /// Makes an entry the first member.
    void start(int entry, Storage storage) {
        add(storage, builder.compute(entry));
    }

    private void add(Storage storage, int value) {
        Member m = new Member(storage, value);
        members.add(m);
        kept.add(m);
    }

    /// Adds an entry if that is possible and worth it: everything else that it reads is computed
    /// before this group, it reads no member except element by element, it shares an operand or
    /// uses a member, and the loop does not become too large.
    boolean tryJoin(int entry, Storage storage, Map<Storage, Integer> position, int at) {
        if (members.size() >= MOST_OUTPUTS) {
            return false;
        }
        LoopBuilder trial = new LoopBuilder(builder);
        int shared = trial.hits();
        int value = trial.compute(entry);
        if (trial.hits() == shared || isTooLarge(trial)) {
            return false;
        }
        for (Operand o : trial.inputs()) {
            boolean own = members.stream().anyMatch(m -> m.storage() == o.storage())
                    || reduced != null && reduced.output().storage() == o.storage();
            if (own || position.getOrDefault(o.storage(), Integer.MAX_VALUE) >= at) {
                return false;
            }
        }
        builder = trial;
        add(storage, value);
        return true;
    }

    private boolean isTooLarge(LoopBuilder trial) {
        return trial.cost() > LoopKernel.MAXIMUM_COST * 3 / 4
                || trial.inputs().size() + members.size() + 1 > LoopKernel.MAXIMUM_ARRAYS;
    }

    /// Adds a reduction of a member; false if there is one already.
    boolean reduce(int entry, Op.Reduce r, Shape result, Storage output) {
        if (reduced != null) {
            return false;
        }
        int[] strides = result.strides();
        for (int axis : r.axes()) {
            strides[axis] = 0;
        }
        int value = builder.compute(entry);
        Operand o = new Operand(output, output.dtype, 0, boxed(strides));
        reduced = new Reduced(r.how(), r.axes(), o, value);
        return true;
    }

    boolean isReduced() {
        return reduced != null;
    }

    /// Stores only what somebody reads from memory.
    void keepOnly(Collection<Storage> read) {
        kept.removeIf(m -> !read.contains(m.storage()));
    }

    List<Storage> reads() {
        return builder.inputPlaces();
    }

    List<Storage> writes() {
        return kept.stream().map(Member::storage).toList();
    }

    /// Whether the loop can run over blocks of a matrix of so many columns (0: there is none),
    /// reading the given place element by element.
    boolean readsAsMatrix(Storage matrix, int columns) {
        List<Integer> dense = boxed(shape.strides());
        boolean identity = builder.inputs().stream()
                .filter(o -> o.storage() == matrix)
                .allMatch(o -> o.offset() == 0 && o.strides().equals(dense));
        return identity
                && matrix.size == shape.size()
                && shape.rank() >= 1
                && shape.dim(-1) == columns
                && LoopGeometry.matrix(shape, operands(), builder.coordinates()) != null;
    }

    /// The loop as a step of its own, or as several if it reduces.
    List<Step> steps(LoopFactory loops, Places places) {
        Reduced r = reduced;
        if (r == null) {
            Axes axes = Axes.of(shape, new boolean[shape.rank()], operands(), builder.coordinates());
            return List.of(make(loops, LoopGeometry.map(axes)));
        }
        boolean[] along = new boolean[shape.rank()];
        r.axes().forEach(axis -> along[axis] = true);
        List<Operand> all = builder.with(r.output());
        all.addAll(operands().subList(builder.inputs().size(), operands().size()));
        List<Storage> written = new ArrayList<>(List.of(r.output().storage()));
        written.addAll(writes());
        return new Reduction(loops, places, r.how(), r.output().dtype())
                .steps(
                        Axes.of(shape, along, all, builder.coordinates()),
                        builder.instructions(),
                        r.value(),
                        builder.inputPlaces(),
                        builder.scalars(),
                        written,
                        stores());
    }

    /// The loop as an epilogue over a matrix.
    LoopStep matrixStep(LoopFactory loops) {
        LoopGeometry g = LoopGeometry.matrix(shape, operands(), builder.coordinates());
        if (g == null) {
            throw new IllegalStateException("no matrix: " + shape);
        }
        return make(loops, g);
    }

    private LoopStep make(LoopFactory loops, LoopGeometry geometry) {
        return loops.step(
                "loop", builder.instructions(), stores(), geometry, builder.inputPlaces(), writes(), builder.scalars());
    }

    private List<LoopKernel.Output> stores() {
        List<LoopKernel.Output> outputs = new ArrayList<>();
        for (Member m : kept) {
            outputs.add(new LoopKernel.Store(m.value(), LoopKernel.ColumnStride.CONTIGUOUS));
        }
        return outputs;
    }

    private List<Operand> operands() {
        List<Operand> all = new ArrayList<>(builder.inputs());
        List<Integer> dense = boxed(shape.strides());
        for (Member m : kept) {
            int entry = m.value();
            all.add(new Operand(m.storage(), builder.type(entry), 0, dense));
        }
        return all;
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    @Override
    public String toString() {
        return "loop over " + shape + " of " + graph.entries().size() + " entries: " + members;
    }
}
