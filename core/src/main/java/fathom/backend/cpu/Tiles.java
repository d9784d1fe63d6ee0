package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The register-tiled kernels of one element type at one vector width, and the loops that cover a
/// block of a product with them. Everything that multiplies matrices is built from these.
///
/// Products are of rows of A with B packed in panels: panel `p` holds columns `p * panel()` and on,
/// row after row, the last one filled up with zeros; it begins at `p * height * panel()` if the
/// panels are `height` rows high.
final class Tiles {
    private static final int STREAM_VECTORS = 8;

    /// Fewer runs are not worth a kernel that is compiled for their length. Warming up has no more, so that no start
    /// waits for one.
    private static final int FEW_RUNS = 40;

    private static final Map<Lanes, Tiles> FAMILIES = new ConcurrentHashMap<>();

    private final Lanes lanes;
    private final TileShape shape;
    private final int rows;
    private final int widest;
    private final @Nullable Later<Tiles> shorter;
    private final @Nullable Later<Tiles> halves;
    private final PanelKernel panels;
    private final RunCopies runs;
    private final AtomicReferenceArray<TileKernel> kernels;
    private final AtomicBoolean warm = new AtomicBoolean();
    private final StreamKernel wideStream;
    private final StreamKernel narrowStream;
    private final StreamKernel singleStream;

    private Tiles(Lanes lanes) {
        this(
                lanes,
                TileShape.of(lanes),
                TileShape.of(lanes).vectors(),
                new Later<>(() -> shorter(lanes), Tiles::warmUp),
                halvesOf(lanes, TileShape.of(lanes)));
    }

    /// Tiles of fewer rows, so that few rows can be made up of whole tiles.
    private static Tiles shorter(Lanes lanes) {
        TileShape shape = TileShape.of(lanes).shorter();
        return new Tiles(lanes, shape, shape.vectors(), null, halvesOf(lanes, shape));
    }

    /// Tiles of half a vector, for the last columns where these are an odd multiple of that.
    private static @Nullable Later<Tiles> halvesOf(Lanes lanes, TileShape shape) {
        return lanes.bits() == VectorSupport.BITS_WITH_HALF
                ? new Later<>(() -> new Tiles(lanes.half(), shape.inHalves(), 1, null, null), Tiles::warmUp)
                : null;
    }

    /// @param widest the most vectors of columns that are asked for at a time
    private Tiles(
            Lanes lanes, TileShape shape, int widest, @Nullable Later<Tiles> shorter, @Nullable Later<Tiles> halves) {
        this.lanes = lanes;
        this.shape = shape;
        this.widest = widest;
        this.shorter = shorter;
        this.halves = halves;
        rows = shape.rows();
        panels = PanelEmitter.emit(lanes, rows, panel());
        runs = new RunCopies(lanes);
        kernels = new AtomicReferenceArray<>(shape.vectors() + 1);
        wideStream = StreamEmitter.emit(lanes, STREAM_VECTORS);
        narrowStream = StreamEmitter.emit(lanes, 1);
        singleStream = lanes.isScalar() ? narrowStream : StreamEmitter.emit(lanes.scalar(), 1);
    }

    /// The kernels for F32 or F64 at a vector width of 128, 256 or 512 bits or
    /// [VectorSupport#SCALAR]. They are emitted once for the whole JVM.
    static Tiles of(DType dtype, int bits) {
        return FAMILIES.computeIfAbsent(new Lanes(dtype, bits), Tiles::new);
    }

    /// Has the JVM compile the kernels, unless that was asked for before. Takes about half a
    /// second, or longer on a busy machine, and is meant for a thread of its own; without it the
    /// first products are slow, but correct. Kernels that stay slow are replaced.
    void warmUp() {
        if (warm.compareAndSet(false, true)) {
            new TileWarmUp(this).run();
        }
    }

    /// Has every kernel used from now on, compiled or not.
    void useAll() {
        if (shorter != null) {
            shorter.useNow().useAll();
        }
        if (halves != null) {
            halves.useNow();
        }
        runs.useAll();
    }

    /// The element type.
    DType dtype() {
        return lanes.dtype();
    }

