package fathom.backend.cpu;

/// Has the JVM compile the tiles before there is work for them. Vector code that is not compiled
/// yet is hundreds of times slower than compiled; as calls are counted, calls on next to no data
/// are the cheapest way to have it compiled.
final class TileWarmUp {
    /// Calls between looking whether they are compiled.
    private static final int CALLS = 200;

    /// Length of k in those calls: long enough that the loop over it counts as one.
    private static final int SHORT = 6;

    private static final int LONG = 256;

    /// Long calls that take less have been compiled: they take some µs then and a millisecond
    /// before.
    private static final long COMPILED_NANOS = 50_000;

    /// Looks that must have found them compiled, for compiled code may be replaced once more.
    private static final int SURE = 3;

    /// Rounds of calls by which the JIT has long had its turn. If the tiles are still slow, it has
    /// compiled them badly: in some starts their vector operations were called instead of inlined,
    /// a hundred times too slow and for good. Tiles of a new class get another chance.
    private static final int MOST_ROUNDS = 120;

    private static final long MOST_NANOS = 10_000_000_000L;

    /// Leaves the processor to the compiler.
    private static final long PAUSE_MILLIS = 2;

    private final Tiles tiles;
    private final Scratch scratch = new Scratch();
    private final int rows;
    private final int[] offsets;
    private final Object left;
    private final Object right;
    private final Object result;

    TileWarmUp(Tiles tiles) {
        this.tiles = tiles;
        rows = tiles.rows();
        offsets = new int[2 * rows * PanelKernel.TOGETHER + LONG];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = i;
        }
        int size = 2 * LONG * Math.max(tiles.streamWidth(), rows * PanelKernel.TOGETHER);
        left = scratch.array(tiles.dtype(), Scratch.Use.LEFT_BLOCK, size);
        right = scratch.array(tiles.dtype(), Scratch.Use.RIGHT_PANELS, size);
        result = scratch.array(tiles.dtype(), Scratch.Use.PARTIAL_SUMS, size);
    }

    /// Runs the kernels until they are compiled, or until the time for it is up.
    void run() {
        long start = System.nanoTime();
        int compiled = 0;
        int rounds = 0;
        try {
            while (compiled < SURE && System.nanoTime() - start < MOST_NANOS) {
                for (int i = 0; i < CALLS; i++) {
                    products(SHORT, i % 2 == 0);
                    moves(SHORT);
                }
                Thread.sleep(PAUSE_MILLIS);
                compiled = isCompiled() ? compiled + 1 : 0;
                rounds++;
                if (rounds % MOST_ROUNDS == 0 && compiled == 0) {
                    tiles.renewKernels();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isCompiled() {
        long start = System.nanoTime();
        products(LONG, true);
        moves(LONG);
        return System.nanoTime() - start < COMPILED_NANOS;
    }

    /// Goes through every loop at least twice: code that has never been reached is left out of what
    /// is compiled, and compiled anew when it is.
    private void products(int length, boolean accumulate) {
        int panel = tiles.panel();
        int[] rowOffsets = scratch.offsets(Scratch.Offsets.RESULT_ROWS, 3 * rows);
        for (int i = 0; i < 3 * rows; i++) {
            rowOffsets[i] = i * panel;
        }
        Tiles.Panels panels = new Tiles.Panels(right, 0, 2 * length, panel);
        Tiles.Result c = new Tiles.Result(result, rowOffsets, 0);
        Tiles.LeftRows direct = new Tiles.LeftRows(left, rowOffsets, new int[2], length);
        int width = tiles.widest();
        tiles.multiply(direct, new Tiles.Block(scratch, 2 * tiles.rows(), panels, c, 0, width), accumulate);
        Tiles.Left packed = new Tiles.Left(left, length, false);
        tiles.multiply(packed, 0, new Tiles.Block(scratch, 2 * tiles.rows(), panels, c, 0, width), accumulate);
        int stream = tiles.streamWidth();
        tiles.stream(left, 0, 1, length, right, 0, stream, result, 0, stream, accumulate);
    }

    private void moves(int length) {
        int together = tiles.rows() * PanelKernel.TOGETHER;
        tiles.packLeft(left, offsets, 2 * together, offsets, 0, length, result);
        tiles.packLeft(left, offsets, 2 * tiles.rows(), offsets, 0, length, result);
        tiles.pack(new Tiles.Matrix(left, 0, 1, false, length, tiles.panel()), 0, result, 0);
        tiles.pack(new Tiles.Matrix(left, 0, 1, true, length, tiles.panel()), 0, result, 0);
        tiles.panelKernel().add(left, 0, 2 * tiles.panel(), result, 0);
    }
}
