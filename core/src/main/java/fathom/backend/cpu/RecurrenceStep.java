package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A recurrence. The samples are independent of each other, so every worker takes some of them
/// through all of time, with nothing to wait for in between, and what it works on stays in its
/// cache. The weights are packed once.
///
/// @param cell the loops of the cell, over blocks `[N, H]` for each time
/// @param handedOn places for what one of these loops hands on to the next
record RecurrenceStep(
        Sizes sizes,
        boolean reverse,
        List<LoopStep> cell,
        Storage weights,
        Storage initial,
        Storage history,
        List<Storage> handedOn,
        Tiles tiles)
        implements Step {

    /// Geometry.
    ///
    /// @param width columns of a block, H
    /// @param states blocks of the state
    /// @param products blocks of products
    /// @param fed columns of the state that are multiplied
    record Sizes(int time, int samples, int width, int states, int products, int fed) {
        /// Elements from sample to sample of the history.
        int row() {
            return (states + products) * width;
        }

        /// Columns of the products.
        int columns() {
            return products * width;
        }

        /// Where a row of the history begins.
        int at(int time, int sample) {
            return (time * samples + sample) * row();
        }
    }

    @Override
    public Runnable bind(Frame frame) {
        WorkerPool pool = frame.pool();
        List<BoundLoop> loops = cell.stream().map(s -> s.bind(frame)).toList();
        // The bits of a row do not depend on which rows go together.
        int each = Math.ceilDiv(sizes.samples, pool.threads());
        return () -> {
            begin(frame);
            loops.forEach(BoundLoop::load);
            pool.exclusively(shared -> {
                Object packed = pack(frame, shared);
                Object states = frame.array(history);
                pool.parallel(Math.ceilDiv(sizes.samples, each), (task, worker) -> {
                    int from = task * each;
                    int to = Math.min(sizes.samples, from + each);
                    Scratch scratch = pool.scratch(worker);
                    for (int step = 0; step < sizes.time; step++) {
                        int t = reverse ? sizes.time - 1 - step : step;
                        multiply(states, packed, t, from, to, scratch);
                        for (int i = 0; i < loops.size(); i++) {
                            loops.get(i).runBlock(worker, t, from, to);
                        }
                    }
                });
            });
            loops.forEach(BoundLoop::unload);
        };
    }

    /// The initial state, next to products of 0.
    private void begin(Frame frame) {
        Object from = frame.array(initial);
        Object to = frame.array(history);
        int length = sizes.states * sizes.width;
        for (int n = 0; n < sizes.samples; n++) {
            int at = sizes.at(reverse ? sizes.time : 0, n);
            System.arraycopy(from, n * length, to, at, length);
            Zeros.fill(to, at + length, sizes.columns());
        }
    }

    private Object pack(Frame frame, Scratch shared) {
        int columns = sizes.columns();
        Object packed = shared.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, tiles.packedSize(sizes.fed, columns));
        Object from = frame.array(weights);
        frame.pool().parallel(tiles.panelsOver(columns), (panel, _) -> {
            var matrix = new Tiles.Matrix(from, 0, columns, false, sizes.fed, columns);
            tiles.pack(matrix, panel, packed, 0);
        });
        return packed;
    }

    /// The products for some samples.
    private void multiply(Object states, Object packed, int t, int from, int to, Scratch scratch) {
        int rows = to - from;
        if (rows == 0 || sizes.columns() == 0) {
            return;
        }
        int[] left = scratch.offsets(Scratch.Offsets.LEFT_ROWS, rows + tiles.rows());
        int[] right = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
        int before = t + (reverse ? 1 : 0);
        int after = t + (reverse ? 0 : 1);
        for (int i = 0; i < rows; i++) {
            left[i] = sizes.at(before, from + i);
            right[i] = sizes.at(after, from + i) + sizes.states * sizes.width;
        }
        if (sizes.fed == 0) {
            for (int i = 0; i < rows; i++) {
                Zeros.fill(states, right[i], sizes.columns());
            }
            return;
        }
        var panels = new Tiles.Panels(packed, 0, sizes.fed, sizes.columns());
        var block = new Tiles.Block(scratch, rows, panels, new Tiles.Result(states, right, 0), 0, sizes.columns());
        tiles.multiply(new Tiles.LeftRows(states, left, new int[1], sizes.fed), block, false);
    }

    @Override
    public List<Storage> reads() {
        Set<Storage> reads = new LinkedHashSet<>(List.of(weights, initial));
        cell.forEach(s -> reads.addAll(s.reads()));
        reads.remove(history);
        handedOn.forEach(reads::remove);
        return List.copyOf(reads);
    }

    @Override
    public List<Storage> writes() {
        List<Storage> writes = new ArrayList<>(handedOn);
        writes.addFirst(history);
        return writes;
    }

    @Override
    public String title() {
        return "recurrence by " + cell.stream().map(LoopStep::title).collect(Collectors.joining("; "));
    }

    @Override
    public String shapes() {
        return "[%d, %d, %d], weights [%d, %d]%s"
                .formatted(
                        sizes.time,
                        sizes.samples,
                        sizes.width,
                        sizes.fed,
                        sizes.columns(),
                        reverse ? ", backwards" : "");
    }

    @Override
    public long flops() {
        long products = 2L * sizes.time * sizes.samples * sizes.fed * sizes.columns();
        return products + cell.stream().mapToLong(LoopStep::flops).sum();
    }

    /// What a step hands on to the next, and one loop of the cell to the other, stays in the cache.
    @Override
    public long touched(Storage place) {
        if (handedOn.contains(place)) {
            return 0;
        }
        return place == weights || place == initial || place == history
                ? place.size
                : cell.stream()
                        .filter(s -> s.places().contains(place))
                        .mapToLong(s -> s.touched(place))
                        .max()
                        .orElse(0);
    }
}