    /// Rows of a tile.
    int rows() {
        return rows;
    }

    /// The most columns that a kernel of these is asked for.
    int widest() {
        return widest * lanes.count();
    }

    /// How products are cut.
    TileShape shape() {
        return shape;
    }

    /// Columns of a panel.
    int panel() {
        return shape.vectors() * lanes.count();
    }

    /// The number of panels that cover `columns` columns.
    int panelsOver(int columns) {
        return Math.ceilDiv(columns, panel());
    }

    /// Elements in the panels that cover a matrix of the given size.
    int packedSize(int height, int columns) {
        return Math.multiplyExact(height, panelsOver(columns) * panel());
    }

    /// Columns of a task: blocks of nearly equal size in whole panels, `wanted` of them if there are
    /// as many panels, but none wider than about `most`.
    int columnStep(int columns, int most, int wanted) {
        int panels = panelsOver(columns);
        int blocks = Math.max(Math.ceilDiv(columns, most), Math.clamp(wanted, 1, panels));
        return Math.ceilDiv(panels, blocks) * panel();
    }

    /// The transformations of minimal filtering for the same vectors.
    WinogradTransforms transforms() {
        return WinogradTransforms.of(lanes);
    }

    /// The kernels of depthwise convolution for the same vectors.
    DepthwiseKernels depthwise() {
        return DepthwiseKernels.of(lanes);
    }

    /// The kernels of rows of depthwise convolution for the same vectors.
    Slides slides() {
        return Slides.of(lanes);
    }

    PanelKernel panelKernel() {
        return panels;
    }

    /// The kernel for so many columns, which are whole vectors.
    private TileKernel kernel(int columns) {
        int width = columns / lanes.count();
        TileKernel kernel = kernels.get(width);
        if (kernel != null) {
            return kernel;
        }
        TileKernel made = TileEmitter.emit(lanes, shape, width);
        TileKernel other = kernels.compareAndExchange(width, null, made);
        return other == null ? made : other;
    }

    /// Has the kernels emitted anew when they are next needed: another class, which the JIT
    /// compiles from the beginning. What is being computed with the old ones is finished with them.
    void renewKernels() {
        for (int width = 0; width <= shape.vectors(); width++) {
            kernels.set(width, null);
        }
    }

    // ---- packing ----

    /// A matrix to pack: element `(k, j)` is `array[offset + k * stride + j]`, or `array[offset + j *
    /// stride + k]` if transposed.
    record Matrix(Object array, int offset, int stride, boolean transposed, int height, int columns) {}

    /// Packs panel `index` of a matrix whose panels begin at `to[start]`.
    void pack(Matrix b, int index, Object to, int start) {
        int first = index * panel();
        int width = Math.min(panel(), b.columns - first);
        int from = b.offset + (b.transposed ? first * b.stride : first);
        int at = start + first * b.height;
        if (width == panel()) {
            if (b.transposed) {
                panels.packTransposed(b.array, from, b.stride, b.height, to, at);
            } else {
                panels.pack(b.array, from, b.stride, b.height, to, at);
            }
            return;
        }
        Zeros.fill(to, at, b.height * panel());
        if (b.transposed) {
            for (int j = 0; j < width; j++) {
                panels.copy(b.array, from + j * b.stride, 1, b.height, to, at + j, panel());
            }
        } else {
            for (int k = 0; k < b.height; k++) {
                System.arraycopy(b.array, from + k * b.stride, to, at + k * panel(), width);
            }
        }
    }

    // ---- products ----

    /// The left side of a product, read along its rows: row `i` consists of a run of `length`
    /// elements at each `array[offsets[i] + segments[s]]`.
    record LeftRows(Object array, int[] offsets, int[] segments, int length) {}

    /// The right side of a product: panels of the given height, of a matrix with `columns` columns.
    record Panels(Object array, int offset, int height, int columns) {}

    /// The result of a product: its row `i` begins at `array[offsets[i] + column]`.
    record Result(Object array, int[] offsets, int column) {}

    /// A block of a product: some rows, and the columns `from..to-1`, with `from` at the start of a
    /// panel.
    record Block(Scratch scratch, int rows, Panels right, Result result, int from, int to) {}

