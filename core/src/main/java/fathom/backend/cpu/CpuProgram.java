package fathom.backend.cpu;

import fathom.compile.KernelInfo;
import fathom.compile.Memory;
import fathom.compile.Profile;
import fathom.compile.Program;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compiled graph: steps, and the plan of where they keep their values.
final class CpuProgram implements Program {
    private final Graph graph;
    private final List<List<Integer>> origins;
    private final MemoryPlan plan;
    private final List<Step> steps;
    private final List<Storage> results;
    private final ArrayPool pool;
    private final Frame frame;
    private final List<Runnable> bound;
    private final @Nullable Buffer[] arena;

    /// @param graph what it computes
    /// @param origins for each step the entries of the graph that it computes
    /// @param steps what is done, in order
    /// @param results where each root is
    CpuProgram(
            Graph graph,
            List<List<Integer>> origins,
            MemoryPlan plan,
            List<Step> steps,
            List<Storage> results,
            ArrayPool pool,
            WorkerPool workers,
            KeptForms kept) {
        this.graph = graph;
        this.origins = origins;
        this.plan = plan;
        this.steps = List.copyOf(steps);
        this.results = List.copyOf(results);
        this.pool = pool;
        frame = new Frame(plan.storages().size(), workers, kept);
        bound = steps.stream().map(s -> s.bind(frame)).toList();
        arena = new @Nullable Buffer[plan.arrays().size()];
    }

    @Override
    public synchronized List<Buffer> run(List<Buffer> leaves, double[] scalars, List<@Nullable Buffer> targets) {
        Buffer[] out = new Buffer[results.size()];
        for (int k = 0; k < out.length; k++) {
            Buffer target = targets.get(k);
            out[k] = target != null ? target : Buffer.allocate(results.get(k).dtype, results.get(k).size);
        }
        try {
            for (int i = 0; i < arena.length; i++) {
                MemoryPlan.Array a = plan.arrays().get(i);
                arena[i] = pool.borrow(a.dtype(), a.size());
            }
            fill(leaves, scalars, out);
            Profile.Recorder recorder = Profile.recorder(this, leaves, targets);
            for (int i = 0; i < bound.size(); i++) {
                bound.get(i).run();
                if (recorder != null) {
                    recorder.done();
                }
            }
        } finally {
            frame.clear();
            // The first one last, for the next run to find it first.
            for (int i = arena.length - 1; i >= 0; i--) {
                if (arena[i] != null) {
                    pool.release(arena[i]);
                    arena[i] = null;
                }
            }
        }
        return Arrays.asList(out);
    }

    private void fill(List<Buffer> leaves, double[] scalars, Buffer[] out) {
        frame.setScalars(scalars);
        for (int i = 0; i < plan.storages().size(); i++) {
            Storage s = plan.storages().get(i);
            if (s.size == 0) {
                // No step writes it, so that it was given no place.
                frame.set(s, Buffer.allocate(s.dtype, 0).array());
            } else if (s.number() >= 0) {
                switch (s.kind()) {
                    case ARGUMENT -> frame.setArgument(s, leaves.get(s.number()));
                    case RESULT -> frame.set(s, out[s.number()].array());
                    case TEMPORARY -> frame.set(s, array(arena[s.number()]));
                }
            }
        }
        for (Map.Entry<Storage, Storage> e : plan.sharedWith().entrySet()) {
            frame.share(e.getKey(), e.getValue());
        }
    }

    private static @Nullable Object array(@Nullable Buffer buffer) {
        return buffer == null ? null : buffer.array();
    }

    @Override
    public Graph graph() {
        return graph;
    }

    @Override
    public List<KernelInfo> kernels() {
        List<KernelInfo> kernels = new ArrayList<>();
        for (int i = 0; i < steps.size(); i++) {
            kernels.add(info(i));
        }
        return kernels;
    }

    private KernelInfo info(int i) {
        Step step = steps.get(i);
        List<Storage> reads = inMemory(step, step.reads());
        List<Storage> writes = inMemory(step, step.writes());
        return new KernelInfo(
                i,
                step.title(),
                step.shapes(),
                reads.stream().map(Storage::place).toList(),
                writes.stream().map(Storage::place).toList(),
                step.flops(),
                bytes(step, reads) + bytes(step, writes),
                step.note(),
                origins.get(i));
    }

    /// Those that go through memory. Of two that share an array the one that owns it stands for
    /// both, if it is there.
    private List<Storage> inMemory(Step step, List<Storage> places) {
        List<Storage> kept = new ArrayList<>();
        for (Storage s : places) {
            Storage owner = plan.sharedWith().get(s);
            if (step.touched(s) > 0 && !kept.contains(s) && (owner == null || !places.contains(owner))) {
                kept.add(s);
            }
        }
        return kept;
    }

    private static long bytes(Step step, List<Storage> places) {
        return places.stream().mapToLong(s -> step.touched(s) * s.dtype.bytes()).sum();
    }

    @Override
    public Memory memory() {
        long arguments = plan.storages().stream()
                .filter(s -> s.kind() == Storage.Kind.ARGUMENT)
                .mapToLong(CpuProgram::bytes)
                .sum();
        return new Memory(
                arguments, results.stream().mapToLong(CpuProgram::bytes).sum(), plan.bytes());
    }

    private static long bytes(Storage s) {
        return (long) s.size * s.dtype.bytes();
    }
}
