package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// One call of [Convolution#forward]: the matrix of windows times the matrix of weights. Each
/// element of y is one chain of fused multiply-adds in the order in which the weights are stored.
record ConvolutionForward(
        WorkerPool pool,
        Tiles tiles,
        ConvolutionGeometry g,
        Object x,
        Operand w,
        Object y,
        @Nullable Epilogue epilogue) {
    /// Windows in a task, if there are enough tasks.
    private static final int MOST_WINDOWS = 120;

    /// Filters in a task, if there are enough tasks.
    private static final int MOST_FILTERS = 512;

    /// The panels of the weights of each group.
    private record Form(int height, int columns, int groups) {}

    void run(Scratch shared) {
        Object packed = pack(shared);
        int columns = g.groupFilters();
        int step = windowStep();
        int blocks = Math.ceilDiv(g.windows(), step);
        int columnStep = tiles.columnStep(columns, MOST_FILTERS, Math.ceilDiv(4 * pool.threads(), blocks));
        int columnBlocks = Math.ceilDiv(columns, columnStep);
        long work = (long) g.windows() * g.depth() * g.filters();
        pool.parallel(work, blocks * columnBlocks, (task, worker) -> {
            int from = task / columnBlocks * step;
            int to = Math.min(g.windows(), from + step);
            int column = task % columnBlocks * columnStep;
            block(packed, from, to, column, Math.min(columns, column + columnStep), worker, 0);
        });
    }

    /// Packs the weights, by all workers together.
    Object pack(Scratch shared) {
        int depth = g.depth();
        int columns = g.groupFilters();
        int panels = tiles.panelsOver(columns);
        int size = tiles.packedSize(depth, columns);
        Form form = new Form(depth, columns, g.groups());
        return w.form(
                form,
                tiles.dtype(),
                size * g.groups(),
                shared,
                to -> pool.parallel(panels * g.groups(), (task, _) -> {
                    int group = task / panels;
                    var weights = new Tiles.Matrix(w.array(), group * columns, g.filters(), false, depth, columns);
                    tiles.pack(weights, task % panels, to, group * size);
                }));
    }

    /// Windows of a task: whole tiles, several tasks for each worker.
    private int windowStep() {
        int wanted = Math.max(Math.ceilDiv(g.windows(), MOST_WINDOWS), 4 * pool.threads());
        int step = Math.max(Math.ceilDiv(g.windows(), wanted), 6 * tiles.rows());
        return Math.ceilDiv(step, tiles.rows()) * tiles.rows();
    }

    /// Computes some windows of all images, and of each group of filters some.
    ///
    /// @param shift how many elements further on, or back, the result is put than its place would be
    void block(Object packed, int from, int to, int column, int columnEnd, int worker, int shift) {
        Scratch scratch = pool.scratch(worker);
        int count = to - from;
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, count + tiles.rows());
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, count + tiles.rows());
        WindowRows windows = new WindowRows(g, tiles.dtype());
        Object source = windows.locate(x, from, to, leftRows, scratch);
        for (int i = 0; i < count; i++) {
            resultRows[i] = (from + i) * g.filters() + shift;
        }
        int size = tiles.packedSize(g.depth(), g.groupFilters());
        for (int group = 0; group < g.groups(); group++) {
            Tiles.Panels right = new Tiles.Panels(packed, group * size, g.depth(), g.groupFilters());
            Tiles.Result result = new Tiles.Result(y, resultRows, group * g.groupFilters());
            Tiles.Block block = new Tiles.Block(scratch, count, right, result, column, columnEnd);
            if (windows.isScattered(tiles.shortestRun())) {
                Object packedLeft =
                        scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(count, g.depth()));
                int[] elements = scratch.offsets(Scratch.Offsets.ELEMENTS, g.depth());
                windows.locateElements(group, 0, g.depth(), elements);
                Tiles.Left left = tiles.packLeft(source, leftRows, count, elements, 0, g.depth(), packedLeft);
                tiles.multiply(left, 0, block, false);
            } else {
                Tiles.LeftRows left =
                        new Tiles.LeftRows(source, leftRows, windows.segmentOffsets(group), windows.segmentLength());
                tiles.multiply(left, block, false);
            }
            if (epilogue != null) {
                int first = group * g.groupFilters();
                epilogue.apply(worker, from, to, first + column, first + columnEnd);
            }
        }
    }
}