    /// Computes a block of a product; adds it to what is there if `accumulate`. The arrays of
    /// offsets need room for [#rows] more.
    void multiply(LeftRows a, Block block, boolean accumulate) {
        multiply(a, 0, block, 0, 0, accumulate);
    }

    /// The same with each of the three sides so many elements further on in its array: for products
    /// that differ in nothing else.
    void multiply(LeftRows a, int aShift, Block block, int bShift, int cShift, boolean accumulate) {
        repeatLast(a.offsets, block.rows);
        int segments = a.segments.length;
        int together = Math.max(1, shape.stretch() / a.length);
        int pieces = Math.ceilDiv(a.length, shape.stretch());
        for (int s = 0; s < segments; s += together) {
            int segmentEnd = Math.min(segments, s + together);
            for (int piece = 0; piece < pieces; piece++) {
                int start = (int) ((long) a.length * piece / pieces);
                int end = (int) ((long) a.length * (piece + 1) / pieces);
                Left left = copyRows(a, s, segmentEnd, aShift + start, end - start, block);
                boolean adds = accumulate || s > 0 || piece > 0;
                multiply(left, s * a.length + start, block, bShift, cShift, adds);
            }
        }
    }

    /// Copies so many elements of each segment, from `start` on.
    private Left copyRows(LeftRows a, int segment, int segmentEnd, int start, int length, Block block) {
        int count = Math.ceilDiv(block.rows, rows) * rows;
        Object to = block.scratch.array(dtype(), Scratch.Use.LEFT_ROWS, count * shape.rowStep());
        Left copied = new Left(to, (segmentEnd - segment) * length, true, rowsInHighTiles(block.rows));
        RunKernel kernel = count * (segmentEnd - segment) < FEW_RUNS ? null : runs.kernel(length);
        if (kernel != null) {
            kernel.copy(a.array, a.offsets, count, a.segments, segment, segmentEnd, start, length, to, shape.rowStep());
            return copied;
        }
        for (int row = 0; row < count; row++) {
            int at = row * shape.rowStep();
            for (int s = segment; s < segmentEnd; s++) {
                copy(a.array, a.offsets[row] + a.segments[s] + start, to, at, length);
                at += length;
            }
        }
        return copied;
    }

    /// The shortest runs of elements that are copied faster together than one by one.
    int shortestRun() {
        return runs.shortest();
    }

    /// As `System.arraycopy`, which is faster where it knows the type.
    static void copy(Object from, int start, Object to, int at, int count) {
        if (from instanceof float[] floats) {
            System.arraycopy(floats, start, (float[]) to, at, count);
        } else {
            System.arraycopy((double[]) from, start, (double[]) to, at, count);
        }
    }

    /// The left side of a product in one of the two orders that kernels read.
    ///
    /// @param byRows whether it is for [TileKernel#rows], or for [TileKernel#columns]
    /// @param high how many rows are computed by tiles of this height; those after them by [#shorter] ones
    record Left(Object array, int length, boolean byRows, int high) {}

    /// Elements that rows of the given number and length take when packed, with what is overwritten after them.
    int packedLeftSize(int rowCount, int length) {
        return Math.ceilDiv(rowCount, rows) * rows * length + rows + panels.overhang();
    }

    /// How many of so many rows to compute by tiles of this height: all of them, or else there are shorter tiles.
    private int rowsInHighTiles(int count) {
        int high = shorter == null ? count : shape.rowsInHighTiles(count);
        // Not asked for where they are not needed: the first call has them compiled.
        return shorter == null || high == count || shorter.get() == null ? count : high;
    }

    /// Packs rows of A whose element `k` of row `i` is `a[down[i] + across[first + k]]`, for `k`
    /// below `length`, to `to[0]` and on. Neither offsets decrease.
    Left packLeft(Object a, int[] down, int rowCount, int[] across, int first, int length, Object to) {
        int high = rowsInHighTiles(rowCount);
        packTiles(a, down, 0, high, across, first, length, to);
        Tiles lower = high < rowCount && shorter != null ? shorter.get() : null;
        if (lower != null) {
            lower.packTiles(a, down, high, rowCount, across, first, length, to);
        }
        return new Left(to, length, false, high);
    }

