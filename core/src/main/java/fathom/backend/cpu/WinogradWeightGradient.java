package fathom.backend.cpu;

import fathom.backend.cpu.WinogradTransforms.Kind;
import fathom.tensor.DType;

/// One call of the weight gradient of a convolution with windows of 3×3 and a stride of 1, by
/// minimal filtering: tiles of 6×6 pixels of x and 4×4 pixels of dy are transformed, multiplied
/// point by point (for each of the 36 points a product of matrices over the tiles), and the sums
/// transformed back to the 3×3 taps.
///
/// If the sums are small, the tiles are divided into ranges whose number follows from the geometry
/// alone. Each range belongs to one task, whose core keeps the transformed tiles in its own cache, and
/// has sums of its own, which are added in order. Otherwise all work at the same tiles, and for each
/// point the sum of the products over the tiles is one chain in the order of the tiles.
record WinogradWeightGradient(WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
    private static final int POINTS = WinogradTransforms.POINTS;

    /// Elements of the transformed tiles that are held at a time: a part of the L3 cache.
    private static final int MOST_ELEMENTS = 1024 * 1024;

    /// The same within a range: a part of the L2 cache, next to the sums.
    private static final int MOST_ELEMENTS_OF_RANGE = 128 * 1024;

    /// Elements of the sums of a range: likewise.
    private static final int MOST_SUMS = 192 * 1024;

    /// Tiles in a range, for which it is worth having sums to add.
    private static final int RANGE = 144;

    private static final int MOST_RANGES = 16;

    /// What transforming a weight costs, in multiplications of a product.
    private static final int WEIGHT_COST = 96;

    /// Channels of x in a task.
    private static final int MOST_CHANNELS = 60;

    /// Tiles that a task transforms.
    private static final int TILES = 8;

    /// Some tiles, transformed: point `p` of x's tile `i` is at `left[p * leftStep + i * channels]`
    /// and on; those of dy are packed in panels.
    private record Block(int first, int count, Object left, int leftStep, Object right, int rightStep) {}

    /// As [Winograd#pays].
    static boolean pays(DType dtype, ConvolutionGeometry g) {
        return Winograd.pays(dtype, g, WEIGHT_COST);
    }

    void run(Scratch shared) {
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        int total = g.images() * outputs.perImage();
        int size = POINTS * sumStep();
        int ranges = size > MOST_SUMS ? 1 : Math.clamp(total / RANGE, 1, MOST_RANGES);
        Object sums = shared.array(tiles.dtype(), Scratch.Use.POINT_SUMS, ranges * size);
        if (ranges > 1) {
            inRanges(total, ranges, sums);
        } else {
            together(total, sums, shared);
        }
        pool.parallel(g.channels(), (channel, worker) -> finish(sums, channel, pool.scratch(worker)));
    }

    private void inRanges(int total, int ranges, Object sums) {
        int size = POINTS * sumStep();
        pool.parallel(ranges, (range, worker) -> {
            Scratch scratch = pool.scratch(worker);
            int from = (int) ((long) total * range / ranges);
            int to = (int) ((long) total * (range + 1) / ranges);
            int count = evenly(to - from, MOST_ELEMENTS_OF_RANGE);
            for (int first = from; first < to; first += count) {
                Block block = block(first, Math.min(count, to - first), scratch);
                transform(block, 0, block.count, scratch);
                for (int point = 0; point < POINTS; point++) {
                    multiply(block, point, 0, g.channels(), sums, range * size, first > from, scratch);
                }
            }
        });
        int parts = Math.clamp(size / 1024, 1, 4 * pool.threads());
        pool.parallel(parts, (part, _) -> {
            int from = (int) ((long) size * part / parts);
            int to = (int) ((long) size * (part + 1) / parts);
            for (int range = 1; range < ranges; range++) {
                tiles.panelKernel().add(sums, range * size + from, to - from, sums, from);
            }
        });
    }

    private void together(int total, Object sums, Scratch shared) {
        int count = evenly(total, MOST_ELEMENTS);
        int slabs = Math.ceilDiv(g.channels(), MOST_CHANNELS);
        for (int first = 0; first < total; first += count) {
            Block block = block(first, Math.min(count, total - first), shared);
            boolean adds = first > 0;
            pool.parallel(Math.ceilDiv(block.count, TILES), (task, worker) -> {
                transform(block, task * TILES, Math.min(block.count, (task + 1) * TILES), pool.scratch(worker));
            });
            pool.parallel(POINTS * slabs, (task, worker) -> {
                int slab = task % slabs;
                int from = (int) ((long) g.channels() * slab / slabs);
                int to = (int) ((long) g.channels() * (slab + 1) / slabs);
                multiply(block, task / slabs, from, to, sums, 0, adds, pool.scratch(worker));
            });
        }
    }

    /// How many of so many tiles to take at a time, as evenly as can be, if no more than that many
    /// elements are to be held.
    private int evenly(int total, int elements) {
        int most = Math.max(1, elements / (POINTS * (g.channels() + g.filters())));
        return Math.ceilDiv(total, Math.ceilDiv(total, most));
    }

    private Block block(int first, int count, Scratch scratch) {
        int leftStep = WinogradTransforms.step(count * g.channels());
        int rightStep = WinogradTransforms.step(tiles.packedSize(count, g.filters()));
        Object left = scratch.array(tiles.dtype(), Scratch.Use.TRANSFORMED, POINTS * leftStep);
        Object right = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, POINTS * rightStep);
        return new Block(first, count, left, leftStep, right, rightStep);
    }

    private int sumStep() {
        return WinogradTransforms.step(g.channels() * g.filters());
    }

    private void transform(Block block, int from, int to, Scratch scratch) {
        WinogradTiles inputs = WinogradTiles.inputs(tiles.dtype(), g);
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        TransformKernel input = tiles.transforms().kernel(Kind.INPUT);
        TransformKernel gradient = tiles.transforms().kernel(Kind.GRADIENT);
        int width = tiles.panel();
        for (int i = from; i < to; i++) {
            inputs.read(
                    input,
                    WinogradTransforms.SIZE,
                    x,
                    block.first + i,
                    0,
                    g.channels(),
                    block.left,
                    i * g.channels(),
                    block.leftStep,
                    scratch);
            for (int filter = 0; filter < g.filters(); filter += width) {
                int filters = Math.min(width, g.filters() - filter);
                int at = filter * block.count + i * width;
                if (filters < width) {
                    for (int point = 0; point < POINTS; point++) {
                        Zeros.fill(block.right, point * block.rightStep + at, width);
                    }
                }
                outputs.read(
                        gradient,
                        WinogradTransforms.OUTPUTS,
                        dy,
                        block.first + i,
                        filter,
                        filters,
                        block.right,
                        at,
                        block.rightStep,
                        scratch);
            }
        }
    }

    /// Adds up the products at a point, for some channels of x and all filters, in sums that begin
    /// at `sums[start]`; adds them to those if `adds`.
    private void multiply(
            Block block, int point, int from, int to, Object sums, int start, boolean adds, Scratch scratch) {
        int rows = to - from;
        int[] down = scratch.offsets(Scratch.Offsets.ELEMENTS, rows);
        int[] across = scratch.offsets(Scratch.Offsets.LEFT_ROWS, block.count);
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
        for (int i = 0; i < block.count; i++) {
            across[i] = point * block.leftStep + i * g.channels();
        }
        for (int i = 0; i < rows; i++) {
            down[i] = from + i;
            resultRows[i] = start + point * sumStep() + (from + i) * g.filters();
        }
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, block.count));
        Tiles.Left left = tiles.packLeft(block.left, down, rows, across, 0, block.count, packed);
        Tiles.Panels right = new Tiles.Panels(block.right, point * block.rightStep, block.count, g.filters());
        Tiles.Result result = new Tiles.Result(sums, resultRows, 0);
        tiles.multiply(left, 0, new Tiles.Block(scratch, rows, right, result, 0, g.filters()), adds);
    }

    private void finish(Object sums, int channel, Scratch scratch) {
        int pairs = g.channels() * g.filters();
        int at = channel * g.filters();
        Object aside = scratch.array(tiles.dtype(), Scratch.Use.ASIDE, WinogradTransforms.ASIDE);
        TransformKernel kernel = tiles.transforms().kernel(Kind.WEIGHT_GRADIENT);
        int toRow = WinogradTransforms.TAPS * pairs;
        kernel.run(sums, at, WinogradTransforms.SIZE * sumStep(), sumStep(), dw, at, toRow, pairs, g.filters(), aside);
    }
}
