package fathom.backend.cpu;

import fathom.backend.cpu.WinogradTransforms.Kind;
import fathom.ir.Window;
import fathom.tensor.DType;
import org.jspecify.annotations.Nullable;

/// One call of [Convolution#forward] or [Convolution#inputGradient] with windows of 3×3 and a stride of 1 by minimal
/// filtering: tiles of
/// 6×6 pixels that overlap by two are transformed, multiplied point by point (a product of
/// matrices for each of the 36 points, over the channels), and transformed back to 4×4 pixels. That
/// takes a quarter of the multiplications, at the price of some rounding.
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
        Object w,
        Object to,
        @Nullable Epilogue epilogue) {
    private static final int POINTS = WinogradTransforms.POINTS;

    /// What a block works on should stay in the L2 cache: elements of transformed tiles and products.
    private static final int MOST_ELEMENTS = 96 * 1024;

    /// Tiles in a block at least: fewer would read the weights too often.
    private static final int FEWEST_TILES = 30;

    /// What transforming an element of a tile costs, in multiplications of a product.
    private static final int MOVE_COST = 12;

    /// What transforming a weight costs, likewise.
    private static final int WEIGHT_COST = 96;

    /// Whether this takes less time than the direct way. That follows from the geometry alone, for
    /// the two round differently and results may not depend on the machine.
    static boolean pays(DType dtype, ConvolutionGeometry g) {
        if (dtype != DType.F32 || !fits(g)) {
            return false;
        }
        WinogradTiles outputs = WinogradTiles.outputs(dtype, g);
        long tiles = (long) g.images() * outputs.perImage();
        long pairs = (long) g.channels() * g.filters();
        long direct = g.taps() * pairs * g.windows();
        long transformed =
                POINTS * (tiles * pairs + MOVE_COST * tiles * (g.channels() + g.filters()) + WEIGHT_COST * pairs);
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

    void run(Scratch shared) {
        int size = WinogradTransforms.step(tiles.packedSize(sourceChannels(), targetChannels()));
        Object source = isAdjoint ? transposedWeights(shared) : w;
        Object weights = shared.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, POINTS * size);
        pool.parallel(
                tiles.panelsOver(targetChannels()),
                (panel, worker) -> transformWeights(source, panel, weights, size, pool.scratch(worker)));

        // Rows of tiles can be divided between tasks, but not where they overlap.
        WinogradTiles outputs = WinogradTiles.outputs(tiles.dtype(), g);
        int together = isAdjoint ? outputs.rows() : 1;
        int total = g.images() * outputs.rows() / together;
        int most = Math.max(1, rowsInBlock(outputs) / together);
        int fewest = Math.ceilDiv(FEWEST_TILES, 2 * together * outputs.columns());
        int step = Math.min(most, Math.max(fewest, Math.ceilDiv(total, 4 * pool.threads())));
        pool.parallel(Math.ceilDiv(total, step), (task, worker) -> {
            int end = Math.min(total, (task + 1) * step);
            rows(weights, size, task * step * together, end * together, worker);
        });
    }

    /// `[3, 3, filters, channels]`.
    private Object transposedWeights(Scratch shared) {
        int tap = g.channels() * g.filters();
        Object transposed = shared.array(tiles.dtype(), Scratch.Use.TRANSFORMED, g.taps() * tap);
        pool.parallel(g.taps(), (task, _) -> {
            for (int k = 0; k < g.filters(); k++) {
                int at = task * tap + k * g.channels();
                tiles.panelKernel().copy(w, task * tap + k, g.filters(), g.channels(), transposed, at, 1);
            }
        });
        return transposed;
    }

    /// Transforms a panel of the weights.
    private void transformWeights(Object source, int panel, Object weights, int size, Scratch scratch) {
        int width = tiles.panel();
        int first = panel * width;
        int count = Math.min(width, targetChannels() - first);
        int at = first * sourceChannels();
        if (count < width) {
            for (int point = 0; point < POINTS; point++) {
                Zeros.fill(weights, point * size + at, width * sourceChannels());
            }
        }
        TransformKernel kernel = tiles.transforms().kernel(Kind.WEIGHTS);
        Object aside = scratch.array(tiles.dtype(), Scratch.Use.ASIDE, WinogradTransforms.ASIDE);
        int tap = g.channels() * g.filters();
        for (int c = 0; c < sourceChannels(); c++) {
            kernel.run(
                    source,
                    c * targetChannels() + first,
                    WinogradTransforms.TAPS * tap,
                    tap,
                    weights,
                    at + c * width,
                    WinogradTransforms.SIZE * size,
                    size,
                    count,
                    aside);
        }
    }

    private int rowsInBlock(WinogradTiles outputs) {
        int perTile = POINTS * (g.channels() + g.filters());
        return Math.max(1, Math.max(FEWEST_TILES, MOST_ELEMENTS / perTile) / outputs.columns());
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
            block(inputs, outputs, weights, size, tile, count, pool.scratch(worker));
        }
        if (epilogue != null) {
            epilogue.apply(worker, pixel, pixelEnd, 0, targetChannels());
        }
    }

    private void block(
            WinogradTiles inputs,
            WinogradTiles outputs,
            Object weights,
            int size,
            int first,
            int count,
            Scratch scratch) {
        int channels = sourceChannels();
        int filters = targetChannels();
        int leftStep = WinogradTransforms.step(count * channels);
        int productStep = WinogradTransforms.step(count * filters);
        Object left = scratch.array(tiles.dtype(), Scratch.Use.TRANSFORMED, POINTS * leftStep);
        Object products = scratch.array(tiles.dtype(), Scratch.Use.PRODUCTS, POINTS * productStep);
        int[] leftRows = scratch.offsets(Scratch.Offsets.LEFT_ROWS, count + tiles.rows());
        int[] resultRows = scratch.offsets(Scratch.Offsets.RESULT_ROWS, count + tiles.rows());
        WinogradTransforms transforms = tiles.transforms();
        TransformKernel kernel = transforms.kernel(isAdjoint ? Kind.OUTPUT_ADJOINT : Kind.INPUT);
        WinogradTiles source = isAdjoint ? outputs : inputs;
        int side = isAdjoint ? WinogradTransforms.OUTPUTS : WinogradTransforms.SIZE;
        for (int i = 0; i < count; i++) {
            leftRows[i] = i * channels;
            resultRows[i] = i * filters;
            source.read(kernel, side, from, first + i, 0, channels, left, leftRows[i], leftStep, scratch);
        }
        for (int point = 0; point < POINTS; point++) {
            int[] segment = {point * leftStep};
            Tiles.Panels right = new Tiles.Panels(weights, point * size, channels, filters);
            Tiles.Result result = new Tiles.Result(products, resultRows, point * productStep);
            Tiles.Block block = new Tiles.Block(scratch, count, right, result, 0, filters);
            tiles.multiply(new Tiles.LeftRows(left, leftRows, segment, channels), block, false);
        }
        kernel = transforms.kernel(isAdjoint ? Kind.INPUT_ADJOINT : Kind.OUTPUT);
        for (int i = 0; i < count; i++) {
            if (isAdjoint) {
                PanelKernel panels = tiles.panelKernel();
                inputs.add(kernel, panels, products, resultRows[i], productStep, to, first + i, scratch);
            } else {
                outputs.write(kernel, products, resultRows[i], productStep, to, first + i, scratch);
            }
        }
    }
}