    /// Packs the rows `row..rowEnd-1`, the first of them at `to[row * length]`.
    private void packTiles(Object a, int[] down, int row, int rowEnd, int[] across, int first, int length, Object to) {
        // Near the array's end, no more than what is needed may be read.
        int limit = arrayLength(a) - panels.overhang() - across[first + length - 1];
        int together = PanelKernel.TOGETHER * rows;
        while (row < rowEnd) {
            int at = row * length;
            if (isAdjacent(down, row, rowEnd, together) && down[row] + together <= limit) {
                panels.packLeftTiles(a, across, first, length, down[row], to, at);
                row += together;
                continue;
            }
            int run = adjacent(down, row, Math.min(rowEnd, row + rows));
            int next = row + run;
            if (run == rows && down[row] + rows <= limit) {
                panels.packLeft(a, across, first, length, down[row], to, at);
            } else if (run < rows && isAdjacent(down, next, rowEnd, rows - run) && down[next] + rows <= limit) {
                panels.packLeftRuns(a, across, first, length, down[row], down[next], run, to, at);
            } else {
                // The last tile is filled up as the result's rows are.
                for (int i = 0; i < rows; i++) {
                    int from = down[Math.min(row + i, rowEnd - 1)];
                    panels.gather(a, across, first, length, from, to, at + i, rows);
                }
            }
            row += rows;
        }
    }

    /// How many of some offsets, from the first on, follow each other.
    private static int adjacent(int[] offsets, int from, int end) {
        int count = 1;
        while (from + count < end && offsets[from + count] == offsets[from] + count) {
            count++;
        }
        return count;
    }

    private static boolean isAdjacent(int[] offsets, int from, int end, int count) {
        return from + count <= end && offsets[from + count - 1] - offsets[from] == count - 1;
    }

    private static int arrayLength(Object array) {
        return array instanceof float[] floats ? floats.length : ((double[]) array).length;
    }

    /// Computes a block of a product with the panels from their row `k` on.
    void multiply(Left a, int k, Block block, boolean accumulate) {
        multiply(a, k, block, 0, 0, accumulate);
    }

    private void multiply(Left a, int k, Block block, int bShift, int cShift, boolean accumulate) {
        Result c = block.result;
        int high = a.high;
        repeatLast(c.offsets, block.rows);
        var upper = new Rows(a, 0, c.array, c.offsets, high, block.scratch);
        Tiles lower = high < block.rows && shorter != null ? shorter.get() : null;
        int low = block.rows - high;
        int[] lowRows = block.scratch.offsets(Scratch.Offsets.LOW_ROWS, low + rows);
        System.arraycopy(c.offsets, high, lowRows, 0, low);
        if (lower != null) {
            lower.repeatLast(lowRows, low);
        }
        int from = high * (a.byRows ? shape.rowStep() : a.length);
        var last = new Rows(a, from, c.array, lowRows, low, block.scratch);
        for (int column = block.from; column < block.to; column += panel()) {
            int width = Math.min(panel(), block.to - column);
            int at = c.column + cShift + column;
            PanelRows right = panelRows(block, bShift, column, k, a.length);
            multiply(upper, right, at, width, accumulate);
            if (lower != null) {
                PanelRows same = right.lookingFrom(high / rows * shape.ahead() * a.length);
                lower.multiply(last, same, at, width, accumulate);
            }
        }
    }

    /// Some rows of a block, which tiles of one height compute: those of A begin at element `from`, and those of
    /// the result at each of `offsets`.
    private record Rows(Left a, int from, Object c, int[] offsets, int count, Scratch scratch) {}

