package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// The register-tiled kernels of one element type at one vector width, and the loops that cover a
/// block of a product with them. Everything that multiplies matrices is built from these.
///
/// Products are of rows of A with B packed in panels: panel `p` holds columns `p * panel()` and on,
/// row after row, the last one filled up with zeros; it begins at `p * height * panel()` if the
/// panels are `height` rows high.
final class Tiles {
    /// How far the products run along k before the next tile is turned to. A stretch of a panel
    /// this high comes from the L2 cache, which is fast enough; beginning and ending a tile, and
    /// reading what it adds to, costs more than that.
    static final int STRETCH = 1024;

    private static final int STREAM_VECTORS = 8;

    private static final Map<Lanes, Tiles> FAMILIES = new ConcurrentHashMap<>();

    private final Lanes lanes;
    private final int rows;
    private final int packedRows;
    private final int vectors;
    private final PanelKernel panels;
    private final AtomicReferenceArray<TileKernel> kernels;
    private final AtomicBoolean warm = new AtomicBoolean();
    private final AtomicBoolean shorterAsked = new AtomicBoolean();
    private volatile Tiles shorter = this;
    private final StreamKernel wideStream;
    private final StreamKernel narrowStream;
    private final StreamKernel singleStream;

    private Tiles(Lanes lanes) {
        this(lanes, mostRows(lanes), lanes.isScalar() || VectorSupport.registers(lanes.bits()) != 32 ? 2 : 4);
    }

    private static int mostRows(Lanes lanes) {
        if (lanes.isScalar()) {
            return 4;
        }
        // Six rows of two vectors just fit into 16 registers. Where each row of A is somewhere else,
        // though, the JIT's scheduling takes one register more and spills.
        return VectorSupport.registers(lanes.bits()) == 32 ? 6 : 5;
    }

    private Tiles(Lanes lanes, int rows, int vectors) {
        this.lanes = lanes;
        this.rows = rows;
        this.packedRows = rows;
        this.vectors = vectors;
        panels = PanelEmitter.emit(lanes, packedRows, panel());
        kernels = new AtomicReferenceArray<>(vectors + 1);
        wideStream = StreamEmitter.emit(lanes, STREAM_VECTORS);
        narrowStream = StreamEmitter.emit(lanes, 1);
        singleStream = lanes.isScalar() ? narrowStream : StreamEmitter.emit(lanes.scalar(), 1);
    }

    /// The kernels for F32 or F64 at a vector width of 128, 256 or 512 bits or
    /// [VectorSupport#SCALAR]. They are emitted once for the whole JVM.
    static Tiles of(DType dtype, int bits) {
        return FAMILIES.computeIfAbsent(new Lanes(dtype, bits), Tiles::new);
    }

    /// The same for tiles of one row less, over the same panels, so that few rows can be made up of
    /// whole tiles. Until those are compiled, which is begun by the first call, these here: the
    /// results are the same bits.
    Tiles shorter() {
        if (shorterAsked.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("fathom-warm-up").start(() -> {
                Tiles made = new Tiles(lanes, rows - 1, vectors);
                made.warmUp();
                shorter = made;
            });
        }
        return shorter;
    }

    /// Has the JVM compile the kernels, unless that was asked for before. Takes about half a
    /// second, or longer on a busy machine, and is meant for a thread of its own; without it the
    /// first products are slow, but correct. Kernels that stay slow are replaced.
    void warmUp() {
        if (warm.compareAndSet(false, true)) {
            new TileWarmUp(this).run();
        }
    }

    /// The element type.
    DType dtype() {
        return lanes.dtype();
    }

    /// Rows of a tile of [#multiply(LeftRows, Block, boolean)].
    int rows() {
        return rows;
    }

    /// Rows of a tile where the left side is packed.
    int packedRows() {
        return packedRows;
    }

