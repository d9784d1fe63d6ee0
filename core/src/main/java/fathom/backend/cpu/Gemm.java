package fathom.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Matrix products, C = A · B or C += A · B, of F32 or F64 matrices in row-major order.
///
/// Every element of C is one chain of fused multiply-adds in order of k, from 0 or from what C
/// held: the result has the same bits for any number of threads and any vector width.
final class Gemm {
    /// The most rows of A in a task: few enough that they stay in the L2 cache over a stretch of k
    /// next to the panels that go by, and that the tasks come out even; 30 was 4 to 8 % faster than
    /// 60.
    private static final int MOST_ROWS = 30;

    /// The most columns in a task.
    private static final int MOST_COLUMNS = 512;

    /// The most rows of A for which B is read where it is.
    private static final int FEW_ROWS = 2;

    /// Below this many multiply-adds a product is not worth waking anybody for.
    private static final long WORTH_SHARING = 1 << 16;

    /// The most elements of B that are packed at a time.
    private static final int MOST_PACKED = 1 << 22;

    /// The same if they belong to several products, which may as well take turns.
    private static final int MOST_PACKED_TOGETHER = 1 << 18;

    private final WorkerPool pool;
    private final Tiles tiles;

    Gemm(WorkerPool pool, Tiles tiles) {
        this.pool = pool;
        this.tiles = tiles;
    }

    /// The geometry of a product, or of several with operands at different offsets.
    ///
    /// @param m rows of C
    /// @param n columns of C
    /// @param k columns of A and rows of B
    /// @param aStride elements from row to row of A as it is stored
    /// @param aTransposed whether A is stored as `[k, m]` instead of `[m, k]`
    /// @param bStride elements from row to row of B as it is stored
    /// @param bTransposed whether B is stored as `[n, k]` instead of `[k, n]`
    /// @param cStride elements from row to row of C
    /// @param accumulate whether the product is added to C
    /// @param aOffsets where A begins in its array, for each product
    /// @param bOffsets where B begins
    /// @param cOffsets where C begins
    @SuppressWarnings("ArrayRecordComponent")
    record Product(
            int m,
            int n,
            int k,
            int aStride,
            boolean aTransposed,
            int bStride,
            boolean bTransposed,
            int cStride,
            boolean accumulate,
            int[] aOffsets,
            int[] bOffsets,
            int[] cOffsets) {

        /// One product of matrices without gaps that begin at 0.
        static Product of(int m, int n, int k, boolean aTransposed, boolean bTransposed) {
            int[] zero = {0};
            return new Product(
                    m,
                    n,
                    k,
                    aTransposed ? m : k,
                    aTransposed,
                    bTransposed ? k : n,
                    bTransposed,
                    n,
                    false,
                    zero,
                    zero,
                    zero);
        }

        int batches() {
            return cOffsets.length;
        }

        boolean sameRight() {
            return Arrays.stream(bOffsets).allMatch(o -> o == bOffsets[0]);
        }
    }

    /// Computes the product. `a`, `b` and `c` are `float[]` or `double[]` as the kernels were made
    /// for; C overlaps neither A nor B. The rows that the epilogue is told are those of all batches
    /// one after the other, `batch * m + i`.
    void multiply(Product p, Object a, Object b, Object c, @Nullable Epilogue epilogue) {
        Call call = new Call(p, a, b, c, epilogue);
        if (p.m <= FEW_ROWS && !p.bTransposed) {
            stream(call);
            return;
        }
        pool.exclusively(shared -> inParts(call, shared));
    }

    /// Few rows make too little use of B to pack it.
    private void stream(Call call) {
        Product p = call.p;
        int width = tiles.streamWidth();
        int blocks = Math.ceilDiv(p.n, width);
        share((long) p.m * p.n * p.k * p.batches(), p.batches() * blocks, (task, worker) -> {
            int batch = task / blocks;
            int from = task % blocks * width;
            int to = Math.min(p.n, from + width);
            for (int i = 0; i < p.m; i++) {
                tiles.stream(
                        call.a,
                        p.aOffsets[batch] + i * (p.aTransposed ? 1 : p.aStride),
                        p.aTransposed ? p.aStride : 1,
                        p.k,
                        call.b,
                        p.bOffsets[batch] + from,
                        p.bStride,
                        call.c,
                        p.cOffsets[batch] + i * p.cStride + from,
                        to - from,
                        p.accumulate);
            }
            if (call.epilogue != null) {
                int row = batch * p.m;
                call.epilogue.apply(worker, row, row + p.m, from, to);
            }
        });
    }

    private record Call(
            Product p,
            Object a,
            Object b,
            Object c,
            @Nullable Epilogue epilogue) {}

    /// What is done between packing some of B and packing the next: a range of k, of columns and of
    /// batches, with the panels of one batch after those of another, or all the same.
    private record Part(int k, int height, int column, int columns, int batch, int batchEnd, boolean sameRight) {
        int batches() {
            return batchEnd - batch;
        }
    }

    private void inParts(Call call, Scratch shared) {
        Product p = call.p;
        int panel = tiles.panel();
        int mostHeight = MOST_PACKED / panel;
        boolean same = p.sameRight();
        for (int k = 0; k < p.k; k += mostHeight) {
            int height = Math.min(mostHeight, p.k - k);
            int mostColumns = MOST_PACKED / (height * panel) * panel;
            for (int column = 0; column < p.n; column += mostColumns) {
                int columns = Math.min(mostColumns, p.n - column);
                int together = MOST_PACKED_TOGETHER / tiles.packedSize(height, columns);
                together = same ? p.batches() : Math.clamp(together, 1, p.batches());
                for (int batch = 0; batch < p.batches(); batch += together) {
                    int end = Math.min(p.batches(), batch + together);
                    Part part = new Part(k, height, column, columns, batch, end, same);
                    Object packed = pack(call, part, shared);
                    compute(call, part, packed);
                }
            }
        }
    }

