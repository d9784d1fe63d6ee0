package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// Matrix products, C = A · B, of F32 or F64 matrices in row-major order.
///
/// Every element of C is one chain of fused multiply-adds in order of k:
/// the result has the same bits for any number of threads and any vector width.
record Gemm(WorkerPool pool, Tiles tiles) {
    /// The most columns in a task.
    private static final int MOST_COLUMNS = 512;

    /// The most rows of A for which B is read where it is.
    private static final int FEW_ROWS = 2;

    /// The most elements of B that are packed at a time.
    private static final int MOST_PACKED = 1 << 22;

    /// The same if they belong to several products, which may as well take turns.
    private static final int MOST_PACKED_TOGETHER = 1 << 18;

    /// The geometry of some products of matrices that lie one after the other without gaps.
    ///
    /// @param batches how many products
    /// @param m rows of C
    /// @param n columns of C
    /// @param k columns of A and rows of B
    /// @param aTransposed whether A is stored as `[k, m]` instead of `[m, k]`
    /// @param bTransposed whether B is stored as `[n, k]` instead of `[k, n]`
    record Product(int batches, int m, int n, int k, boolean aTransposed, boolean bTransposed) {
        /// Where element (row, column) of one of the A begins.
        int a(int batch, int row, int column) {
            return batch * m * k + (aTransposed ? column * m + row : row * k + column);
        }

        /// Elements from row to row of B as it is stored.
        int bStride() {
            return bTransposed ? k : n;
        }
    }

