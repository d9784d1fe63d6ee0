package fathom.backend.cpu;

import fathom.tensor.DType;

/// Images cut into tiles that begin four pixels apart, for [Winograd] and
/// [WinogradWeightGradient]. Tiles may stand out over the edges: what they read there is zero, and
/// what they write there is dropped.
///
/// A transformation M · d · Mᵀ is two products, of M with the columns of a tile and then with its rows. What is read
/// goes through the first for all pixels of a row of tiles, one after the other as they are in memory, which then
/// need not be fetched twice where tiles overlap, and through the second tile by tile. Between the two is a
/// strip of lines.
///
/// @param dtype F32 or F64
/// @param height rows of pixels of an image
/// @param width columns of pixels of an image
/// @param channels channels of a pixel
/// @param top the row of an image at which its first tile begins; may be negative
/// @param left the column at which it begins
/// @param rows rows of tiles in an image
/// @param columns columns of tiles in an image
record WinogradTiles(DType dtype, int height, int width, int channels, int top, int left, int rows, int columns) {
    private static final int STEP = WinogradTransforms.OUTPUTS;
    private static final int SIZE = WinogradTransforms.SIZE;

    /// The input of a convolution in tiles of 6×6 pixels.
    static WinogradTiles inputs(DType dtype, ConvolutionGeometry g) {
        return new WinogradTiles(
                dtype,
                g.height(),
                g.width(),
                g.channels(),
                -g.window().padTop(),
                -g.window().padLeft(),
                Math.ceilDiv(g.outputHeight(), STEP),
                Math.ceilDiv(g.outputWidth(), STEP));
    }

    /// Its result in tiles of 4×4 pixels.
    static WinogradTiles outputs(DType dtype, ConvolutionGeometry g) {
        int height = g.outputHeight();
        int width = g.outputWidth();
        return new WinogradTiles(
                dtype, height, width, g.filters(), 0, 0, Math.ceilDiv(height, STEP), Math.ceilDiv(width, STEP));
    }

    /// Transformed tiles: channel `c` of point `p` of tile `i` is at `array[at + p * pointStep + c / width *
    /// panelStep + i * width + c % width]`.
    record Points(Object array, int at, int pointStep, int width, int panelStep) {}

    /// Some tiles side by side: the pixel at which the first one begins, and pixels from there to the end
    /// of the last one, of which those from `start` to `end - 1` are inside the image.
    private record Run(int image, int row, int column, int tiles, int pixels, int start, int end) {
        int inside() {
            return end - start;
        }
    }

    /// Pixels of an image.
    int pixels() {
        return height * width;
    }

    int perImage() {
        return rows * columns;
    }

    /// Pixels before a row of tiles that do not overlap, or, `ofImage`, before its image.
    int firstPixel(int tileRow, boolean ofImage) {
        int inImage = ofImage ? 0 : tileRow % rows * STEP;
        return (tileRow / rows * height + inImage) * width;
    }

    private Run run(int tile, int end, int side) {
        int row = tile / columns % rows * STEP + top;
        int column = tile % columns * STEP + left;
        int count = Math.min(end - tile, columns - tile % columns);
        int pixels = (count - 1) * STEP + side;
        int start = Math.clamp(-column, 0, pixels);
        return new Run(
                tile / (rows * columns), row, column, count, pixels, start, Math.clamp(width - column, start, pixels));
    }

    private boolean isInside(Run run, int line) {
        return run.row + line >= 0 && run.row + line < height;
    }

    private boolean areInside(Run run, int lines) {
        return run.row >= 0 && run.row + lines <= height;
    }

    /// Where the pixels of the run that are inside the image begin, in one of its lines.
    private int first(Run run, int line) {
        return ((run.image * height + run.row + line) * width + run.column + run.start) * channels;
    }

    /// Transforms `count` channels from `channel` on of the tiles `first..end-1` of `side` pixels a side.
    void read(
            TransformKernel kernel,
            int side,
            Object images,
            int first,
            int end,
            int channel,
            int count,
            Points to,
            Scratch scratch) {
        int tile = first;
        while (tile < end) {
            Run run = run(tile, end, side);
            Object strip = strip(kernel, side, images, run, channel, count, scratch);
            int line = run.pixels * count;
            for (int c = 0; c < count; c += to.width) {
                int at = to.at + c / to.width * to.panelStep + (tile - first) * to.width;
                int some = Math.min(to.width, count - c);
                kernel.run(
                        strip,
                        c,
                        STEP * count,
                        line,
                        count,
                        to.array,
                        at,
                        to.width,
                        SIZE * to.pointStep,
                        to.pointStep,
                        run.tiles,
                        SIZE,
                        some);
            }
            tile += run.tiles;
        }
    }

