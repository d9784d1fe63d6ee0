package fathom.backend.cpu;

import fathom.compile.Program;
import fathom.ir.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compiled graph: steps, and the plan of where they keep their values.
final class CpuProgram implements Program {
    private final MemoryPlan plan;
    private final List<Step> steps;
    private final List<Storage> results;
    private final ArrayPool pool;
    private final Frame frame;
    private final List<Runnable> bound;
    private final @Nullable Buffer[] arena;

    CpuProgram(MemoryPlan plan, List<Step> steps, List<Storage> results, ArrayPool pool, WorkerPool workers) {
        this.plan = plan;
        this.steps = List.copyOf(steps);
        this.results = List.copyOf(results);
        this.pool = pool;
        frame = new Frame(plan.storages().size(), workers);
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
            for (int i = 0; i < bound.size(); i++) {
                bound.get(i).run();
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
                Buffer b = switch (s.kind()) {
                    case ARGUMENT -> leaves.get(s.number());
                    case RESULT -> out[s.number()];
                    case TEMPORARY -> arena[s.number()];
                };
                frame.set(s, b == null ? null : b.array());
            }
        }
        for (Map.Entry<Storage, Storage> e : plan.sharedWith().entrySet()) {
            frame.share(e.getKey(), e.getValue());
        }
    }

    @Override
    public String explain() {
        StringBuilder b = new StringBuilder("%d steps, %d arrays of %d bytes\n"
                .formatted(steps.size(), plan.arrays().size(), plan.bytes()));
        for (int i = 0; i < steps.size(); i++) {
            b.append(i).append(": ").append(steps.get(i).describe()).append('\n');
        }
        return b.toString();
    }
}
