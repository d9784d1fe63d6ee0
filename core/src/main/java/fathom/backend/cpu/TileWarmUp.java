package fathom.backend.cpu;

import java.util.List;

/// What the JVM has to compile of the tiles, in order of need. Every loop is gone through at least twice:
/// code that has never been reached is left out of what is compiled, and compiled anew when it is.
final class TileWarmUp {
    /// Length of k in the calls: long enough that the loop over it counts as one.
    private static final int SHORT = 6;

    /// Now and then it is longer, so that the JIT takes the loop for one that is worth its while.
    private static final int LONG = 256;

    private static final int SHORT_CALLS = 100;

    /// What a short call takes when it is compiled, about 1 us, with some room; a tenth of what it takes before.
    private static final long COMPILED_NANOS = 10_000;

    /// By then the JIT has long had its turn. If the tiles are still slow, it has compiled them badly: in some
    /// starts their vector operations were called instead of inlined, a hundred times too slow and for good.
    /// Tiles of a new class get another chance.
    private static final long MOST_NANOS = 5_000_000_000L;

    private final Tiles tiles;
    private final Scratch scratch = new Scratch();
    private final int rows;
    private final int[] offsets;
    private final int[] inTwoRuns;
    private final int[] rowOffsets;
    private final Object left;
    private final Object right;
    private final Object result;
    private int compiledProducts;

    TileWarmUp(Tiles tiles) {
        this.tiles = tiles;
        rows = tiles.rows();
        offsets = new int[2 * rows * PanelKernel.TOGETHER + LONG];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = i;
        }
        inTwoRuns = offsets.clone();
        for (int i = 1; i < inTwoRuns.length; i++) {
            inTwoRuns[i]++;
        }
        rowOffsets = new int[3 * rows];
        for (int i = 0; i < rowOffsets.length; i++) {
            rowOffsets[i] = i * tiles.panel();
        }
        int size = 2 * LONG * Math.max(tiles.streamWidth(), rows * PanelKernel.TOGETHER);
        left = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, size);
        right = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, size);
        result = scratch.array(tiles.dtype(), Scratch.Use.PARTIAL_SUMS, size);
    }

    /// Runs the kernels until they are compiled, or until the time for it is up.
    void run() {
        WarmUp.Kernel byRows = product(this::byRows);
        WarmUp.Kernel byColumns = product(this::byColumns);
        WarmUp.Kernel moves = new WarmUp.Kernel(this::moves, COMPILED_NANOS);
        WarmUp.Kernel stream = new WarmUp.Kernel(this::stream, COMPILED_NANOS);
        boolean all = WarmUp.run(List.of(byRows, byColumns, moves, stream), MOST_NANOS);
        if (!all && compiledProducts < 2) {
            tiles.renewKernels();
            WarmUp.run(List.of(byRows, byColumns), MOST_NANOS);
        }
    }

    private WarmUp.Kernel product(WarmUp.Call call) {
        return new WarmUp.Kernel(call, COMPILED_NANOS, () -> compiledProducts++);
    }

    private static int length(int number) {
        return number % SHORT_CALLS == 0 ? LONG : SHORT;
    }

    private Tiles.Block block(int count, int length) {
        Tiles.Panels panels = new Tiles.Panels(right, 0, 2 * length, tiles.panel());
        return new Tiles.Block(scratch, count, panels, new Tiles.Result(result, rowOffsets, 0), 0, tiles.widest());
    }

    private void byRows(int number) {
        int length = length(number);
        // Two segments or two tiles.
        int segments = 1 + number / 2 % 2;
        Tiles.LeftRows direct = new Tiles.LeftRows(left, rowOffsets, new int[segments], length);
        tiles.multiply(direct, block(2 / segments * rows, length), number % 2 == 0);
    }

    private void byColumns(int number) {
        int length = length(number);
        tiles.multiply(new Tiles.Left(left, length, false, 2 * rows), 0, block(2 * rows, length), number % 2 == 0);
    }

    private void stream(int number) {
        int stream = tiles.streamWidth();
        tiles.stream(left, 0, 1, length(number), right, 0, stream, result, 0, stream, number % 2 == 0);
    }

    private void moves(int number) {
        int length = length(number);
        int together = rows * PanelKernel.TOGETHER;
        tiles.packLeft(left, offsets, 2 * together, offsets, 0, length, result);
        tiles.packLeft(left, offsets, 2 * rows, offsets, 0, length, result);
        tiles.packLeft(left, inTwoRuns, 2 * rows, offsets, 0, length, result);
        tiles.pack(new Tiles.Matrix(left, 0, 1, false, length, tiles.panel()), 0, result, 0);
        tiles.pack(new Tiles.Matrix(left, 0, 1, true, length, tiles.panel()), 0, result, 0);
        tiles.panelKernel().add(left, 0, 2 * tiles.panel(), result, 0);
    }
}