    private Object strip(
            TransformKernel kernel, int side, Object images, Run run, int channel, int count, Scratch scratch) {
        int line = run.pixels * count;
        Object strip = scratch.array(dtype, Scratch.Use.STRIP, SIZE * line);
        for (int i = 0; i < SIZE; i++) {
            Zeros.fill(strip, i * line, run.start * count);
            Zeros.fill(strip, i * line + run.end * count, (run.pixels - run.end) * count);
        }
        if (run.inside() == 0) {
            return strip;
        }
        Object from = images;
        int at = first(run, 0) + channel;
        int step = width * channels;
        if (!areInside(run, side)) {
            step = run.inside() * channels;
            from = scratch.array(dtype, Scratch.Use.TILE, side * step);
            at = channel;
            for (int i = 0; i < side; i++) {
                if (isInside(run, i)) {
                    Tiles.copy(images, first(run, i), from, i * step, step);
                } else {
                    Zeros.fill(from, i * step, step);
                }
            }
        }
        // All channels of neighbouring pixels are one run of elements.
        boolean all = count == channels;
        int pixels = all ? 1 : run.inside();
        int together = all ? run.inside() * count : count;
        int to = run.start * count;
        kernel.run(from, at, channels, 0, step, strip, to, count, 0, line, pixels, 1, together);
        return strip;
    }

    /// Transforms the points of the tiles `first..end-1` to 4×4 pixels of the images.
    void write(TransformKernel kernel, Points from, Object images, int first, int end, Scratch scratch) {
        int tile = first;
        while (tile < end) {
            Run run = run(tile, end, STEP);
            Object strip = columns(kernel, from, tile - first, run, STEP, scratch);
            int line = run.tiles * SIZE * channels;
            int lines = Math.min(STEP, height - run.row);
            int whole = run.inside() / STEP;
            int to = first(run, 0);
            int toLine = width * channels;
            kernel.run(
                    strip,
                    0,
                    SIZE * channels,
                    line,
                    channels,
                    images,
                    to,
                    STEP * channels,
                    toLine,
                    channels,
                    whole,
                    lines,
                    channels);
            int rest = run.inside() % STEP * channels;
            if (rest > 0) {
                Object last = scratch.array(dtype, Scratch.Use.TILE, STEP * STEP * channels);
                int at = whole * SIZE * channels;
                kernel.run(strip, at, 0, line, channels, last, 0, 0, STEP * channels, channels, 1, lines, channels);
                for (int i = 0; i < lines; i++) {
                    int start = to + whole * STEP * channels + i * toLine;
                    Tiles.copy(last, i * STEP * channels, images, start, rest);
                }
            }
            tile += run.tiles;
        }
    }

    /// The product with the columns of points: `side` lines of six elements for each tile.
    private Object columns(TransformKernel kernel, Points from, int tile, Run run, int side, Scratch scratch) {
        int line = run.tiles * SIZE * channels;
        Object strip = scratch.array(dtype, Scratch.Use.STRIP, side * line);
        kernel.run(
                from.array,
                from.at + tile * channels,
                channels,
                from.pointStep,
                SIZE * from.pointStep,
                strip,
                0,
                SIZE * channels,
                channels,
                line,
                run.tiles,
                SIZE,
                channels);
        return strip;
    }

    /// Transforms the points of the tiles `first..end-1` to 6×6 pixels, and adds them to those of the images.
    void add(
            TransformKernel kernel,
            PanelKernel panels,
            Points from,
            Object images,
            int first,
            int end,
            Scratch scratch) {
        int tile = first;
        while (tile < end) {
            Run run = run(tile, end, SIZE);
            Object strip = columns(kernel, from, tile - first, run, SIZE, scratch);
            int size = SIZE * channels;
            Object whole = scratch.array(dtype, Scratch.Use.TILE, run.tiles * SIZE * size);
            int line = run.tiles * size;
            kernel.run(
                    strip, 0, size, line, channels, whole, 0, SIZE * size, size, channels, run.tiles, SIZE, channels);
            for (int t = 0; t < run.tiles; t++) {
                int column = run.column + t * STEP;
                int start = Math.max(0, -column);
                int count = (Math.min(SIZE, width - column) - start) * channels;
                for (int i = 0; i < SIZE && count > 0; i++) {
                    if (isInside(run, i)) {
                        int at = ((run.image * height + run.row + i) * width + column + start) * channels;
                        panels.add(whole, (t * SIZE + i) * size + start * channels, count, images, at);
                    }
                }
            }
            tile += run.tiles;
        }
    }
}
