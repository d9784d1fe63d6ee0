package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// One call of [Convolution#inputGradient]. For each tap of the window, the gradient of y times
/// that tap's weights is added to the pixels of dx that lie under the tap: products with whole rows
/// of dy, whose results go to rows of dx that are somewhere else for each tap. Windows that have
/// nothing under a tap are left out, so no work is done for padding.
///
/// An image is in one task, and its windows are taken in blocks that depend on its size alone, tap
/// by tap: that fixes the order of the sums.
final class ConvolutionInputGradient {
    /// The most windows that are taken together: their part of dx should stay in the L2 cache.
    private static final int MOST_WINDOWS = 256;

    private final WorkerPool pool;
    private final Tiles tiles;
    private final ConvolutionGeometry g;
    private final Object dy;
    private final Object w;
    private final Object dx;
    private final @Nullable Epilogue epilogue;

    ConvolutionInputGradient(
            WorkerPool pool,
            Tiles tiles,
            ConvolutionGeometry g,
            Object dy,
            Object w,
            Object dx,
            @Nullable Epilogue epilogue) {
        this.pool = pool;
        this.tiles = tiles;
        this.g = g;
        this.dy = dy;
        this.w = w;
        this.dx = dx;
        this.epilogue = epilogue;
    }

    void run(Scratch shared) {
        int height = g.groupFilters();
        int columns = g.groupChannels();
        int panels = tiles.panelsOver(columns);
        int size = tiles.packedSize(height, columns);
        int matrices = g.taps() * g.groups();
        Object packed = shared.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, size * matrices);
        pool.parallel(
                panels * matrices,
                (task, _) -> {
                    int matrix = task / panels;
                    int panel = task % panels;
                    int tap = matrix / g.groups();
                    int group = matrix % g.groups();
                    tiles.pack(
                            w,
                            tap * columns * g.filters() + group * height,
                            g.filters(),
                            true,
                            height,
                            columns,
                            panel,
                            packed,
                            matrix * size + panel * height * tiles.panel());
                });

        int together = imagesTogether();
        int blocks = Math.ceilDiv(g.images(), together);
        int wanted = Math.clamp(Math.ceilDiv(4 * pool.threads(), blocks), 1, panels);
        int columnStep = Math.ceilDiv(panels, wanted) * tiles.panel();
        int columnBlocks = Math.ceilDiv(columns, columnStep);
        pool.parallel(
                blocks * columnBlocks,
                (task, worker) -> {
                    int image = task / columnBlocks * together;
                    int column = task % columnBlocks * columnStep;
                    images(
                            packed,
                            image,
                            Math.min(g.images(), image + together),
                            column,
                            Math.min(columns, column + columnStep),
                            worker);
                });
    }

    /// Small images are taken several at a time.
    private int imagesTogether() {
        return Math.clamp(MOST_WINDOWS / g.windowsPerImage(), 1, g.images());
    }

    private void images(
            Object packed, int image, int imageEnd, int column, int columnEnd, int worker) {
        int pixel = image * g.height() * g.width();
        int pixelEnd = imageEnd * g.height() * g.width();
        for (int group = 0; group < g.groups(); group++) {
            clear(pixel, pixelEnd, group * g.groupChannels() + column, columnEnd - column);
        }
        int first = image * g.windowsPerImage();
        int windows = (imageEnd - image) * g.windowsPerImage();
        int blocks = Math.ceilDiv(windows, MOST_WINDOWS);
        for (int block = 0; block < blocks; block++) {
            int from = first + (int) ((long) windows * block / blocks);
            int to = first + (int) ((long) windows * (block + 1) / blocks);
            for (int tap = 0; tap < g.taps(); tap++) {
                tap(packed, tap, from, to, column, columnEnd, pool.scratch(worker));
            }
        }
        if (epilogue != null) {
            for (int group = 0; group < g.groups(); group++) {
                int base = group * g.groupChannels();
                epilogue.apply(worker, pixel, pixelEnd, base + column, base + columnEnd);
            }
        }
    }

    private void clear(int pixel, int pixelEnd, int channel, int count) {
        if (count == g.channels()) {
            Zeros.fill(tiles.dtype(), dx, pixel * count, (pixelEnd - pixel) * count);
            return;
        }
        for (int p = pixel; p < pixelEnd; p++) {
            Zeros.fill(tiles.dtype(), dx, p * g.channels() + channel, count);
        }
    }

    private void tap(
            Object packed, int tap, int from, int to, int column, int columnEnd, Scratch scratch) {
        int room = to - from + tiles.rows();
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, room);
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, room);
        int count = rowsUnder(tap, from, to, leftRows, resultRows);
        if (count == 0) {
            return;
        }
        int size = tiles.packedSize(g.groupFilters(), g.groupChannels());
        for (int group = 0; group < g.groups(); group++) {
            Tiles.Panels right =
                    new Tiles.Panels(
                            packed,
                            (tap * g.groups() + group) * size,
                            g.groupFilters(),
                            g.groupChannels());
            Tiles.LeftRows left =
                    new Tiles.LeftRows(
                            dy, leftRows, new int[] {group * g.groupFilters()}, g.groupFilters());
            Tiles.Result result = new Tiles.Result(dx, resultRows, group * g.groupChannels());
            tiles.multiply(scratch, left, count, right, result, column, columnEnd, true);
        }
    }

    /// Lists the windows that have a pixel under the tap, and those pixels. Returns how many.
    private int rowsUnder(int tap, int from, int to, int[] leftRows, int[] resultRows) {
        int tapRow = tap / g.window().kernelWidth();
        int tapColumn = tap % g.window().kernelWidth();
        int columns = g.outputWidth();
        int step = g.window().strideWidth();
        int shift = g.inputColumn(0, tapColumn);
        int firstInside = Math.max(0, Math.ceilDiv(-shift, step));
        int endInside = Math.min(columns, Math.floorDiv(g.width() - 1 - shift, step) + 1);
        int count = 0;
        for (int row = from / columns; row * columns < to; row++) {
            int inputRow = g.inputRow(row % g.outputHeight(), tapRow);
            if (inputRow < 0 || inputRow >= g.height()) {
                continue;
            }
            int pixel = (row / g.outputHeight() * g.height() + inputRow) * g.width() + shift;
            int first = Math.max(firstInside, from - row * columns);
            int end = Math.min(endInside, to - row * columns);
            for (int c = first; c < end; c++) {
                leftRows[count] = (row * columns + c) * g.filters();
                resultRows[count] = (pixel + c * step) * g.channels();
                count++;
            }
        }
        return count;
    }
}
