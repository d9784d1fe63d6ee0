package fathom.backend.cpu;

import fathom.tensor.DType;

/// What lies under the windows of a convolution, as the rows of a matrix that is never stored: row
/// `p` has the elements under window `p`, in the order in which the weights are stored, and is read
/// where they are. Images that have padding are copied a band at a time, with zeros around them.
record WindowRows(ConvolutionGeometry g, DType dtype) {
    private static final int SHORT_SEGMENT = 12;

    /// Whether the runs of adjacent elements are so short that it pays to collect single elements, of many
    /// windows at a time where these are adjacent themselves.
    ///
    /// @param shortestRun the shortest that are copied fast
    boolean isScattered(int shortestRun) {
        return g.groups() == 1
                && segmentLength() < (areAdjacent() ? SHORT_SEGMENT : Math.min(SHORT_SEGMENT, shortestRun));
    }

    /// Whether the windows of a row of the result begin one element after the other.
    boolean areAdjacent() {
        return g.window().strideWidth() * g.channels() == 1;
    }

    /// Where the elements of a window are, from one in the order of the weights to another,
    /// relative to the window's first.
    void locateElements(int group, int from, int to, int[] offsets) {
        int[] segments = segmentOffsets(group);
        int length = segmentLength();
        for (int i = from; i < to; i++) {
            offsets[i - from] = segments[i / length] + i % length;
        }
    }

    /// Runs of elements that are adjacent in memory, per window.
    int segments() {
        return g.taps() * g.groupChannels() / segmentLength();
    }

    /// The length of such a run: a row of the window, or a single tap if its taps are apart.
    int segmentLength() {
        boolean adjacent = g.groups() == 1 && g.window().dilationWidth() == 1;
        return adjacent ? g.window().kernelWidth() * g.channels() : g.groupChannels();
    }

    /// Where a window's segments begin, relative to the window's first element.
    int[] segmentOffsets(int group) {
        int[] offsets = new int[segments()];
        int perRow = offsets.length / g.window().kernelHeight();
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = i / perRow * g.window().dilationHeight() * rowStride()
                    + i % perRow * g.window().dilationWidth() * g.channels()
                    + group * g.groupChannels();
        }
        return offsets;
    }

    /// Elements from one row of the image, or of its copy, to the next.
    private int rowStride() {
        return (g.isPadded() ? paddedWidth() : g.width()) * g.channels();
    }

    /// Columns that the windows of one row cover.
    private int paddedWidth() {
        return g.inputColumn(g.outputWidth() - 1, g.window().kernelWidth() - 1)
                + g.window().padLeft()
                + 1;
    }

    /// Finds the windows `from..to-1`: their first elements' indices are put in `offsets`, and the
    /// array they are in is returned, which is `x` or a copy in the scratch memory.
    Object locate(Object x, int from, int to, int[] offsets, Scratch scratch) {
        int columns = g.outputWidth();
        int row = from / columns;
        int lastRow = (to - 1) / columns;
        Object band = g.isPadded() ? copy(x, row, lastRow, scratch) : x;
        int step = g.window().strideWidth() * g.channels();
        int bandAt = 0;
        int next = 0;
        while (row <= lastRow) {
            int image = row / g.outputHeight();
            int inImage = row % g.outputHeight();
            int rows = Math.min(lastRow - row + 1, g.outputHeight() - inImage);
            for (int i = 0; i < rows; i++) {
                int at = g.isPadded()
                        ? bandAt + i * g.window().strideHeight() * rowStride()
                        : (image * g.height() + g.inputRow(inImage + i, 0)) * rowStride();
                int first = Math.max(0, from - (row + i) * columns);
                int end = Math.min(columns, to - (row + i) * columns);
                for (int column = first; column < end; column++) {
                    offsets[next++] = at + column * step;
                }
            }
            bandAt += bandRows(rows) * rowStride();
            row += rows;
        }
        return band;
    }

    /// Rows of the image that `rows` rows of windows cover.
    private int bandRows(int rows) {
        return (rows - 1) * g.window().strideHeight()
                + (g.window().kernelHeight() - 1) * g.window().dilationHeight()
                + 1;
    }

    private Object copy(Object x, int row, int lastRow, Scratch scratch) {
        int outputRows = lastRow - row + 1;
        int touched = lastRow / g.outputHeight() - row / g.outputHeight() + 1;
        int most = bandRows(outputRows) + (touched - 1) * bandRows(1);
        Object band = scratch.array(dtype, Scratch.Use.IMAGE_BAND, most * rowStride());
        int at = 0;
        while (row <= lastRow) {
            int image = row / g.outputHeight();
            int inImage = row % g.outputHeight();
            int rows = Math.min(lastRow - row + 1, g.outputHeight() - inImage);
            int first = g.inputRow(inImage, 0);
            for (int i = 0; i < bandRows(rows); i++) {
                copyRow(x, image, first + i, band, at);
                at += rowStride();
            }
            row += rows;
        }
        return band;
    }

    private void copyRow(Object x, int image, int row, Object band, int at) {
        if (row < 0 || row >= g.height()) {
            Zeros.fill(band, at, rowStride());
            return;
        }
        int left = Math.min(g.window().padLeft(), paddedWidth());
        int inside = Math.clamp(paddedWidth() - left, 0, g.width());
        int right = paddedWidth() - left - inside;
        int c = g.channels();
        Zeros.fill(band, at, left * c);
        System.arraycopy(x, (image * g.height() + row) * g.width() * c, band, at + left * c, inside * c);
        Zeros.fill(band, at + (left + inside) * c, right * c);
    }
}
