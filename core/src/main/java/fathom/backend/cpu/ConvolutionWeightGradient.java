package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.Arrays;

/// One call of [Convolution#weightGradient]: the matrix of windows, transposed, times dy. The
/// windows are divided into ranges whose number follows from the geometry alone; each range has a
/// sum of its own, and the sums are added in order.
record ConvolutionWeightGradient(WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
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

    void run(Scratch shared) {
        int size = g.depth() * g.filters();
        int ranges = Math.min(Math.ceilDiv(g.windows(), RANGE), MOST_RANGES);
        ranges = Math.clamp(1 + MOST_SUMS / size, 1, ranges);
        int count = ranges;
        Object sums = shared.array(tiles.dtype(), Scratch.Use.PARTIAL_SUMS, (count - 1) * size);
        // Whole tiles, so that only the last ones stand out over the edge.
        int most = MOST_ROWS / tiles.rows() * tiles.rows();
        int slabs = Math.ceilDiv(g.depth(), most);
        int shares = Math.min(slabs, Math.ceilDiv(ENOUGH_TASKS, count));
        pool.parallel(count * shares, (task, worker) -> {
            int range = task / shares;
            int share = task % shares;
            range(
                    (int) ((long) g.windows() * range / count),
                    (int) ((long) g.windows() * (range + 1) / count),
                    slabs * share / shares * most,
                    Math.min(g.depth(), slabs * (share + 1) / shares * most),
                    most,
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
        pool.parallel(parts, (part, _) -> {
            int from = (int) ((long) size * part / parts);
            int to = (int) ((long) size * (part + 1) / parts);
            for (int i = 0; i < count - 1; i++) {
                tiles.panelKernel().add(sums, i * size + from, to - from, dw, from);
            }
        });
    }

    /// Adds up the products of the windows `from..to-1` for the rows `row..rowEnd-1` of dw.
    private void range(int from, int to, int row, int rowEnd, int step, Object sum, int sumAt, Scratch scratch) {
        int columns = g.groupFilters();
        DType dtype = tiles.dtype();
        Object block = scratch.array(dtype, Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(step, STRETCH));
        int[] offsets = scratch.offsets(Scratch.Offsets.LEFT_ROWS, STRETCH);
        int[] elements = scratch.offsets(Scratch.Offsets.ELEMENTS, step + tiles.rows());
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, step + tiles.rows());
        WindowRows windows = new WindowRows(g, dtype);
        boolean inRuns = windows.areAdjacent() && g.outputWidth() >= tiles.shortestRun();
        int end;
        for (int first = from; first < to; first = end) {
            end = first + (inRuns ? runs(first, to) : Math.min(STRETCH, to - first));
            int length = end - first;
            Object source = windows.locate(x, first, end, offsets, scratch);
            for (int group = 0; group < g.groups(); group++) {
                Tiles.Panels right = panels(first, length, group, scratch);
                for (int i = row; i < rowEnd; i += step) {
                    int count = Math.min(step, rowEnd - i);
                    windows.locateElements(group, i, i + count, elements);
                    for (int r = 0; r < count; r++) {
                        resultRows[r] = sumAt + (i + r) * g.filters();
                    }
                    Tiles.Result result = new Tiles.Result(sum, resultRows, group * columns);
                    Tiles.Block product = new Tiles.Block(scratch, count, right, result, 0, columns);
                    if (inRuns) {
                        tiles.multiply(rows(source, elements, offsets, first, length), product, first > from);
                    } else {
                        Tiles.Left left = tiles.packLeft(source, elements, count, offsets, 0, length, block);
                        tiles.multiply(left, 0, product, first > from);
                    }
                }
            }
        }
    }

    /// How many windows from `first` on to take at a time, so that they are one run of adjacent windows, or
    /// several runs of the same length.
    private int runs(int first, int to) {
        int width = g.outputWidth();
        int inRow = width - first % width;
        int left = to - first;
        if (inRow < width || left < width || width > STRETCH) {
            return Math.min(Math.min(inRow, left), STRETCH);
        }
        return Math.min(STRETCH, left) / width * width;
    }

    /// The windows of some [#runs] as rows of runs, one row for each element under a window.
    private Tiles.LeftRows rows(Object source, int[] elements, int[] offsets, int first, int length) {
        int run = Math.min(length, g.outputWidth() - first % g.outputWidth());
        int[] starts = new int[length / run];
        Arrays.setAll(starts, i -> offsets[i * run]);
        return new Tiles.LeftRows(source, elements, starts, run);
    }

    /// The rows of dy for some windows, which are read where they are if they are as wide as a panel.
    private Tiles.Panels panels(int first, int length, int group, Scratch scratch) {
        int columns = g.groupFilters();
        int start = first * g.filters() + group * columns;
        if (g.filters() == tiles.panel()) {
            return new Tiles.Panels(dy, start, length, columns);
        }
        Object panels = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, tiles.packedSize(STRETCH, columns));
        var rows = new Tiles.Matrix(dy, start, g.filters(), false, length, columns);
        for (int panel = 0; panel < tiles.panelsOver(columns); panel++) {
            tiles.pack(rows, panel, panels, 0);
        }
        return new Tiles.Panels(panels, 0, length, columns);
    }
}
