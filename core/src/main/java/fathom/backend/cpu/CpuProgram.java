package fathom.backend.cpu;

import fathom.compile.Program;
import fathom.ir.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A compiled graph: steps, and the plan of where they keep their values.
record CpuProgram(MemoryPlan plan, List<Step> steps, List<Storage> results, ArrayPool pool, WorkerPool workers)
        implements Program {
    CpuProgram {
        steps = List.copyOf(steps);
        results = List.copyOf(results);
    }

    @Override
    public List<Buffer> run(List<Buffer> leaves, double[] scalars, List<@Nullable Buffer> targets) {
        List<Buffer> out = new ArrayList<>();
        for (int k = 0; k < results.size(); k++) {
            Buffer target = targets.get(k);
            out.add(target != null ? target : Buffer.allocate(results.get(k).dtype, results.get(k).size));
        }
        List<Buffer> arena = new ArrayList<>();
        try {
            for (MemoryPlan.Array a : plan.arrays()) {
                arena.add(pool.borrow(a.dtype(), a.size()));
            }
            Frame frame = new Frame(bind(leaves, out, arena), scalars, workers);
            for (Step step : steps) {
                step.run(frame);
            }
        } finally {
            arena.forEach(pool::release);
        }
        return out;
    }

    private @Nullable Object[] bind(List<Buffer> leaves, List<Buffer> out, List<Buffer> arena) {
        @Nullable Object[] arrays = new @Nullable Object[plan.storages().size()];
        for (Storage s : plan.storages()) {
            if (s.size == 0) {
                // No step writes it, so that it was given no place.
                arrays[s.id] = Buffer.allocate(s.dtype, 0).array();
            } else if (s.number() >= 0) {
                arrays[s.id] = switch (s.kind()) {
                    case ARGUMENT -> leaves.get(s.number()).array();
                    case RESULT -> out.get(s.number()).array();
                    case TEMPORARY -> arena.get(s.number()).array();
                };
            }
        }
        for (Map.Entry<Storage, Storage> e : plan.sharedWith().entrySet()) {
            arrays[e.getKey().id] = arrays[e.getValue().id];
        }
        return arrays;
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
