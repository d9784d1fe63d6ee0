package fathom.backend.cpu;

import fathom.backend.cpu.WinogradTransforms.Kind;
import fathom.tensor.DType;

/// One call of the weight gradient of a convolution with windows of 3×3 and a stride of 1, by
/// minimal filtering: tiles of 6×6 pixels of x and 4×4 pixels of dy are transformed, multiplied
/// point by point (for each of the 36 points a product of matrices over the tiles), and the sums
/// transformed back to the 3×3 taps.
///
/// For each point, the sum of the products over the tiles is one chain in the order of the tiles, or, where
/// there are many tiles for few weights, one for each of some parts of them, added up in order. A task
/// has a part of its own then, whose transformed tiles and sums stay in the cache of its core. Otherwise all
/// work at the same tiles, first transforming and then multiplying some of them. How many parts there
/// are follows from the geometry, so that no bit depends on how the work is divided.
record WinogradWeightGradient(WorkerPool pool, Tiles tiles, ConvolutionGeometry g, Object x, Object dy, Object dw) {
    private static final int POINTS = WinogradTransforms.POINTS;

    /// Elements of the transformed tiles that are held at a time: a part of the L3 cache.
    private static final int MOST_ELEMENTS = 1024 * 1024;

    /// The fewest tiles in a part: the sums of one are written, read and added for all of them.
    private static final int PART_TILES = 512;

    private static final int MOST_PARTS = 4;

    /// The most pairs of a channel and a filter for which there are parts.
    private static final int MOST_PAIRS = 8192;

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

    /// Where sums are, from index `at` on, and whether products are added to them or take their place.
    private record Sums(Object array, int at, boolean adds) {}

    /// As [Winograd#pays].
    static boolean pays(DType dtype, ConvolutionGeometry g) {
        return Winograd.pays(dtype, g, WEIGHT_COST);
    }

    void run(Scratch shared) {
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        int total = g.images() * outputs.perImage();
        int pairs = g.channels() * g.filters();
        int parts = pairs > MOST_PAIRS ? 1 : Math.clamp(total / PART_TILES, 1, MOST_PARTS);
        Object sums = shared.array(tiles.dtype(), Scratch.Use.POINT_SUMS, parts * POINTS * sumStep());
        if (parts > 1) {
            inParts(total, parts, sums);
        } else {
            together(total, sums, shared);
        }
        pool.parallel(g.channels(), (channel, worker) -> finish(sums, channel, pool.scratch(worker)));
    }

    private void inParts(int total, int parts, Object sums) {
        // If there are more workers than parts, each has some filters of a part, and transforms x for itself.
        int panels = tiles.panelsOver(g.filters());
        int own = Math.ceilDiv(panels, Math.ceilDiv(pool.threads(), parts)) * tiles.panel();
        int shares = Math.ceilDiv(g.filters(), own);
        int size = POINTS * sumStep();
        pool.parallel(parts * shares, (task, worker) -> {
            int part = task / shares;
            int filter = task % shares * own;
            Filters filters = new Filters(filter, Math.min(g.filters(), filter + own));
            int from = (int) ((long) total * part / parts);
            int to = (int) ((long) total * (part + 1) / parts);
            part(from, to, filters, sums, part * size, pool.scratch(worker));
        });
        pool.parallel(POINTS, (point, _) -> {
            int at = point * sumStep();
            for (int part = 1; part < parts; part++) {
                tiles.panelKernel().add(sums, part * size + at, g.channels() * g.filters(), sums, at);
            }
        });
    }

    private void part(int from, int to, Filters filters, Object sums, int sumsAt, Scratch scratch) {
        int count = evenly(to - from, tiles.shape().imageElements(), filters);
        for (int first = from; first < to; first += count) {
            Block block = block(first, Math.min(count, to - first), filters, scratch);
            transform(block, 0, block.count, scratch);
            Sums target = new Sums(sums, sumsAt, first > from);
            for (int point = 0; point < POINTS; point++) {
                multiply(block, point, 0, g.channels(), target, scratch);
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
            Sums target = new Sums(sums, 0, first > 0);
            pool.parallel(POINTS * slabs, (task, worker) -> {
                int slab = task % slabs;
                int from = (int) ((long) g.channels() * slab / slabs);
                int to = (int) ((long) g.channels() * (slab + 1) / slabs);
                multiply(block, task / slabs, from, to, target, pool.scratch(worker));
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
    private void multiply(Block block, int point, int from, int to, Sums sums, Scratch scratch) {
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
            resultRows[i] = sums.at + point * sumStep() + (from + i) * g.filters() + block.filters.from;
        }
        Object packed = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, tiles.packedLeftSize(rows, block.count));
        Tiles.Left left = tiles.packLeft(block.left, down, rows, across, 0, block.count, packed);
        Tiles.Panels right = new Tiles.Panels(block.right, point * block.rightStep, block.count, columns);
        Tiles.Result result = new Tiles.Result(sums.array, resultRows, 0);
        tiles.multiply(left, 0, new Tiles.Block(scratch, rows, right, result, 0, columns), sums.adds);
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