    /// Computes the product. `a`, `b` and `c` have `float[]` or `double[]` as the kernels were made
    /// for; C overlaps neither A nor B. The rows that the epilogue is told are those of all batches
    /// one after the other, `batch * m + i`.
    void multiply(Product p, Object a, Operand b, Object c, @Nullable Epilogue epilogue) {
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
        pool.parallel((long) p.m * p.n * p.k * p.batches, p.batches * blocks, (task, worker) -> {
            int batch = task / blocks;
            int from = task % blocks * width;
            int to = Math.min(p.n, from + width);
            int bo = batch * p.k * p.n + from;
            int step = p.aTransposed ? p.m : 1;
            for (int i = 0; i < p.m; i++) {
                int co = (batch * p.m + i) * p.n + from;
                tiles.stream(
                        call.a, p.a(batch, i, 0), step, p.k, call.b.array(), bo, p.n, call.c, co, to - from, false);
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
            Operand b,
            Object c,
            @Nullable Epilogue epilogue) {}

    /// What is done between packing some of B and packing the next: a range of k, of columns and of
    /// batches, with the panels of one batch after those of another.
    private record Part(int k, int height, int column, int columns, int batch, int batches) {}

    /// The panels of a part of B.
    private record PartOfRight(Part part, int n, int k, boolean isTransposed) {}

    private void inParts(Call call, Scratch shared) {
        Product p = call.p;
        int panel = tiles.panel();
        int mostHeight = MOST_PACKED / panel;
        for (int k = 0; k < p.k; k += mostHeight) {
            int height = Math.min(mostHeight, p.k - k);
            int mostColumns = MOST_PACKED / (height * panel) * panel;
            for (int column = 0; column < p.n; column += mostColumns) {
                int columns = Math.min(mostColumns, p.n - column);
                int together = MOST_PACKED_TOGETHER / tiles.packedSize(height, columns);
                together = Math.clamp(together, 1, p.batches);
                for (int batch = 0; batch < p.batches; batch += together) {
                    int batches = Math.min(together, p.batches - batch);
                    Part part = new Part(k, height, column, columns, batch, batches);
                    compute(call, part, pack(call, part, shared));
                }
            }
        }
    }

    private Object pack(Call call, Part part, Scratch shared) {
        Product p = call.p;
        int size = tiles.packedSize(part.height, part.columns);
        int panels = tiles.panelsOver(part.columns);
        int stride = p.bStride();
        int start = p.bTransposed ? part.column * stride + part.k : part.k * stride + part.column;
        PartOfRight form = new PartOfRight(part, p.n, p.k, p.bTransposed);
        return call.b.form(
                form,
                tiles.dtype(),
                size * part.batches,
                shared,
                packed -> pool.parallel((long) size * part.batches * 8, panels * part.batches, (task, _) -> {
                    int copy = task / panels;
                    int from = (part.batch + copy) * p.k * p.n + start;
                    var b = new Tiles.Matrix(call.b.array(), from, stride, p.bTransposed, part.height, part.columns);
                    tiles.pack(b, task % panels, packed, copy * size);
                }));
    }

    private void compute(Call call, Part part, Object packed) {
        Product p = call.p;
        int rowStep = rowStep(p, part);
        int rowBlocks = Math.ceilDiv(p.m, rowStep);
        // Several tasks for each worker.
        int wanted = Math.ceilDiv(4 * pool.threads(), part.batches * rowBlocks);
        int columnStep = tiles.columnStep(part.columns, MOST_COLUMNS, wanted);
        int columnBlocks = Math.ceilDiv(part.columns, columnStep);
        int size = tiles.packedSize(part.height, part.columns);
        long work = (long) p.m * part.columns * part.height * part.batches;
        pool.parallel(work, part.batches * rowBlocks * columnBlocks, (task, worker) -> {
            int copy = task / (rowBlocks * columnBlocks);
            int row = task / columnBlocks % rowBlocks * rowStep;
            int rows = Math.min(rowStep, p.m - row);
            int column = task % columnBlocks * columnStep;
            int end = Math.min(part.columns, column + columnStep);
            Scratch scratch = pool.scratch(worker);
            int[] cRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
            int first = (part.batch + copy) * p.m + row;
            fill(cRows, rows, first * p.n + part.column, p.n);
            var right = new Tiles.Panels(packed, copy * size, part.height, part.columns);
            var result = new Tiles.Result(call.c, cRows, 0);
            block(call, part, part.batch + copy, row, new Tiles.Block(scratch, rows, right, result, column, end));
            if (call.epilogue != null && part.k + part.height == p.k) {
                call.epilogue.apply(worker, first, first + rows, part.column + column, part.column + end);
            }
        });
    }

    /// Rows of a task: blocks of nearly equal size in whole tiles.
    private int rowStep(Product p, Part part) {
        int tile = tiles.rows();
        int blocks = Math.ceilDiv(p.m, tiles.shape().blockRows());
        int wanted = Math.ceilDiv(2 * pool.threads(), part.batches);
        while (blocks * tiles.panelsOver(part.columns) < wanted && p.m > blocks * 4 * tile) {
            blocks++;
        }
        return Math.ceilDiv(Math.ceilDiv(p.m, blocks), tile) * tile;
    }

    /// Computes a block of C from row `row` of A on.
    private void block(Call call, Part part, int batch, int row, Tiles.Block block) {
        Product p = call.p;
        Scratch scratch = block.scratch();
        int rows = block.rows();
        int from = p.a(batch, row, part.k);
        if (!p.aTransposed) {
            int[] aRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, rows + tiles.rows());
            fill(aRows, rows, from, p.k);
            tiles.multiply(new Tiles.LeftRows(call.a, aRows, new int[1], part.height), block, part.k > 0);
            return;
        }
        int[] offsets = scratch.offsets(Scratch.Offsets.LEFT_ROWS, part.height);
        fill(offsets, part.height, from, p.m);
        int[] down = scratch.offsets(Scratch.Offsets.ELEMENTS, rows);
        fill(down, rows, 0, 1);
        int most = Math.ceilDiv(
                part.height, Math.ceilDiv(part.height, tiles.shape().stretch()));
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, most));
        for (int k = 0; k < part.height; k += most) {
            int length = Math.min(most, part.height - k);
            Tiles.Left left = tiles.packLeft(call.a, down, rows, offsets, k, length, packed);
            tiles.multiply(left, k, block, part.k + k > 0);
        }
    }

    private static void fill(int[] offsets, int count, int first, int step) {
        for (int i = 0; i < count; i++) {
            offsets[i] = first + i * step;
        }
    }
}
