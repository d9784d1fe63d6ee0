package fathom.backend.cpu;

import java.util.Arrays;

/// One call of [Convolution#weightGradient]: the matrix of windows, transposed, times dy. The windows
/// are divided into ranges whose number follows from the geometry alone; each range has a sum of its
/// own, and the sums are added in order.
final class ConvolutionWeightGradient {
    /// Windows that are packed at a time.
    private static final int STRETCH = 256;

    /// Windows in a range, if the sums do not get too large.
    private static final int RANGE = 1024;

    private static final int MOST_RANGES = 16;

    /// Elements of all sums together.
    private static final int MOST_SUMS = 1 << 21;

    /// Rows of dw that are packed at a time.
    private static final int MOST_ROWS = 96;

    /// Tasks that are wanted, by cutting dw if there are not enough ranges.
    private static final int ENOUGH_TASKS = 16;

    private final WorkerPool pool;
    private final Tiles tiles;
    private final ConvolutionGeometry g;
    private final Object x;
    private final Object dy;
    private final Object dw;
    private final WindowRows windows;

    ConvolutionWeightGradient(
            WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
        this.pool = pool;
        this.tiles = tiles;
        this.g = g;
        this.x = x;
        this.dy = dy;
        this.dw = dw;
        this.windows = new WindowRows(g, tiles.dtype());
    }

    /// Rows of dw that are adjacent in a segment of the windows.
    private record Slab(int segment, int from, int to) {}

    void run(Scratch shared) {
        int size = g.depth() * g.filters();
        int ranges = Math.min(Math.ceilDiv(g.windows(), RANGE), MOST_RANGES);
        ranges = Math.clamp(1 + MOST_SUMS / size, 1, ranges);
        int count = ranges;
        Object sums =
                shared.array(tiles.dtype(), Scratch.Use.PARTIAL_SUMS, (count - 1) * size);
        Slab[] slabs = slabs();
        int shares = Math.min(slabs.length, Math.ceilDiv(ENOUGH_TASKS, count));
        pool.parallel(
                count * shares,
                (task, worker) -> {
                    int range = task / shares;
                    int share = task % shares;
                    range(
                            (int) ((long) g.windows() * range / count),
                            (int) ((long) g.windows() * (range + 1) / count),
                            slabs,
                            slabs.length * share / shares,
                            slabs.length * (share + 1) / shares,
                            range == 0 ? dw : sums,
                            range == 0 ? 0 : (range - 1) * size,
                            pool.scratch(worker));
                });
        if (count > 1) {
            addSums(sums, count, size);
        }
    }

    private void addSums(Object sums, int count, int size) {
        int parts = Math.clamp(size / 1024, 1, 4 * pool.threads());
        pool.parallel(
                parts,
                (part, _) -> {
                    int from = (int) ((long) size * part / parts);
                    int to = (int) ((long) size * (part + 1) / parts);
                    for (int i = 0; i < count - 1; i++) {
                        tiles.panelKernel().add(sums, i * size + from, to - from, dw, from);
                    }
                });
    }

    /// Divides the rows of dw into slabs of nearly equal size, in whole tiles as far as possible.
    private Slab[] slabs() {
        int length = windows.isScattered() ? g.depth() : windows.segmentLength();
        int parts = Math.ceilDiv(length, MOST_ROWS);
        int step =
                Math.ceilDiv(Math.ceilDiv(length, parts), tiles.packedRows())
                        * tiles.packedRows();
        parts = Math.ceilDiv(length, step);
        Slab[] slabs = new Slab[g.depth() / length * parts];
        for (int i = 0; i < slabs.length; i++) {
            int from = i % parts * step;
            slabs[i] = new Slab(i / parts, from, Math.min(length, from + step));
        }
        return slabs;
    }

    private void range(
            int from,
            int to,
            Slab[] slabs,
            int firstSlab,
            int endSlab,
            Object sum,
            int sumAt,
            Scratch scratch) {
        int columns = g.groupFilters();
        Object panels =
                scratch.array(
                        tiles.dtype(),
                        Scratch.Use.RIGHT_PANELS,
                        tiles.packedSize(STRETCH, columns));
        Object block =
                scratch.array(
                        tiles.dtype(),
                        Scratch.Use.LEFT_BLOCK,
                        tiles.packedLeftSize(MOST_ROWS + tiles.packedRows(), STRETCH));
        int[] offsets = scratch.offsets(Scratch.Offsets.LEFT_ROWS, STRETCH);
        int[] resultRows =
                scratch.offsets(Scratch.Offsets.RESULT_ROWS, MOST_ROWS + 2 * tiles.packedRows());
        int stretches = Math.ceilDiv(to - from, STRETCH);
        for (int s = 0; s < stretches; s++) {
            int first = from + (int) ((long) (to - from) * s / stretches);
            int length = from + (int) ((long) (to - from) * (s + 1) / stretches) - first;
            Object source = windows.locate(x, first, first + length, offsets, scratch);
            for (int group = 0; group < g.groups(); group++) {
                for (int panel = 0; panel < tiles.panelsOver(columns); panel++) {
                    tiles.pack(
                            dy,
                            first * g.filters() + group * columns,
                            g.filters(),
                            false,
                            length,
                            columns,
                            panel,
                            panels,
                            panel * length * tiles.panel());
                }
                Tiles.Panels right = new Tiles.Panels(panels, 0, length, columns);
                int[] segments = windows.segmentOffsets(group);
                for (int i = firstSlab; i < endSlab; i++) {
                    Slab slab = slabs[i];
                    int count = slab.to - slab.from;
                    int row = slab.segment * windows.segmentLength() + slab.from;
                    Tiles.LeftPacked left =
                            windows.isScattered()
                                    ? tiles.gatherLeft(
                                            source,
                                            Arrays.copyOfRange(
                                                    windows.elementOffsets(), slab.from, slab.to),
                                            count,
                                            offsets,
                                            length,
                                            block)
                                    : tiles.packLeft(
                                            source,
                                            offsets,
                                            0,
                                            length,
                                            segments[slab.segment] + slab.from,
                                            count,
                                            block);
                    for (int r = 0; r < count; r++) {
                        resultRows[r] = sumAt + (row + r) * g.filters();
                    }
                    Tiles.Result result = new Tiles.Result(sum, resultRows, group * columns);
                    tiles.multiply(scratch, left, count, right, 0, result, 0, columns, s > 0);
                }
            }
        }
    }
}
