package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Turns a graph into steps: closed kernels one by one, and everything between them into fused
/// loops.
///
/// Values of one shape that can be computed at the same point of the program and share operands go
/// into one loop (all three results of an Adam update, say). A loop over what a product or a
/// convolution has just computed becomes that kernel's epilogue.
final class Lowering {
    private static final int GROUPS_TO_TRY = 8;

    private final Graph graph;
    private final Fusion fusion;
    private final Places places;
    private final LoopCompiler compiler;
    private final Kernels kernels;
    private final List<Item> items = new ArrayList<>();
    private final Map<Storage, Integer> position = new HashMap<>();

    /// One place in the order of the program: steps, or a group that becomes one.
    private static final class Item {
        final List<Step> steps;
        final @Nullable LoopGroup group;

        @Nullable
        Item attached;

        boolean gone;

        Item(List<Step> steps, @Nullable LoopGroup group) {
            this.steps = new ArrayList<>(steps);
            this.group = group;
        }
    }

    Lowering(Graph graph, LoopCompiler compiler, Kernels kernels) {
        this.graph = graph;
        this.fusion = new Fusion(graph);
        this.places = new Places(graph, fusion);
        this.compiler = compiler;
        this.kernels = kernels;
    }

    CpuProgram program(ArrayPool arrays, WorkerPool pool, KeptForms kept) {
        for (int i = 0; i < graph.entries().size(); i++) {
            Entry e = graph.entries().get(i);
            if (e.isLeaf()) {
                position.put(places.storage(i), -1);
            } else if (fusion.isStored(i) && !fusion.isAlias(i) && e.shape().size() > 0) {
                lower(i, e);
            }
        }
        dropUnreadStores();
        attachEpilogues();
        List<Step> steps = new ArrayList<>();
        for (Item item : items) {
            if (!item.gone) {
                steps.addAll(finish(item));
            }
        }
        List<Storage> results = results(steps);
        steps = Stacks.group(steps, places, pool.threads());
        steps = Band.group(steps, places, pool.threads());
        var origins = new Origins(graph, places, steps);
        return new CpuProgram(
                graph, origins.entries(), MemoryPlan.of(places.all(), steps), steps, results, arrays, pool, kept);
    }

    private void lower(int i, Entry e) {
        if (Fusion.isFusable(e.op())) {
            join(i, e);
            return;
        }
        if (e.op() instanceof Op.Reduce r && reduceWhereComputed(i, e, r)) {
            return;
        }
        List<Step> steps = switch (e.op()) {
            case Op.Reduce r -> reduce(i, e, r);
            case Op.Concat c -> concat(i, e, c);
            case Op.Pad p -> pad(i, e, p);
            default -> kernels.steps(places, i);
        };
        position.put(places.storage(i), items.size());
        items.add(new Item(steps, null));
    }

    // ---- loops ----

    private void join(int i, Entry e) {
        int tried = 0;
        for (int at = items.size() - 1; at >= 0 && tried < GROUPS_TO_TRY; at--) {
            LoopGroup group = items.get(at).group;
            if (group == null || !group.shape().equals(e.shape())) {
                continue;
            }
            tried++;
            if (group.tryJoin(i, places.storage(i), position, at)) {
                position.put(places.storage(i), at);
                return;
            }
        }
        LoopGroup group = new LoopGroup(places, e.shape());
        group.start(i, places.storage(i));
        position.put(places.storage(i), items.size());
        items.add(new Item(List.of(), group));
    }

    /// What is read only inside the loop that computes it stays in its register.
    private void dropUnreadStores() {
        Map<Storage, Integer> readers = new HashMap<>();
        for (Item item : items) {
            List<Storage> reads = item.group != null
                    ? item.group.reads()
                    : item.steps.stream().flatMap(s -> s.reads().stream()).toList();
            for (Storage s : reads) {
                readers.merge(s, 1, Integer::sum);
            }
        }
        for (int r : graph.roots()) {
            readers.merge(places.storage(r), 1, Integer::sum);
        }
        for (Item item : items) {
            if (item.group != null) {
                item.group.keepOnly(readers.keySet());
                // Nobody reads it: its users' results are empty.
                item.gone = item.group.writes().isEmpty() && !item.group.isReduced();
            }
        }
    }

    private void attachEpilogues() {
        for (Item item : items) {
            Item host = item.gone ? null : host(item);
            if (host == null || item.group == null) {
                continue;
            }
            host.attached = item;
            item.gone = true;
            for (Storage s : item.group.writes()) {
                position.put(s, items.indexOf(host));
            }
        }
    }

