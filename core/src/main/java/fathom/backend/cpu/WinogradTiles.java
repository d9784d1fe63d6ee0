package fathom.backend.cpu;

import fathom.tensor.DType;

/// Images cut into tiles that begin four pixels apart, for [Winograd] and
/// [WinogradWeightGradient]. Tiles may stand out over the edges: what they read there is zero, and
/// what they write there is dropped.
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

    /// Where the pixels of a tile begin.
    private record Place(int image, int row, int column) {}

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

    private Place place(int tile) {
        return new Place(tile / (rows * columns), tile / columns % rows * STEP + top, tile % columns * STEP + left);
    }

    private boolean isInside(Place p, int side) {
        return p.row >= 0 && p.column >= 0 && p.row + side <= height && p.column + side <= width;
    }

    private int pixel(int image, int row, int column) {
        return ((image * height + row) * width + column) * channels;
    }

    /// Transforms some channels of a tile of `side` pixels a side; point `p` goes to `to[at + p *
    /// pointStep]` and on.
    void read(
            TransformKernel kernel,
            int side,
            Object images,
            int tile,
            int channel,
            int count,
            Object to,
            int at,
            int pointStep,
            Scratch scratch) {
        Place p = place(tile);
        Object from = images;
        int first = pixel(p.image, p.row, p.column) + channel;
        int rowStep = width * channels;
        int columnStep = channels;
        if (!isInside(p, side)) {
            from = scratch.array(dtype, Scratch.Use.TILE, side * side * count);
            first = 0;
            rowStep = side * count;
            columnStep = count;
            for (int i = 0; i < side; i++) {
                copyRow(images, p, i, side, channel, count, from);
            }
        }
        kernel.run(from, first, rowStep, columnStep, to, at, SIZE * pointStep, pointStep, count, aside(scratch));
    }

    private void copyRow(Object images, Place p, int i, int side, int channel, int count, Object to) {
        int row = p.row + i;
        for (int j = 0; j < side; j++) {
            int column = p.column + j;
            int at = (i * side + j) * count;
            if (row < 0 || row >= height || column < 0 || column >= width) {
                Zeros.fill(to, at, count);
            } else {
                System.arraycopy(images, pixel(p.image, row, column) + channel, to, at, count);
            }
        }
    }

    /// Transforms the points of a tile, of which point `p` is at `from[at + p * pointStep]` and on,
    /// to 4×4 pixels of the images.
    void write(TransformKernel kernel, Object from, int at, int pointStep, Object images, int tile, Scratch scratch) {
        Place p = place(tile);
        Object aside = aside(scratch);
        if (isInside(p, STEP)) {
            int first = pixel(p.image, p.row, p.column);
            kernel.run(
                    from, at, SIZE * pointStep, pointStep, images, first, width * channels, channels, channels, aside);
            return;
        }
        Object whole = scratch.array(dtype, Scratch.Use.TILE, STEP * STEP * channels);
        kernel.run(from, at, SIZE * pointStep, pointStep, whole, 0, STEP * channels, channels, channels, aside);
        int inside = Math.min(STEP, width - p.column) * channels;
        for (int i = 0; i < Math.min(STEP, height - p.row); i++) {
            System.arraycopy(whole, i * STEP * channels, images, pixel(p.image, p.row + i, p.column), inside);
        }
    }

    /// Transforms the points of a tile to 6×6 pixels, and adds them to those of the images.
    void add(
            TransformKernel kernel,
            PanelKernel panels,
            Object from,
            int at,
            int pointStep,
            Object images,
            int tile,
            Scratch scratch) {
        Place p = place(tile);
        Object whole = scratch.array(dtype, Scratch.Use.TILE, WinogradTransforms.POINTS * channels);
        kernel.run(
                from, at, SIZE * pointStep, pointStep, whole, 0, SIZE * channels, channels, channels, aside(scratch));
        int first = Math.max(0, -p.column);
        int end = Math.min(SIZE, width - p.column);
        if (first >= end) {
            return;
        }
        for (int i = Math.max(0, -p.row); i < Math.min(SIZE, height - p.row); i++) {
            int start = (i * SIZE + first) * channels;
            panels.add(whole, start, (end - first) * channels, images, pixel(p.image, p.row + i, p.column + first));
        }
    }

    private Object aside(Scratch scratch) {
        return scratch.array(dtype, Scratch.Use.ASIDE, WinogradTransforms.ASIDE);
    }
}
