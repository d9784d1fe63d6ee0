package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;

/// Cuts a loop that is too large for one kernel into several over the same points, which hand on
/// values through memory.
///
/// @param whole the loop
/// @param values what it stores
/// @param outputs where
/// @param place gives a place for the values of an instruction, with an element for every point that
///   is worked on at a time
record LoopSplit(LoopBuilder whole, List<Integer> values, List<Operand> outputs, Function<Integer, Operand> place) {
    /// Half of what a kernel may have: where loops are run again and again over what is in the nearest
    /// cache, handing on is cheap, and the JIT is done with two halves much earlier than with a whole.
    private static final int MOST_COST = LoopKernel.MAXIMUM_COST / 2;

    /// One of the loops.
    record Part(LoopBuilder loop, List<Integer> values, List<Operand> outputs) {}

    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        Map<Integer, Operand> handedOn = new HashMap<>();
        int count = whole.instructions().size();
        int from = 0;
        do {
            int to = from + 1;
            while (to < count && fits(from, to + 1)) {
                to++;
            }
            parts.add(part(from, to, handedOn));
            from = to;
        } while (from < count);
        return parts;
    }

    private boolean fits(int from, int to) {
        Set<Integer> read = new HashSet<>();
        int cost = 0;
        for (int i = from; i < to; i++) {
            if (isRead(i)) {
                continue;
            }
            int[] operands = LoopKernel.operands(whole.instructions().get(i));
            cost += LoopKernel.costOf(whole.instructions().get(i), whole.type(operands.length == 0 ? i : operands[0]));
            for (int k : operands) {
                if (isRead(k) || k < from) {
                    read.add(k);
                }
            }
        }
        int written = laterUsed(from, to).size();
        for (int v : values) {
            written += v >= from && v < to ? 1 : 0;
        }
        return cost + read.size() <= MOST_COST && read.size() + written <= LoopKernel.MAXIMUM_ARRAYS;
    }

    /// Whether an instruction only reads, which can be done again.
    private boolean isRead(int instruction) {
        return switch (whole.instructions().get(instruction)) {
            case LoopKernel.Load _, LoopKernel.Scalar _ -> true;
            default -> false;
        };
    }

    /// What is computed in a part and used after it.
    private List<Integer> laterUsed(int from, int to) {
        Set<Integer> used = new HashSet<>();
        for (int i = to; i < whole.instructions().size(); i++) {
            for (int k : LoopKernel.operands(whole.instructions().get(i))) {
                used.add(k);
            }
        }
        List<Integer> later = new ArrayList<>();
        for (int i = from; i < to; i++) {
            if (!isRead(i) && used.contains(i)) {
                later.add(i);
            }
        }
        return later;
    }

    private Part part(int from, int to, Map<Integer, Operand> handedOn) {
        LoopBuilder loop = whole.empty();
        Map<Integer, Integer> made = new HashMap<>();
        for (int i = from; i < to; i++) {
            if (!isRead(i)) {
                copy(loop, made, i, handedOn);
            }
        }
        List<Integer> stored = new ArrayList<>();
        List<Operand> places = new ArrayList<>();
        for (int k = 0; k < values.size(); k++) {
            int v = values.get(k);
            boolean last = to == whole.instructions().size();
            if (isRead(v) ? last : v >= from && v < to) {
                stored.add(copy(loop, made, v, handedOn));
                places.add(outputs.get(k));
            }
        }
        for (int v : laterUsed(from, to)) {
            Operand at = place.apply(v);
            handedOn.put(v, at);
            stored.add(copy(loop, made, v, handedOn));
            places.add(at);
        }
        return new Part(loop, stored, places);
    }

    /// The instruction in another loop, after all that it needs.
    private int copy(LoopBuilder loop, Map<Integer, Integer> made, int i, Map<Integer, Operand> handedOn) {
        Integer there = made.get(i);
        if (there != null) {
            return there;
        }
        Operand at = handedOn.get(i);
        int copied = at != null ? loop.load(at) : emit(loop, i, k -> copy(loop, made, k, handedOn));
        made.put(i, copied);
        return copied;
    }

    private int emit(LoopBuilder loop, int i, IntUnaryOperator copied) {
        return switch (whole.instructions().get(i)) {
            case LoopKernel.Load l -> loop.load(whole.inputs().get(l.input()));
            case LoopKernel.Scalar s -> loop.scalar(whole.scalars().get(s.index()));
            case LoopKernel.Unary u -> loop.emit(new LoopKernel.Unary(u.op(), copied.applyAsInt(u.operand())));
            case LoopKernel.Binary b ->
                loop.emit(new LoopKernel.Binary(b.op(), copied.applyAsInt(b.left()), copied.applyAsInt(b.right())));
            case LoopKernel.Select s ->
                loop.emit(new LoopKernel.Select(
                        copied.applyAsInt(s.condition()),
                        copied.applyAsInt(s.whenTrue()),
                        copied.applyAsInt(s.whenFalse())));
            case LoopKernel.Cast c -> loop.emit(new LoopKernel.Cast(c.type(), copied.applyAsInt(c.operand())));
            case LoopKernel.Coordinate _, LoopKernel.BitCast _, LoopKernel.RandomBits _ ->
                throw new IllegalStateException(
                        "not in a cell: " + whole.instructions().get(i));
        };
    }
}