    private Object pack(Call call, Part part, Scratch shared) {
        Product p = call.p;
        int size = tiles.packedSize(part.height, part.columns);
        int copies = part.sameRight ? 1 : part.batches();
        Object packed = shared.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, size * copies);
        int panels = tiles.panelsOver(part.columns);
        int start = p.bTransposed ? part.column * p.bStride + part.k : part.k * p.bStride + part.column;
        share((long) size * copies * 8, panels * copies, (task, _) -> {
            int copy = task / panels;
            int index = task % panels;
            tiles.pack(
                    call.b,
                    p.bOffsets[part.batch + copy] + start,
                    p.bStride,
                    p.bTransposed,
                    part.height,
                    part.columns,
                    index,
                    packed,
                    copy * size + index * part.height * tiles.panel());
        });
        return packed;
    }

    private void compute(Call call, Part part, Object packed) {
        Product p = call.p;
        int rowStep = rowStep(p, part);
        int rowBlocks = Math.ceilDiv(p.m, rowStep);
        int columnStep = columnStep(part, rowBlocks);
        int columnBlocks = Math.ceilDiv(part.columns, columnStep);
        int size = tiles.packedSize(part.height, part.columns);
        share(
                (long) p.m * part.columns * part.height * part.batches(),
                part.batches() * rowBlocks * columnBlocks,
                (task, worker) -> {
                    int copy = task / (rowBlocks * columnBlocks);
                    int row = task / columnBlocks % rowBlocks * rowStep;
                    int column = task % columnBlocks * columnStep;
                    Tiles.Panels right =
                            new Tiles.Panels(packed, part.sameRight ? 0 : copy * size, part.height, part.columns);
                    block(
                            call,
                            part,
                            right,
                            part.batch + copy,
                            row,
                            Math.min(p.m, row + rowStep),
                            column,
                            Math.min(part.columns, column + columnStep),
                            worker);
                });
    }

    private void share(long work, int tasks, WorkerPool.Body body) {
        if (work < WORTH_SHARING) {
            for (int task = 0; task < tasks; task++) {
                body.run(task, 0);
            }
        } else {
            pool.parallel(tasks, body);
        }
    }

    /// Rows of a task: blocks of nearly equal size in whole tiles.
    private int rowStep(Product p, Part part) {
        int tile = p.aTransposed ? tiles.packedRows() : tiles.rows();
        int blocks = Math.ceilDiv(p.m, MOST_ROWS);
        int wanted = Math.ceilDiv(2 * pool.threads(), part.batches());
        while (blocks * tiles.panelsOver(part.columns) < wanted && p.m > blocks * 4 * tile) {
            blocks++;
        }
        return Math.ceilDiv(Math.ceilDiv(p.m, blocks), tile) * tile;
    }

    /// Columns of a task: blocks of nearly equal size in whole panels, small enough that there are
    /// several tasks for each worker.
    private int columnStep(Part part, int rowBlocks) {
        int panels = tiles.panelsOver(part.columns);
        int wanted = Math.ceilDiv(4 * pool.threads(), part.batches() * rowBlocks);
        int blocks = Math.max(Math.ceilDiv(part.columns, MOST_COLUMNS), Math.min(wanted, panels));
        return Math.ceilDiv(panels, blocks) * tiles.panel();
    }

    private void block(
            Call call,
            Part part,
            Tiles.Panels right,
            int batch,
            int row,
            int rowEnd,
            int column,
            int columnEnd,
            int worker) {
        Product p = call.p;
        Scratch scratch = pool.scratch(worker);
        int rows = rowEnd - row;
        int[] cRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
        fill(cRows, rows, p.cOffsets[batch] + row * p.cStride + part.column, p.cStride);
        Tiles.Result result = new Tiles.Result(call.c, cRows, 0);
        boolean accumulate = p.accumulate || part.k > 0;
        if (p.aTransposed) {
            int[] offsets = scratch.offsets(Scratch.Offsets.LEFT_ROWS, part.height);
            fill(offsets, part.height, p.aOffsets[batch] + part.k * p.aStride + row, p.aStride);
            int[] down = scratch.offsets(Scratch.Offsets.ELEMENTS, rows);
            fill(down, rows, 0, 1);
            int most = Math.ceilDiv(part.height, Math.ceilDiv(part.height, Tiles.STRETCH));
            Object block = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, most));
            for (int k = 0; k < part.height; k += most) {
                int length = Math.min(most, part.height - k);
                Tiles.LeftPacked left = tiles.packLeft(call.a, down, rows, offsets, k, length, block);
                tiles.multiply(scratch, left, rows, right, k, result, column, columnEnd, accumulate || k > 0);
            }
        } else {
            int[] aRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, rows + tiles.rows());
            fill(aRows, rows, p.aOffsets[batch] + row * p.aStride + part.k, p.aStride);
            Tiles.LeftRows left = new Tiles.LeftRows(call.a, aRows, new int[1], part.height);
            tiles.multiply(scratch, left, rows, right, result, column, columnEnd, accumulate);
        }
        if (call.epilogue != null && part.k + part.height == p.k) {
            int first = batch * p.m + row;
            call.epilogue.apply(worker, first, first + rows, part.column + column, part.column + columnEnd);
        }
    }

    private static void fill(int[] offsets, int count, int first, int step) {
        for (int i = 0; i < count; i++) {
            offsets[i] = first + i * step;
        }
    }
}
