package fathom.backend.cpu;

import fathom.backend.cpu.WinogradTransforms.Kind;
import fathom.tensor.DType;

/// One call of the weight gradient of a convolution with windows of 3×3 and a stride of 1, by
/// minimal filtering: tiles of 6×6 pixels of x and 4×4 pixels of dy are transformed, multiplied
/// point by point (for each of the 36 points a product of matrices over the tiles), and the sums
/// transformed back to the 3×3 taps.
///
/// For each point, the sum of the products over the tiles is one chain in the order of the tiles,
/// however the work is divided: either every worker has some filters, and keeps the transformed tiles
/// and the sums in the cache of its core, at the price of transforming x for itself; or all work at
/// the same tiles, first transforming and then multiplying some of them.
record WinogradWeightGradient(WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
    private static final int POINTS = WinogradTransforms.POINTS;

    /// Elements of the transformed tiles that are held at a time: a part of the L3 cache.
    private static final int MOST_ELEMENTS = 1024 * 1024;

    /// What transforming a weight costs, in multiplications of a product.
    private static final int WEIGHT_COST = 96;

    /// Channels of x in a task.
    private static final int MOST_CHANNELS = 60;

    /// Tiles that a task transforms.
    private static final int TILES = 8;

    private record Filters(int from, int to) {
        int count() {
            return to - from;
        }
    }

    /// Some tiles, transformed: point `p` of x's tile `i` is at `left[p * leftStep + i * channels]`
    /// and on; those of dy, of some filters, are packed in panels.
    private record Block(
            int first, int count, Object left, int leftStep, Object right, int rightStep, Filters filters) {}

    /// As [Winograd#pays].
    static boolean pays(DType dtype, ConvolutionGeometry g) {
        return Winograd.pays(dtype, g, WEIGHT_COST);
    }

    void run(Scratch shared) {
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        int total = g.images() * outputs.perImage();
        Object sums = shared.array(tiles.dtype(), Scratch.Use.POINT_SUMS, POINTS * sumStep());
        int own = Math.ceilDiv(tiles.panelsOver(g.filters()), pool.threads()) * tiles.panel();
        if (paysToShareFilters(own)) {
            pool.parallel(Math.ceilDiv(g.filters(), own), (task, worker) -> {
                Filters filters = new Filters(task * own, Math.min(g.filters(), (task + 1) * own));
                ownFilters(total, filters, sums, pool.scratch(worker));
            });
        } else {
            together(total, sums, shared);
        }
        pool.parallel(g.channels(), (channel, worker) -> finish(sums, channel, pool.scratch(worker)));
    }

    /// Whether there are as many shares of filters as workers, all transform x no more often than
    /// that costs as much as dy, and the sums stay in the cache.
    private boolean paysToShareFilters(int own) {
        int shares = Math.ceilDiv(g.filters(), own);
        return shares == pool.threads()
                && (shares - 1) * (long) g.channels() <= g.filters()
                && POINTS * (long) g.channels() * own <= tiles.shape().ownElements();
    }

    private void ownFilters(int total, Filters filters, Object sums, Scratch scratch) {
        int count = evenly(total, tiles.shape().ownElements(), filters);
        for (int first = 0; first < total; first += count) {
            Block block = block(first, Math.min(count, total - first), filters, scratch);
            transform(block, 0, block.count, scratch);
            for (int point = 0; point < POINTS; point++) {
                multiply(block, point, 0, g.channels(), sums, scratch);
            }
        }
    }

    private void together(int total, Object sums, Scratch shared) {
        Filters filters = new Filters(0, g.filters());
        int count = evenly(total, MOST_ELEMENTS, filters);
        int slabs = Math.ceilDiv(g.channels(), MOST_CHANNELS);
        for (int first = 0; first < total; first += count) {
            Block block = block(first, Math.min(count, total - first), filters, shared);
            pool.parallel(Math.ceilDiv(block.count, TILES), (task, worker) -> {
                transform(block, task * TILES, Math.min(block.count, (task + 1) * TILES), pool.scratch(worker));
            });
            pool.parallel(POINTS * slabs, (task, worker) -> {
                int slab = task % slabs;
                int from = (int) ((long) g.channels() * slab / slabs);
                int to = (int) ((long) g.channels() * (slab + 1) / slabs);
                multiply(block, task / slabs, from, to, sums, pool.scratch(worker));
            });
        }
    }

    /// How many of so many tiles to take at a time, as evenly as can be, if no more than that many
    /// elements are to be held.
    private int evenly(int total, int elements, Filters filters) {
        int most = Math.max(1, elements / (POINTS * (g.channels() + filters.count())));
        return Math.ceilDiv(total, Math.ceilDiv(total, most));
    }

    private Block block(int first, int count, Filters filters, Scratch scratch) {
        int leftStep = WinogradTransforms.step(count * g.channels());
        int rightStep = WinogradTransforms.step(tiles.packedSize(count, filters.count()));
        Object left = scratch.array(tiles.dtype(), Scratch.Use.TRANSFORMED, POINTS * leftStep);
        Object right = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, POINTS * rightStep);
        return new Block(first, count, left, leftStep, right, rightStep, filters);
    }

    private int sumStep() {
        return WinogradTransforms.step(g.channels() * g.filters());
    }

    private void transform(Block block, int from, int to, Scratch scratch) {
        WinogradTiles inputs = WinogradTiles.inputs(tiles.dtype(), g);
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        TransformKernel input = tiles.transforms().kernel(Kind.INPUT);
        TransformKernel gradient = tiles.transforms().kernel(Kind.GRADIENT);
        int first = block.first + from;
        int end = block.first + to;
        int size = WinogradTransforms.SIZE;
        WinogradTiles.Points left =
                new WinogradTiles.Points(block.left, from * g.channels(), block.leftStep, g.channels(), 0);
        inputs.read(input, size, x, first, end, 0, g.channels(), left, scratch);

        int width = tiles.panel();
        int count = block.filters.count();
        int panel = block.count * width;
        if (count % width != 0) {
            int last = count / width * panel + from * width;
            for (int point = 0; point < POINTS; point++) {
                Zeros.fill(block.right, point * block.rightStep + last, (to - from) * width);
            }
        }
        WinogradTiles.Points right = new WinogradTiles.Points(block.right, from * width, block.rightStep, width, panel);
        int side = WinogradTransforms.OUTPUTS;
        outputs.read(gradient, side, dy, first, end, block.filters.from, count, right, scratch);
    }

    /// Adds up the products at a point, for some channels of x and the filters of the block.
    private void multiply(Block block, int point, int from, int to, Object sums, Scratch scratch) {
        int rows = to - from;
        int columns = block.filters.count();
        int[] down = scratch.offsets(Scratch.Offsets.ELEMENTS, rows);
        int[] across = scratch.offsets(Scratch.Offsets.LEFT_ROWS, block.count);
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, rows + tiles.rows());
        for (int i = 0; i < block.count; i++) {
            across[i] = point * block.leftStep + i * g.channels();
        }
        for (int i = 0; i < rows; i++) {
            down[i] = from + i;
            resultRows[i] = point * sumStep() + (from + i) * g.filters() + block.filters.from;
        }
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, block.count));
        Tiles.Left left = tiles.packLeft(block.left, down, rows, across, 0, block.count, packed);
        Tiles.Panels right = new Tiles.Panels(block.right, point * block.rightStep, block.count, columns);
        Tiles.Result result = new Tiles.Result(sums, resultRows, 0);
        tiles.multiply(left, 0, new Tiles.Block(scratch, rows, right, result, 0, columns), block.first > 0);
    }

    private void finish(Object sums, int channel, Scratch scratch) {
        int size = WinogradTransforms.SIZE;
        int taps = WinogradTransforms.TAPS;
        int pairs = g.channels() * g.filters();
        int filters = g.filters();
        int at = channel * filters;
        int line = size * filters;
        Object aside = scratch.array(tiles.dtype(), Scratch.Use.ASIDE, taps * line);
        TransformKernel kernel = tiles.transforms().kernel(Kind.WEIGHT_GRADIENT);
        kernel.run(sums, at, 0, sumStep(), size * sumStep(), aside, 0, 0, filters, line, 1, size, filters);
        kernel.run(aside, 0, 0, line, filters, dw, at, 0, taps * pairs, pairs, 1, taps, filters);
    }
}
