package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopGeometry.Axes;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Values of one shape that one loop computes.
final class LoopGroup {
    private static final int MOST_OUTPUTS = 8;

    /// What a loop that reduces may compute besides, as of [LoopBuilder#cost].
    ///
    /// `layerNorm(gelu(x * a + b) + r)` of 4 million elements took 4.95 ms on two cores with sums in the loop
    /// of `gelu`; with these in one behind it, which finds the rows in the cache, it takes 3.0.
    private static final int MOST_REDUCED = 48;

    private final Shape shape;
    private LoopBuilder builder;
    private final List<Member> members = new ArrayList<>();
    private final List<Member> kept = new ArrayList<>();

    private @Nullable Reduced reduced;

    private record Member(Storage storage, int value) {}

    private record Reduced(Op.Reduce op, Operand output, int value) {}

    LoopGroup(Places places, Shape shape) {
        this.shape = shape;
        this.builder = new LoopBuilder(places, shape);
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

    /// Adds a reduction of a member, or of what lies in memory; false if there is one already, or the loop does too
    /// much besides.
    boolean reduce(int entry, Op.Reduce r, Shape result, Storage output) {
        if (reduced != null || builder.cost() > MOST_REDUCED) {
            return false;
        }
        int[] strides = result.strides();
        for (int axis : r.axes()) {
            strides[axis] = 0;
        }
        int value = builder.value(entry, Access.identity(shape.rank()));
        reduced = new Reduced(r, new Operand(output, 0, strides), value);
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
        Operand dense = new Operand(matrix, 0, shape.strides());
        boolean identity =
                builder.inputs().stream().filter(o -> o.storage() == matrix).allMatch(dense::equals);
        return identity
                && matrix.size == shape.size()
                && shape.rank() >= 1
                && shape.dim(-1) == columns
                && LoopGeometry.matrix(shape, builder.addresses(outputs())) != null;
    }

    /// The loop as a step of its own, or as several if it reduces.
    List<Step> steps(LoopCompiler compiler, Places places) {
        Reduced r = reduced;
        if (r == null) {
            return List.of(LoopStep.map(compiler, "loop", builder, values(), outputs()));
        }
        List<Operand> all = outputs();
        all.addFirst(r.output());
        return new Reduction(compiler, places, r.op().how(), r.output().storage().dtype)
                .steps(
                        Axes.of(shape, r.op().axes(), builder.addresses(all)),
                        builder,
                        r.value(),
                        all.stream().map(Operand::storage).toList(),
                        LoopStep.stores(values()));
    }

    /// The loop as an epilogue over a matrix.
    LoopStep matrixStep(LoopCompiler compiler) {
        LoopGeometry g = LoopGeometry.matrix(shape, builder.addresses(outputs()));
        if (g == null) {
            throw new IllegalStateException("no matrix: " + shape);
        }
        return LoopStep.epilogue(compiler, builder, LoopStep.stores(values()), writes(), g);
    }

    private List<Integer> values() {
        return kept.stream().map(Member::value).toList();
    }

    private List<Operand> outputs() {
        List<Operand> outputs = new ArrayList<>();
        kept.forEach(m -> outputs.add(new Operand(m.storage(), 0, shape.strides())));
        return outputs;
    }

    @Override
    public String toString() {
        return "loop over " + shape + ": " + members;
    }
}
