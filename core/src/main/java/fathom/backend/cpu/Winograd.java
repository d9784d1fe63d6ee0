package fathom.backend.cpu;

import fathom.backend.cpu.WinogradTransforms.Kind;
import fathom.ir.Window;
import fathom.tensor.DType;
import org.jspecify.annotations.Nullable;

/// One call of [Convolution#forward] or [Convolution#inputGradient] with windows of 3×3 and a stride
/// of 1 by minimal filtering: tiles of 6×6 pixels that overlap by two are transformed, multiplied
/// point by point (a product of matrices for each of the 36 points, over the channels), and
/// transformed back to 4×4 pixels. That takes a quarter of the multiplications, at the price of some
/// rounding.
///
/// The input gradient goes the same way backwards, every step replaced by its adjoint; there, tiles
/// of dx overlap, and are added up in order.
///
/// Each tile is computed by itself and its products are chains in the order of the channels, so how
/// the tiles are divided between tasks moves no bit.
///
/// @param isAdjoint whether this is the input gradient
/// @param from x, or dy for the input gradient
/// @param w the weights
/// @param to y, or dx for the input gradient
record Winograd(
        WorkerPool pool,
        Tiles tiles,
        ConvolutionGeometry g,
        boolean isAdjoint,
        Object from,
        Operand w,
        Object to,
        @Nullable Epilogue epilogue) {
    private static final int POINTS = WinogradTransforms.POINTS;

    /// As many tiles as count as few.
    private static final int FEW_TILES = 64;

    /// So many pairs of a channel and a filter that their transformed weights fit into an array.
    private static final int MOST_PAIRS = 1 << 25;

    /// What transforming an element of a tile costs, in multiplications of a product.
    private static final int MOVE_COST = 12;

    /// What transforming a weight costs, likewise.
    private static final int WEIGHT_COST = 70;

    /// Channels that are transposed at a time: rows of weights that stay in the cache.
    private static final int TRANSPOSED = 32;

    /// Channels whose weights are transformed at a time, so that what is between the two products stays in the L1
    /// cache.
    private static final int ASIDE = 8;

    /// Whether this takes less time than the direct way. That follows from the geometry alone, for
    /// the two round differently and results may not depend on the machine.
    static boolean pays(DType dtype, ConvolutionGeometry g) {
        return pays(dtype, g, WEIGHT_COST);
    }

    /// @param weightCost what transforming a weight costs, in multiplications of a product
    static boolean pays(DType dtype, ConvolutionGeometry g, int weightCost) {
        if (dtype != DType.F32 || !fits(g)) {
            return false;
        }
        WinogradTiles outputs = WinogradTiles.outputs(dtype, g);
        long tiles = (long) g.images() * outputs.perImage();
        long pairs = (long) g.channels() * g.filters();
        if (pairs > MOST_PAIRS) {
            return false;
        }
        long direct = g.taps() * pairs * g.windows();
        long transformed =
                POINTS * (tiles * pairs + MOVE_COST * tiles * (g.channels() + g.filters()) + weightCost * pairs);
        return direct > transformed;
    }

    /// Whether the windows are 3×3, without steps, gaps or groups.
    static boolean fits(ConvolutionGeometry g) {
        Window w = g.window();
        return w.kernelHeight() == WinogradTransforms.TAPS
                && w.kernelWidth() == WinogradTransforms.TAPS
                && w.strideHeight() == 1
                && w.strideWidth() == 1
                && w.dilationHeight() == 1
                && w.dilationWidth() == 1
                && g.groups() == 1;
    }

    private int sourceChannels() {
        return isAdjoint ? g.filters() : g.channels();
    }

    private int targetChannels() {
        return isAdjoint ? g.channels() : g.filters();
    }

    /// The transformed weights in panels.
    private record Form(int channels, int filters, boolean isAdjoint) {}

    void run(Scratch shared) {
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        if (g.images() * outputs.perImage() <= FEW_TILES) {
            panelByPanel(weightsFromSource(shared), shared);
            return;
        }
        int size = WinogradTransforms.step(tiles.packedSize(sourceChannels(), targetChannels()));
        Form form = new Form(g.channels(), g.filters(), isAdjoint);
        Object weights = w.form(form, tiles.dtype(), POINTS * size, shared, to -> {
            Object source = weightsFromSource(shared);
            pool.parallel(tiles.panelsOver(targetChannels()), (panel, worker) -> {
                int at = panel * tiles.panel() * sourceChannels();
                transformWeights(source, panel, to, at, size, pool.scratch(worker));
            });
        });

        // Rows of tiles can be divided between tasks, but not where they overlap.
        int together = isAdjoint ? outputs.rows() : 1;
        int total = g.images() * outputs.rows() / together;
        int most = Math.max(1, rowsInBlock(outputs) / together);
        int fewest = Math.ceilDiv(tiles.shape().imageTiles(), 2 * together * outputs.columns());
        int step = Math.min(most, Math.max(fewest, Math.ceilDiv(total, 4 * pool.threads())));
        pool.parallel(Math.ceilDiv(total, step), (task, worker) -> {
            int end = Math.min(total, (task + 1) * step);
            rows(weights, size, task * step * together, end * together, worker);
        });
    }

    /// With few tiles most of the work is at the weights: each panel of them is used at once for all
    /// tiles, before it leaves the cache.
    private void panelByPanel(Object source, Scratch shared) {
        WinogradTiles inputs = WinogradTiles.inputs(tiles.dtype(), g);
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        int perImage = outputs.perImage();
        int count = g.images() * perImage;
        int channels = sourceChannels();
        int leftStep = WinogradTransforms.step(count * channels);
        int productStep = WinogradTransforms.step(count * targetChannels());
        Object left = shared.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, POINTS * leftStep);
        Object products = shared.array(tiles.dtype(), Scratch.Use.PRODUCTS, POINTS * productStep);
        int inRow = outputs.columns();
        pool.parallel(
                count / inRow,
                (row, worker) ->
                        read(row * inRow, inRow, left, row * inRow * channels, leftStep, pool.scratch(worker)));
        int width = tiles.panel();
        int size = WinogradTransforms.step(channels * width);
        pool.parallel(tiles.panelsOver(targetChannels()), (panel, worker) -> {
            Scratch scratch = pool.scratch(worker);
            Object weights = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, POINTS * size);
            transformWeights(source, panel, weights, 0, size, scratch);
            int first = panel * width;
            int columns = Math.min(width, targetChannels() - first);
            multiply(left, count, weights, size, first, columns, products, scratch);
        });
        int pixels = (isAdjoint ? inputs : outputs).pixels();
        pool.parallel(g.images(), (image, worker) -> {
            if (isAdjoint) {
                Zeros.fill(to, image * pixels * targetChannels(), pixels * targetChannels());
            }
            int first = image * perImage;
            write(first, perImage, products, first * targetChannels(), productStep, pool.scratch(worker));
            if (epilogue != null) {
                epilogue.apply(worker, image * pixels, (image + 1) * pixels, 0, targetChannels());
            }
        });
    }

    private void read(int first, int count, Object left, int at, int step, Scratch scratch) {
        int channels = sourceChannels();
        WinogradTiles.Points points = new WinogradTiles.Points(left, at, step, channels, 0);
        if (isAdjoint) {
            TransformKernel kernel = tiles.transforms().kernel(Kind.OUTPUT_ADJOINT);
            WinogradTiles.outputs(tiles.dtype(), g)
                    .read(kernel, WinogradTransforms.OUTPUTS, from, first, first + count, 0, channels, points, scratch);
        } else {
            TransformKernel kernel = tiles.transforms().kernel(Kind.INPUT);
            WinogradTiles.inputs(tiles.dtype(), g)
                    .read(kernel, WinogradTransforms.SIZE, from, first, first + count, 0, channels, points, scratch);
        }
    }

    private void write(int first, int count, Object products, int at, int step, Scratch scratch) {
        WinogradTiles.Points points = new WinogradTiles.Points(products, at, step, targetChannels(), 0);
        if (isAdjoint) {
            TransformKernel kernel = tiles.transforms().kernel(Kind.INPUT_ADJOINT);
            WinogradTiles.inputs(tiles.dtype(), g)
                    .add(kernel, tiles.panelKernel(), points, to, first, first + count, scratch);
        } else {
            TransformKernel kernel = tiles.transforms().kernel(Kind.OUTPUT);
            WinogradTiles.outputs(tiles.dtype(), g).write(kernel, points, to, first, first + count, scratch);
        }
    }

    /// `[3, 3, source's channels, target's channels]`.
    private Object weightsFromSource(Scratch shared) {
        return isAdjoint ? transposedWeights(shared) : w.array();
    }

    /// `[3, 3, filters, channels]`.
    private Object transposedWeights(Scratch shared) {
        int tap = g.channels() * g.filters();
        Object transposed = shared.array(tiles.dtype(), Scratch.Use.TRANSFORMED, g.taps() * tap);
        int blocks = Math.ceilDiv(g.channels(), TRANSPOSED);
        pool.parallel(g.taps() * blocks, (task, _) -> {
            int first = task / blocks * tap;
            int channel = task % blocks * TRANSPOSED;
            int count = Math.min(TRANSPOSED, g.channels() - channel);
            for (int k = 0; k < g.filters(); k++) {
                int at = first + channel * g.filters() + k;
                tiles.panelKernel()
                        .copy(w.array(), at, g.filters(), count, transposed, first + k * g.channels() + channel, 1);
            }
        });
        return transposed;
    }

    /// Transforms a panel of the weights; point `p` of it goes to `weights[p * size + at]` and on.
    private void transformWeights(Object source, int panel, Object weights, int at, int size, Scratch scratch) {
        int width = tiles.panel();
        int first = panel * width;
        int count = Math.min(width, targetChannels() - first);
        if (count < width) {
            for (int point = 0; point < POINTS; point++) {
                Zeros.fill(weights, point * size + at, width * sourceChannels());
            }
        }
        TransformKernel kernel = tiles.transforms().kernel(Kind.WEIGHTS);
        int tap = g.channels() * g.filters();
        int taps = WinogradTransforms.TAPS;
        Object aside = scratch.array(tiles.dtype(), Scratch.Use.ASIDE, POINTS * ASIDE * width);
        for (int c = 0; c < sourceChannels(); c += ASIDE) {
            int some = Math.min(ASIDE, sourceChannels() - c);
            int line = some * width;
            int start = c * targetChannels() + first;
            kernel.run(
                    source,
                    start,
                    targetChannels(),
                    tap,
                    taps * tap,
                    aside,
                    0,
                    width,
                    line,
                    taps * line,
                    some,
                    taps,
                    count);
            int to = at + c * width;
            int side = WinogradTransforms.SIZE;
            kernel.run(aside, 0, width, taps * line, line, weights, to, width, side * size, size, some, side, count);
        }
    }

    private int rowsInBlock(WinogradTiles outputs) {
        int perTile = POINTS * (g.channels() + g.filters());
        TileShape shape = tiles.shape();
        return Math.max(1, Math.max(shape.imageTiles(), shape.imageElements() / perTile) / outputs.columns());
    }

    /// Computes the pixels under the rows of tiles `first..end-1` of all images.
    private void rows(Object weights, int size, int first, int end, int worker) {
        WinogradTiles inputs = WinogradTiles.inputs(tiles.dtype(), g);
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        WinogradTiles target = isAdjoint ? inputs : outputs;
        int pixel = target.firstPixel(first, isAdjoint);
        int pixelEnd = target.firstPixel(end, isAdjoint);
        if (isAdjoint) {
            Zeros.fill(to, pixel * g.channels(), (pixelEnd - pixel) * g.channels());
        }
        int step = rowsInBlock(outputs);
        for (int row = first; row < end; row += step) {
            int tile = row * outputs.columns();
            int count = Math.min(end, row + step) * outputs.columns() - tile;
            block(weights, size, tile, count, pool.scratch(worker));
        }
        if (epilogue != null) {
            epilogue.apply(worker, pixel, pixelEnd, 0, targetChannels());
        }
    }

    private void block(Object weights, int size, int first, int count, Scratch scratch) {
        int leftStep = WinogradTransforms.step(count * sourceChannels());
        int productStep = WinogradTransforms.step(count * targetChannels());
        Object left = scratch.array(tiles.dtype(), Scratch.Use.TRANSFORMED, POINTS * leftStep);
        Object products = scratch.array(tiles.dtype(), Scratch.Use.PRODUCTS, POINTS * productStep);
        read(first, count, left, 0, leftStep, scratch);
        multiply(left, count, weights, size, 0, targetChannels(), products, scratch);
        write(first, count, products, 0, productStep, scratch);
    }

    /// Multiplies `count` transformed tiles by `columns` columns of the transformed weights, whose
    /// results are the target's channels from `first` on.
    private void multiply(
            Object left,
            int count,
            Object weights,
            int size,
            int first,
            int columns,
            Object products,
            Scratch scratch) {
        int channels = sourceChannels();
        int leftStep = WinogradTransforms.step(count * channels);
        int productStep = WinogradTransforms.step(count * targetChannels());
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, count + tiles.rows());
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, count + tiles.rows());
        for (int i = 0; i < count; i++) {
            leftRows[i] = i * channels;
            resultRows[i] = i * targetChannels() + first;
        }
        Tiles.LeftRows rows = new Tiles.LeftRows(left, leftRows, new int[1], channels);
        Tiles.Panels right = new Tiles.Panels(weights, 0, channels, columns);
        Tiles.Result result = new Tiles.Result(products, resultRows, 0);
        Tiles.Block block = new Tiles.Block(scratch, count, right, result, 0, columns);
        for (int point = 0; point < POINTS; point++) {
            tiles.multiply(rows, point * leftStep, block, point * size, point * productStep, false);
        }
    }
}
