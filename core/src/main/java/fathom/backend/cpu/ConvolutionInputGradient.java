package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// One call of [Convolution#inputGradient]. For each tap of the window, the gradient of y times
/// that tap's weights is added to the pixels of dx that lie under the tap: products with whole rows
/// of dy, whose results go to rows of dx that are somewhere else for each tap. Windows that have
/// nothing under a tap are left out, so no work is done for padding.
///
/// With very few channels a tap's product would hardly be one: then the products of all taps are
/// computed at once, and added to the pixels afterwards.
///
/// An image is in one task, and its windows are taken in blocks that depend on its size alone, tap
/// by tap: that fixes the order of the sums.
record ConvolutionInputGradient(
        WorkerPool pool,
        Tiles tiles,
        ConvolutionGeometry g,
        Object dy,
        Operand w,
        Object dx,
        @Nullable Epilogue epilogue) {
    /// The most windows that are taken together: their part of dx should stay in the L2 cache.
    private static final int MOST_WINDOWS = 256;

    /// As many channels as count as few. Both ways round differently, so this may not depend on the
    /// machine.
    private static final int FEW_CHANNELS = 4;

    /// The panels of some matrices of the weights.
    private record Form(int height, int columns, int matrices) {}

    void run(Scratch shared) {
        int height = g.groupFilters();
        int columns = tapsAtOnce() ? g.depth() : g.groupChannels();
        int panels = tiles.panelsOver(columns);
        int size = tiles.packedSize(height, columns);
        int matrices = tapsAtOnce() ? 1 : g.taps() * g.groups();
        Form form = new Form(height, columns, matrices);
        Object packed = w.form(
                form,
                tiles.dtype(),
                size * matrices,
                shared,
                to -> pool.parallel(panels * matrices, (task, _) -> {
                    int matrix = task / panels;
                    int start = matrix / g.groups() * columns * g.filters() + matrix % g.groups() * height;
                    var weights = new Tiles.Matrix(w.array(), start, g.filters(), true, height, columns);
                    tiles.pack(weights, task % panels, to, matrix * size);
                }));

        int together = imagesTogether();
        int blocks = Math.ceilDiv(g.images(), together);
        int channels = g.groupChannels();
        int wanted = tapsAtOnce() ? 1 : Math.ceilDiv(4 * pool.threads(), blocks);
        int step = tiles.columnStep(channels, channels, wanted);
        int channelBlocks = Math.ceilDiv(channels, step);
        pool.parallel(blocks * channelBlocks, (task, worker) -> {
            int image = task / channelBlocks * together;
            int channel = task % channelBlocks * step;
            int end = Math.min(g.images(), image + together);
            images(packed, image, end, channel, Math.min(channels, channel + step), worker);
        });
    }

    private boolean tapsAtOnce() {
        return g.groups() == 1 && g.channels() <= FEW_CHANNELS && g.taps() > 1;
    }

    /// Small images are taken several at a time.
    private int imagesTogether() {
        return Math.clamp(MOST_WINDOWS / g.windowsPerImage(), 1, g.images());
    }

    private void images(Object packed, int image, int imageEnd, int column, int columnEnd, int worker) {
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
            if (tapsAtOnce()) {
                allTaps(packed, from, to, pool.scratch(worker));
                continue;
            }
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
            Zeros.fill(dx, pixel * count, (pixelEnd - pixel) * count);
            return;
        }
        for (int p = pixel; p < pixelEnd; p++) {
            Zeros.fill(dx, p * g.channels() + channel, count);
        }
    }

    private void tap(Object packed, int tap, int from, int to, int column, int columnEnd, Scratch scratch) {
        int room = to - from + tiles.rows();
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, room);
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, room);
        int count = rowsUnder(tap, from, to, 0, g.filters(), leftRows, resultRows);
        if (count == 0) {
            return;
        }
        int size = tiles.packedSize(g.groupFilters(), g.groupChannels());
        for (int group = 0; group < g.groups(); group++) {
            Tiles.Panels right =
                    new Tiles.Panels(packed, (tap * g.groups() + group) * size, g.groupFilters(), g.groupChannels());
            Tiles.LeftRows left =
                    new Tiles.LeftRows(dy, leftRows, new int[] {group * g.groupFilters()}, g.groupFilters());
            Tiles.Result result = new Tiles.Result(dx, resultRows, group * g.groupChannels());
            tiles.multiply(left, new Tiles.Block(scratch, count, right, result, column, columnEnd), true);
        }
    }

    /// Computes what each window has for each of its elements, and adds it to the elements.
    private void allTaps(Object packed, int from, int to, Scratch scratch) {
        int depth = g.depth();
        int room = to - from + tiles.rows();
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, room);
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, room);
        for (int i = 0; i < to - from; i++) {
            leftRows[i] = (from + i) * g.filters();
            resultRows[i] = i * depth;
        }
        Object block = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, (to - from) * depth);
        Tiles.LeftRows left = new Tiles.LeftRows(dy, leftRows, new int[1], g.filters());
        Tiles.Panels right = new Tiles.Panels(packed, 0, g.filters(), depth);
        Tiles.Result result = new Tiles.Result(block, resultRows, 0);
        tiles.multiply(left, new Tiles.Block(scratch, to - from, right, result, 0, depth), false);
        for (int tap = 0; tap < g.taps(); tap++) {
            int count = rowsUnder(tap, from, to, from, depth, leftRows, resultRows);
            for (int c = 0; c < g.channels(); c++) {
                int element = tap * g.channels() + c;
                tiles.panelKernel().addScattered(block, leftRows, element, count, dx, resultRows, c);
            }
        }
    }

    /// Lists the windows that have a pixel under the tap, as their distance from window `base`
    /// times `stride`, and the indices of those pixels. Returns how many.
    private int rowsUnder(int tap, int from, int to, int base, int stride, int[] leftRows, int[] resultRows) {
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
                leftRows[count] = (row * columns + c - base) * stride;
                resultRows[count] = (pixel + c * step) * g.channels();
                count++;
            }
        }
        return count;
    }
}
