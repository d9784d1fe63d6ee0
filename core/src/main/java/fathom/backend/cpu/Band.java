package fathom.backend.cpu;

import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Loops one after the other over the same rows, run a few rows at a time: what one has computed is
/// still in the cache when the next reads it. A softmax or a layer normalisation, whose loops
/// reduce each row and come back to it, so goes through memory once.
///
/// That is possible where each loop reads, of what the loops before it compute, no more than the
/// row that it works on.
///
/// What only the band itself reads has a place for as many rows as are worked on at a time, one
/// for each worker.
///
/// @param steps the loops, in order
/// @param rows how many rows they have in common
/// @param each rows that are worked on at a time
/// @param own places of those values that only the band reads
record Band(List<LoopStep> steps, int rows, int each, Set<Storage> own) implements Step {
    /// About how many points of a loop are computed before the next takes over.
    private static final int POINTS = 8 * 1024;

    /// Fewer rows would not keep several threads busy.
    private static final int FEWEST_ROWS = 32;

    /// The steps with those put together that can be.
    static List<Step> group(List<Step> steps, Places places, int threads) {
        List<Step> grouped = new ArrayList<>();
        int i = 0;
        while (i < steps.size()) {
            List<LoopStep> run = new ArrayList<>();
            int rows = rows(steps, i);
            while (rows > 0 && i + run.size() < steps.size() && continues(run, steps.get(i + run.size()), rows)) {
                run.add((LoopStep) steps.get(i + run.size()));
            }
            if (run.size() > 1) {
                Set<Storage> others = new HashSet<>();
                for (int k = 0; k < steps.size(); k++) {
                    if (k < i || k >= i + run.size()) {
                        others.addAll(steps.get(k).reads());
                        // What another step fills with zeros, say, before the band writes to parts of it.
                        others.addAll(steps.get(k).writes());
                    }
                }
                grouped.add(of(run, rows, others, places, threads));
                i += run.size();
            } else {
                grouped.add(steps.get(i));
                i++;
            }
        }
        return grouped;
    }

    private static Band of(List<LoopStep> loops, int rows, Set<Storage> ofOthers, Places places, int threads) {
        int widest =
                loops.stream().mapToInt(s -> s.geometry().points() / rows).max().orElseThrow();
        int each = Math.max(1, POINTS / Math.max(1, widest));
        Map<Storage, Storage> own = new HashMap<>();
        for (LoopStep loop : loops) {
            for (int k = loop.inputs(); k < loop.places().size(); k++) {
                Storage s = loop.places().get(k);
                if (s.kind() == Storage.Kind.TEMPORARY && !ofOthers.contains(s)) {
                    LoopStep.Row row = loop.row(k, rows);
                    own.put(s, places.temporary(s.dtype, Shape.of(row.start() + threads * each * row.step())));
                }
            }
        }
        List<LoopStep> moved = loops.stream().map(l -> l.moved(own)).toList();
        return new Band(moved, rows, each, new HashSet<>(own.values()));
    }

    /// The rows of the first of the loops from here on that has any; 0 if there is none.
    private static int rows(List<Step> steps, int from) {
        for (int i = from; i < steps.size() && steps.get(i) instanceof LoopStep s; i++) {
            int rows = s.geometry().rowCount();
            if (rows > 1) {
                return rows >= FEWEST_ROWS ? rows : 0;
            }
        }
        return 0;
    }

    private static boolean continues(List<LoopStep> run, Step next, int rows) {
        if (!(next instanceof LoopStep step) || !step.goesByRows(rows)) {
            return false;
        }
        for (LoopStep before : run) {
            for (int w = before.inputs(); w < before.places().size(); w++) {
                for (int r = 0; r < step.places().size(); r++) {
                    boolean same = before.places().get(w) == step.places().get(r);
                    if (same && !before.row(w, rows).isAlso(step.row(r, rows))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    @Override
    public Runnable bind(Frame frame) {
        List<BoundLoop> loops = steps.stream().map(s -> s.bind(frame)).toList();
        List<int[]> ownSteps = steps.stream().map(this::ownSteps).toList();
        WorkerPool.Body body = (task, worker) -> {
            int from = task * each;
            int end = Math.min(rows, from + each);
            for (int i = 0; i < loops.size(); i++) {
                loops.get(i).runRows(worker, from, end, rows, worker * each - from, ownSteps.get(i));
            }
        };
        return () -> {
            loops.forEach(BoundLoop::load);
            frame.pool().parallel(Math.ceilDiv(rows, each), body);
            loops.forEach(BoundLoop::unload);
        };
    }

    /// Elements from row to row of those places that are for a few rows only, 0 for the others.
    private int[] ownSteps(LoopStep step) {
        int[] steps = new int[step.geometry().starts().length];
        for (int k = 0; k < step.places().size(); k++) {
            steps[k] = own.contains(step.places().get(k)) ? step.row(k, rows).step() : 0;
        }
        return steps;
    }

    /// What another step has begun to fill is read, even if the band writes to it first.
    @Override
    public List<Storage> reads() {
        return steps.stream()
                .flatMap(s -> s.reads().stream())
                .filter(s -> !own.contains(s))
                .distinct()
                .toList();
    }

    @Override
    public List<Storage> writes() {
        return steps.stream().flatMap(s -> s.writes().stream()).toList();
    }

    /// Where the one loop that reads it is the one that writes the other, and not to a place for a few
    /// rows: a worker's rows there are not the rows that it reads, whatever the sizes.
    @Override
    public boolean canOverwrite(Storage read, Storage written) {
        if (own.contains(written)) {
            return false;
        }
        List<LoopStep> readers =
                steps.stream().filter(s -> s.reads().contains(read)).toList();
        return readers.size() == 1
                && readers.getFirst().writes().contains(written)
                && readers.getFirst().canOverwrite(read, written);
    }

    @Override
    public String title() {
        return "by rows: " + steps.stream().map(LoopStep::title).collect(Collectors.joining("; "));
    }

    @Override
    public String shapes() {
        int columns =
                steps.stream().mapToInt(s -> s.geometry().points() / rows).max().orElse(0);
        return "[%d, %d], %d rows at a time".formatted(rows, columns, each);
    }

    @Override
    public long flops() {
        return steps.stream().mapToLong(LoopStep::flops).sum();
    }

    /// What only the band reads stays in the cache.
    @Override
    public long touched(Storage place) {
        return own.contains(place)
                ? 0
                : steps.stream()
                        .filter(s -> s.places().contains(place))
                        .mapToLong(s -> s.touched(place))
                        .max()
                        .orElse(0);
    }
}