    /// Columns of a panel.
    int panel() {
        return vectors * lanes.count();
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

    PanelKernel panelKernel() {
        return panels;
    }

    /// The narrowest kernel that covers the columns.
    private TileKernel kernel(int columns) {
        int width = Math.ceilDiv(columns, lanes.count());
        TileKernel kernel = kernels.get(width);
        if (kernel != null) {
            return kernel;
        }
        TileKernel made = TileEmitter.emit(lanes, rows, packedRows, width, panel());
        TileKernel other = kernels.compareAndExchange(width, null, made);
        return other == null ? made : other;
    }

    /// Has the kernels emitted anew when they are next needed: another class, which the JIT
    /// compiles from the beginning. What is being computed with the old ones is finished with them.
    void renewKernels() {
        for (int width = 0; width <= vectors; width++) {
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
        repeatLast(block.result.offsets, block.rows);
        int segments = a.segments.length;
        int together = Math.max(1, STRETCH / a.length);
        int pieces = Math.ceilDiv(a.length, STRETCH);
        for (int s = 0; s < segments; s += together) {
            int segmentEnd = Math.min(segments, s + together);
            for (int piece = 0; piece < pieces; piece++) {
                int start = (int) ((long) a.length * piece / pieces);
                int end = (int) ((long) a.length * (piece + 1) / pieces);
                boolean adds = accumulate || s > 0 || piece > 0;
                stretch(a, aShift, s, segmentEnd, start, end - start, block, bShift, cShift, adds);
            }
        }
    }

    private void stretch(
            LeftRows a,
            int aShift,
            int segment,
            int segmentEnd,
            int start,
            int length,
            Block block,
            int bShift,
            int cShift,
            boolean accumulate) {
        Panels b = block.right;
        Result c = block.result;
        for (int column = block.from; column < block.to; column += panel()) {
            int width = Math.min(panel(), block.to - column);
            TileKernel kernel = kernel(width);
            int bo = b.offset + bShift + column * b.height + (segment * a.length + start) * panel();
            int at = c.column + cShift + column;
            boolean whole = width % lanes.count() == 0;
            Object to = whole ? c.array : edgeTile(block.scratch);
            int[] toRows = whole ? c.offsets : edgeRows(block.scratch, block.rows, rows);
            int toColumn = whole ? at : 0;
            int together = whole ? block.rows : rows;
            for (int row = 0; row < block.rows; row += together) {
                int end = Math.min(block.rows, row + together);
                if (!whole && accumulate) {
                    readEdge(c, row, end - row, at, width, to);
                }
                kernel.rows(
                        a.array,
                        a.offsets,
                        row,
                        end,
                        a.segments,
                        segment,
                        segmentEnd,
                        aShift + start,
                        length,
                        b.array,
                        bo,
                        to,
                        toRows,
                        toColumn,
                        accumulate);
                if (!whole) {
                    writeEdge(c, row, end - row, at, width, to);
                }
            }
        }
    }

    /// The left side of a product, packed by [#packLeft].
    record LeftPacked(Object array, int length) {}

    /// Elements that rows of the given number and length take when packed.
    int packedLeftSize(int rowCount, int length) {
        return Math.ceilDiv(rowCount, packedRows) * packedRows * length;
    }

    /// Packs rows of A whose element `k` of row `i` is `a[down[i] + across[first + k]]`, for `k`
    /// below `length`, to `to[0]` and on. Neither offsets decrease.
    LeftPacked packLeft(Object a, int[] down, int rowCount, int[] across, int first, int length, Object to) {
        // Near the array's end, no more than what is needed may be read.
        int limit = arrayLength(a) - panels.overhang() - across[first + length - 1];
        int together = PanelKernel.TOGETHER * packedRows;
        int row = 0;
        while (row < rowCount) {
            int at = row * length;
            if (isAdjacent(down, row, rowCount, together) && down[row] + together <= limit) {
                panels.packLeftTiles(a, across, first, length, down[row], to, at);
                row += together;
                continue;
            }
            if (isAdjacent(down, row, rowCount, packedRows) && down[row] + packedRows <= limit) {
                panels.packLeft(a, across, first, length, down[row], to, at);
            } else {
                for (int i = 0; i < Math.min(packedRows, rowCount - row); i++) {
                    panels.gather(a, across, first, length, down[row + i], to, at + i, packedRows);
                }
            }
            row += packedRows;
        }
        return new LeftPacked(to, length);
    }

    private static boolean isAdjacent(int[] offsets, int from, int end, int count) {
        return from + count <= end && offsets[from + count - 1] - offsets[from] == count - 1;
    }

    private static int arrayLength(Object array) {
        return array instanceof float[] floats ? floats.length : ((double[]) array).length;
    }

    /// As the other `multiply`, from row `k` of the panels on.
    void multiply(LeftPacked a, int k, Block block, boolean accumulate) {
        Panels b = block.right;
        Result c = block.result;
        for (int column = block.from; column < block.to; column += panel()) {
            int width = Math.min(panel(), block.to - column);
            TileKernel kernel = kernel(width);
            int bo = b.offset + column * b.height + k * panel();
            int at = c.column + column;
            int whole = width % lanes.count() == 0 ? block.rows / packedRows * packedRows : 0;
            kernel.packed(a.array, 0, a.length, b.array, bo, c.array, c.offsets, whole, at, accumulate);
            for (int row = whole; row < block.rows; row += packedRows) {
                int count = Math.min(packedRows, block.rows - row);
                Object edge = edgeTile(block.scratch);
                int[] edgeRows = edgeRows(block.scratch, packedRows, packedRows);
                if (accumulate) {
                    readEdge(c, row, count, at, width, edge);
                }
                kernel.packed(a.array, row * a.length, a.length, b.array, bo, edge, edgeRows, 1, 0, accumulate);
                writeEdge(c, row, count, at, width, edge);
            }
        }
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

    // ---- tiles that stand out over the result's edge are computed aside ----

    private Object edgeTile(Scratch scratch) {
        return scratch.array(dtype(), Scratch.Use.EDGE_TILE, packedRows * panel());
    }

    private int[] edgeRows(Scratch scratch, int rowCount, int tileRows) {
        int[] offsets = scratch.offsets(Scratch.Offsets.EDGE_ROWS, rowCount + tileRows);
        for (int i = 0; i < rowCount + tileRows; i++) {
            offsets[i] = i % tileRows * panel();
        }
        return offsets;
    }

    private void readEdge(Result c, int row, int count, int at, int width, Object edge) {
        for (int i = 0; i < count; i++) {
            System.arraycopy(c.array, c.offsets[row + i] + at, edge, i * panel(), width);
        }
    }

    private void writeEdge(Result c, int row, int count, int at, int width, Object edge) {
        for (int i = 0; i < count; i++) {
            System.arraycopy(edge, i * panel(), c.array, c.offsets[row + i] + at, width);
        }
    }
}