    /// Computes some rows of a result, and of its columns those from `at` on that one panel has.
    private void multiply(Rows block, PanelRows right, int at, int width, boolean accumulate) {
        int rest = width % lanes.count();
        Tiles half = halves != null && 2 * rest == lanes.count() ? halves.get() : null;
        if (rest == 0 || half != null) {
            int whole = width - rest;
            if (whole > 0) {
                run(kernel(whole), block, right, block.c, block.offsets, at, accumulate);
            }
            if (half != null) {
                run(half.kernel(rest), block, right.movedBy(whole), block.c, block.offsets, at + whole, accumulate);
            }
            return;
        }
        // By the widest kernel, which is compiled: one more to compile would be slow for longer than it is of use.
        Object aside = block.scratch.array(dtype(), Scratch.Use.EDGE_TILE, (block.count + rows) * panel());
        int[] asideRows = asideRows(block);
        if (accumulate) {
            for (int row = 0; row < block.count; row++) {
                copy(block.c, block.offsets[row] + at, aside, asideRows[row], width);
            }
        }
        run(kernel(panel()), block, right, aside, asideRows, 0, accumulate);
        for (int row = 0; row < block.count; row++) {
            copy(aside, asideRows[row], block.c, block.offsets[row] + at, width);
        }
    }

    /// The rows of a block of which each takes a panel's width: what stands out over the result's edge
    /// is computed aside.
    private int[] asideRows(Rows block) {
        int[] offsets = block.scratch.offsets(Scratch.Offsets.EDGE_ROWS, block.count + rows);
        for (int i = 0; i < block.count + rows; i++) {
            offsets[i] = i * panel();
        }
        return offsets;
    }

    /// Some rows of a panel, and what will be multiplied by after them.
    private record PanelRows(Object array, int at, int next, int nextEnd) {
        PanelRows lookingFrom(int further) {
            return new PanelRows(array, at, next + further, nextEnd);
        }

        PanelRows movedBy(int columns) {
            return new PanelRows(array, at + columns, next, nextEnd);
        }
    }

    /// So many rows from row `k` on of the panel that begins with the given column. After them come the same
    /// rows of the next panel, or the rows below of the first one.
    private PanelRows panelRows(Block block, int shift, int column, int k, int length) {
        Panels b = block.right;
        int start = b.offset + shift;
        int at = start + column * b.height + k * panel();
        boolean isLast = column + panel() >= block.to && k + length < b.height;
        int next = isLast ? start + block.from * b.height + (k + length) * panel() : at + b.height * panel();
        int nextEnd = next + length * panel();
        return nextEnd <= arrayLength(b.array)
                ? new PanelRows(b.array, at, next, nextEnd)
                : new PanelRows(b.array, at, at, at + length * panel());
    }

    private static void run(
            TileKernel kernel, Rows block, PanelRows b, Object c, int[] cRows, int column, boolean accumulate) {
        Left a = block.a;
        int ao = block.from;
        int count = block.count;
        float seen = a.byRows
                ? kernel.rows(
                        a.array, ao, a.length, b.array, b.at, c, cRows, count, column, accumulate, b.next, b.nextEnd)
                : kernel.columns(
                        a.array, ao, a.length, b.array, b.at, c, cRows, count, column, accumulate, b.next, b.nextEnd);
        block.scratch.saw(seen);
    }

    /// Fills up the last tile with repetitions: the same row computed and written twice.
    private void repeatLast(int[] offsets, int rowCount) {
        for (int i = rowCount; i % rows != 0; i++) {
            offsets[i] = offsets[rowCount - 1];
        }
    }

    /// Columns that [#stream] works on at a time.
    int streamWidth() {
        return STREAM_VECTORS * lanes.count();
    }

    /// Computes `columns` columns of a product of one row, as [StreamKernel#run].
    void stream(
            Object a,
            int ao,
            int aStep,
            int length,
            Object b,
            int bo,
            int stride,
            Object c,
            int co,
            int columns,
            boolean accumulate) {
        int j = 0;
        for (; j + streamWidth() <= columns; j += streamWidth()) {
            wideStream.run(a, ao, aStep, length, b, bo + j, stride, c, co + j, accumulate);
        }
        for (; j + lanes.count() <= columns; j += lanes.count()) {
            narrowStream.run(a, ao, aStep, length, b, bo + j, stride, c, co + j, accumulate);
        }
        for (; j < columns; j++) {
            singleStream.run(a, ao, aStep, length, b, bo + j, stride, c, co + j, accumulate);
        }
    }
}
