package fathom.backend.cpu;

import fathom.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;
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

    /// Where the matrices of one side of some products are: element (row, column) of one is `start + row * stride +
    /// column`, or `start + column * stride + row` if they are stored transposed.
    ///
    /// @param starts where each matrix begins
    record Side(List<Integer> starts, int stride, boolean transposed) {
        /// Matrices one after the other without gaps, with rows of so many elements as they are stored.
        static Side dense(int matrices, int rows, int columns, boolean transposed) {
            List<Integer> starts = IntStream.range(0, matrices)
                    .mapToObj(i -> i * rows * columns)
                    .toList();
            return new Side(starts, columns, transposed);
        }

        /// The last two axes of a value as matrices; null if neither their rows nor their columns are contiguous.
        ///
        /// @param at where its elements are
        /// @param transposed whether the matrices are meant to be read so
        static @Nullable Side of(LoopBuilder.Affine at, Shape shape, boolean transposed) {
            int rank = shape.rank();
            int row = at.strides().get(rank - 2);
            int column = at.strides().get(rank - 1);
            if ((column == 1 || shape.dim(-1) == 1) && row >= 0) {
                return new Side(starts(at, shape), row, transposed);
            }
            boolean contiguous = row == 1 || shape.dim(-2) == 1;
            return contiguous && column >= 0 ? new Side(starts(at, shape), column, !transposed) : null;
        }

        private static List<Integer> starts(LoopBuilder.Affine at, Shape shape) {
            List<Integer> starts = List.of(at.offset());
            for (int axis = 0; axis < shape.rank() - 2; axis++) {
                int size = shape.dim(axis);
                int stride = at.strides().get(axis);
                starts = starts.stream()
                        .flatMap(s -> IntStream.range(0, size).mapToObj(i -> s + i * stride))
                        .toList();
            }
            return starts;
        }

        int at(int matrix, int row, int column) {
            return starts.get(matrix) + (transposed ? column * stride + row : row * stride + column);
        }

        /// Whether each matrix begins so many elements after the one before.
        boolean follows(int size) {
            return IntStream.range(0, starts.size()).allMatch(i -> starts.get(i) == i * size);
        }
    }

    /// The geometry of some products of matrices.
    ///
    /// @param batches how many products
    /// @param m rows of C
    /// @param n columns of C
    /// @param k columns of A and rows of B
    record Product(int batches, int m, int n, int k, Side a, Side b) {
        /// Of matrices that lie one after the other without gaps.
        ///
        /// @param aTransposed whether A is stored as `[k, m]` instead of `[m, k]`
        /// @param bTransposed whether B is stored as `[n, k]` instead of `[k, n]`
        static Product dense(int batches, int m, int n, int k, boolean aTransposed, boolean bTransposed) {
            Side a = aTransposed ? Side.dense(batches, k, m, true) : Side.dense(batches, m, k, false);
            Side b = bTransposed ? Side.dense(batches, n, k, true) : Side.dense(batches, k, n, false);
            return new Product(batches, m, n, k, a, b);
        }
    }

    /// Computes the product. `a`, `b` and `c` have `float[]` or `double[]` as the kernels were made
    /// for; C overlaps neither A nor B. The rows that the epilogue is told are those of all batches
    /// one after the other, `batch * m + i`.
    void multiply(Product p, Object a, Operand b, Object c, @Nullable Epilogue epilogue) {
        Call call = new Call(p, a, b, c, epilogue);
        if (p.m <= FEW_ROWS && !p.b.transposed) {
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
            int bo = p.b.at(batch, 0, from);
            int step = p.a.transposed ? p.a.stride : 1;
            for (int i = 0; i < p.m; i++) {
                int co = (batch * p.m + i) * p.n + from;
                int ao = p.a.at(batch, i, 0);
                tiles.stream(call.a, ao, step, p.k, call.b.array(), bo, p.b.stride, call.c, co, to - from, false);
            }
            if (call.epilogue != null) {
                int row = batch * p.m;
                call.epilogue.apply(worker, row, row + p.m, from, to);
            }
        });
    }

    /// Computes one of the products, by one worker and inside of a task: B is packed by the one that uses it.
    ///
    /// @param ao where A begins, and so on
    void multiplyOne(Product p, int worker, Object a, int ao, Object b, int bo, Object c, int co) {
        if (p.m <= FEW_ROWS && !p.b.transposed) {
            int step = p.a.transposed ? p.a.stride : 1;
            int down = p.a.transposed ? 1 : p.a.stride;
            for (int i = 0; i < p.m; i++) {
                tiles.stream(a, ao + i * down, step, p.k, b, bo, p.b.stride, c, co + i * p.n, p.n, false);
            }
            return;
        }
        Scratch scratch = pool.scratch(worker);
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, tiles.packedSize(p.k, p.n));
        var matrix = new Tiles.Matrix(b, bo, p.b.stride, p.b.transposed, p.k, p.n);
        for (int panel = 0; panel < tiles.panelsOver(p.n); panel++) {
            tiles.pack(matrix, panel, packed, 0);
        }
        var right = new Tiles.Panels(packed, 0, p.k, p.n);
        int rowStep = Math.ceilDiv(p.m, Math.ceilDiv(p.m, tiles.shape().blockRows()));
        rowStep = Math.ceilDiv(rowStep, tiles.rows()) * tiles.rows();
        for (int row = 0; row < p.m; row += rowStep) {
            int rows = Math.min(rowStep, p.m - row);
            int[] cRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
            fill(cRows, rows, co + row * p.n, p.n);
            var block = new Tiles.Block(scratch, rows, right, new Tiles.Result(c, cRows, 0), 0, p.n);
            block(p, a, ao + (p.a.transposed ? row : row * p.a.stride), p.k, block, false);
        }
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
    private record PartOfRight(Part part, Side side) {}

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
        PartOfRight form = new PartOfRight(part, p.b);
        return call.b.form(
                form,
                tiles.dtype(),
                size * part.batches,
                shared,
                packed -> pool.parallel((long) size * part.batches * 8, panels * part.batches, (task, _) -> {
                    int copy = task / panels;
                    int from = p.b.at(part.batch + copy, part.k, part.column);
                    var b = new Tiles.Matrix(
                            call.b.array(), from, p.b.stride, p.b.transposed, part.height, part.columns);
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
            int left = p.a.at(part.batch + copy, row, part.k);
            var block = new Tiles.Block(scratch, rows, right, result, column, end);
            block(p, call.a, left, part.height, block, part.k > 0);
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

    /// Computes a block of C, or adds to it, from element `from` of A on, over so many elements of k.
    private void block(Product p, Object a, int from, int height, Tiles.Block block, boolean accumulate) {
        Scratch scratch = block.scratch();
        int rows = block.rows();
        if (!p.a.transposed) {
            int[] aRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, rows + tiles.rows());
            fill(aRows, rows, from, p.a.stride);
            tiles.multiply(new Tiles.LeftRows(a, aRows, new int[1], height), block, accumulate);
            return;
        }
        int[] offsets = scratch.offsets(Scratch.Offsets.LEFT_ROWS, height);
        fill(offsets, height, from, p.a.stride);
        int[] down = scratch.offsets(Scratch.Offsets.ELEMENTS, rows);
        fill(down, rows, 0, 1);
        int most = Math.ceilDiv(height, Math.ceilDiv(height, tiles.shape().stretch()));
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, most));
        for (int k = 0; k < height; k += most) {
            int length = Math.min(most, height - k);
            Tiles.Left left = tiles.packLeft(a, down, rows, offsets, k, length, packed);
            tiles.multiply(left, k, block, accumulate || k > 0);
        }
    }

    private static void fill(int[] offsets, int count, int first, int step) {
        for (int i = 0; i < count; i++) {
            offsets[i] = first + i * step;
        }
    }
}
