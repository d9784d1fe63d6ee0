package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which values share an array: those whose lives do not overlap, and those that a loop can
/// overwrite element by element.
///
/// @param storages every place of the program
/// @param arrays the arrays of the arena, in the order of [Storage#number]
/// @param sharedWith for some places the other place whose array they use
record MemoryPlan(List<Storage> storages, List<Array> arrays, Map<Storage, Storage> sharedWith) {

    /// An array of the arena.
    record Array(DType dtype, int size) {}

    private static final class Slot {
        final DType dtype;
        int size;
        int users;

        Slot(DType dtype) {
            this.dtype = dtype;
        }
    }

    static MemoryPlan of(List<Storage> storages, List<Step> steps) {
        Map<Storage, Integer> lastRead = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            for (Storage s : steps.get(i).reads()) {
                lastRead.put(s, i);
            }
        }
        List<Slot> slots = new ArrayList<>();
        Map<Storage, Slot> held = new HashMap<>();
        Map<Storage, Storage> shared = new HashMap<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            beforeEpilogue(step, i, lastRead, shared);
            for (Storage written : step.writes()) {
                if (written.kind() == Storage.Kind.TEMPORARY
                        && !held.containsKey(written)
                        && !shared.containsKey(written)) {
                    Slot slot = overwritten(step, i, written, lastRead, held);
                    if (slot == null) {
                        slot = free(slots, written);
                    }
                    slot.size = Math.max(slot.size, written.size);
                    slot.users++;
                    held.put(written, slot);
                    written.assign(slots.indexOf(slot));
                }
            }
            int now = i;
            held.entrySet().removeIf(e -> {
                boolean over = lastRead.getOrDefault(e.getKey(), -1) <= now;
                e.getValue().users -= over ? 1 : 0;
                return over;
            });
        }
        List<Array> arrays = slots.stream().map(s -> new Array(s.dtype, s.size)).toList();
        return new MemoryPlan(storages, arrays, shared);
    }

    /// What a contraction computes and only its epilogue reads lives where the epilogue writes.
    private static void beforeEpilogue(
            Step step, int now, Map<Storage, Integer> lastRead, Map<Storage, Storage> shared) {
        if (!(step instanceof Contraction c) || c.epilogue() == null) {
            return;
        }
        LoopStep epilogue = c.epilogue();
        Storage result = c.result();
        if (result.kind() != Storage.Kind.TEMPORARY
                || lastRead.getOrDefault(result, -1) >= now
                || !epilogue.reads().contains(result)) {
            return;
        }
        for (Storage out : epilogue.writes()) {
            if (epilogue.canOverwrite(result, out)) {
                shared.put(result, out);
                return;
            }
        }
    }

    private static @org.jspecify.annotations.Nullable Slot overwritten(
            Step step, int now, Storage written, Map<Storage, Integer> lastRead, Map<Storage, Slot> held) {
        for (Storage read : step.reads()) {
            Slot slot = held.get(read);
            if (slot != null
                    && slot.users == 1
                    && lastRead.getOrDefault(read, -1) == now
                    && step.canOverwrite(read, written)) {
                return slot;
            }
        }
        return null;
    }

    /// The free slot that fits best, or a new one.
    private static Slot free(List<Slot> slots, Storage s) {
        Slot best = null;
        for (Slot slot : slots) {
            if (slot.users == 0
                    && slot.dtype == s.dtype
                    && (best == null || Math.abs((long) slot.size - s.size) < Math.abs((long) best.size - s.size))) {
                best = slot;
            }
        }
        if (best == null || best.size > 4L * s.size + 1024 || s.size > 4L * best.size + 1024) {
            best = new Slot(s.dtype);
            slots.add(best);
        }
        return best;
    }

    /// Bytes of the arena.
    long bytes() {
        return arrays.stream()
                .mapToLong(a -> (long) a.size() * a.dtype().bytes())
                .sum();
    }
}