    /// The contraction that a group can follow as its epilogue: the last of what it reads.
    private @Nullable Item host(Item item) {
        if (item.group == null || item.group.isReduced()) {
            return null;
        }
        Item latest = null;
        int at = -1;
        for (Storage s : item.group.reads()) {
            Integer p = position.get(s);
            if (p != null && p > at) {
                at = p;
                latest = items.get(p);
            }
        }
        return latest != null
                        && latest.attached == null
                        && latest.steps.size() == 1
                        && latest.steps.getFirst() instanceof Contraction c
                        && item.group.readsAsMatrix(c.result(), c.columns())
                ? latest
                : null;
    }

    private List<Step> finish(Item item) {
        if (item.group != null) {
            return item.group.steps(compiler, places);
        }
        if (item.attached != null && item.attached.group != null && item.steps.getFirst() instanceof Contraction c) {
            return List.of(c.with(item.attached.group.matrixStep(compiler)));
        }
        return item.steps;
    }

    /// Reduces a value in the loop that computes it, if that stays a loop of its own: saves reading
    /// it back.
    private boolean reduceWhereComputed(int i, Entry e, Op.Reduce r) {
        int operand = e.inputs().getFirst();
        Shape shape = graph.entries().get(operand).shape();
        if (shape.size() == 0 || !fusion.isStored(operand) || fusion.isAlias(operand)) {
            return false;
        }
        Integer at = position.get(places.storage(operand));
        if (at == null || at < 0 || items.get(at).group == null || host(items.get(at)) != null) {
            return false;
        }
        LoopGroup group = items.get(at).group;
        if (group == null || !group.reduce(operand, r, e.shape(), places.storage(i))) {
            return false;
        }
        position.put(places.storage(i), at);
        return true;
    }

    // ---- steps of several loops ----

    private List<Step> reduce(int i, Entry e, Op.Reduce r) {
        int operand = e.inputs().getFirst();
        Shape shape = graph.entries().get(operand).shape();
        Storage output = places.storage(i);
        if (shape.size() == 0) {
            return List.of(fill(output, LoopIdentity.of(r.how(), e.dtype())));
        }
        LoopGroup group = new LoopGroup(places, shape);
        group.reduce(operand, r, e.shape(), output);
        return group.steps(compiler, places);
    }

    private List<Step> concat(int i, Entry e, Op.Concat c) {
        List<Step> steps = new ArrayList<>();
        int from = 0;
        int[] strides = e.shape().strides();
        for (int operand : e.inputs()) {
            int size = graph.entries().get(operand).shape().dim(c.axis());
            steps.addAll(copy(operand, places.storage(i), from * strides[c.axis()], strides));
            from += size;
        }
        return steps;
    }

    private List<Step> pad(int i, Entry e, Op.Pad p) {
        int operand = e.inputs().getFirst();
        List<Step> steps = new ArrayList<>();
        steps.add(fill(places.storage(i), p.value()));
        int[] strides = e.shape().strides();
        int offset = 0;
        for (int d = 0; d < strides.length; d++) {
            offset += p.before().get(d) * strides[d];
            strides[d] *= p.interior().get(d) + 1;
        }
        steps.addAll(copy(operand, places.storage(i), offset, strides));
        return steps;
    }

    /// Computes an entry into a part of a place.
    private List<Step> copy(int operand, Storage to, int offset, int[] strides) {
        Entry e = graph.entries().get(operand);
        if (e.shape().size() == 0) {
            return List.of();
        }
        LoopBuilder builder = new LoopBuilder(places, e.shape());
        int value = builder.value(operand, Access.identity(e.shape().rank()));
        return List.of(map("copy", builder, value, new Operand(to, offset, strides)));
    }

    private Step fill(Storage to, double value) {
        LoopBuilder builder = new LoopBuilder(places, Shape.of(to.size));
        return map("fill", builder, builder.constant(to.dtype, value), new Operand(to, 0, new int[] {1}));
    }

    private Step map(String name, LoopBuilder builder, int value, Operand output) {
        return LoopStep.map(compiler, name, builder, List.of(value), List.of(output));
    }

    // ---- results ----

    private List<Storage> results(List<Step> steps) {
        List<Storage> results = new ArrayList<>();
        for (int k = 0; k < graph.roots().size(); k++) {
            int root = graph.roots().get(k);
            Storage s = places.storage(root);
            if (s.kind() == Storage.Kind.TEMPORARY) {
                s.becomeResult(k);
                results.add(s);
                continue;
            }
            // An argument, or wanted twice: each result has elements of its own.
            Storage own = places.temporary(s.dtype, s.shape);
            own.becomeResult(k);
            if (s.size > 0) {
                steps.add(copyOf(s, own));
            }
            results.add(own);
        }
        return results;
    }

    private Step copyOf(Storage from, Storage to) {
        Contraction.Kernel kernel =
                (frame, epilogue) -> System.arraycopy(frame.array(from), 0, frame.array(to), 0, from.size);
        return new Contraction(
                "copy", List.of(from), to, kernel, Contraction.Work.movement(from.shape + " -> " + to.shape));
    }
}
