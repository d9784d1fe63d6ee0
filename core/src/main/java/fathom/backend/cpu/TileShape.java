package fathom.backend.cpu;

/// How the products of one element type and vector width are cut: the register tile, and the blocks
/// that keep what it reads in the caches. None of this leaves a trace in a result.
///
/// @param rows rows of a tile
/// @param vectors vectors of columns of a tile
/// @param steps the most steps of k in one turn of a tile's loop
/// @param stretch how far the products run along k before the next tile is turned to
/// @param blockRows the most rows of A in a task of a product of matrices
/// @param imageTiles the fewest tiles of images in a block of minimal filtering: fewer would read the
///   weights too often
/// @param imageElements elements of transformed tiles and products in such a block, so that it stays
///   in the L2 cache
/// @param ownElements elements of transformed tiles, and of sums, that a worker keeps in its L2 cache in
///   the weight gradient of minimal filtering; 0 if these are better divided between all workers
/// @param ahead elements of the next panel that a step of k goes on by, reading the first of them; 0 if
///   panels are not read before they are needed
record TileShape(
        int rows,
        int vectors,
        int steps,
        int stretch,
        int blockRows,
        int imageTiles,
        int imageElements,
        int ownElements,
        int ahead) {
    /// Sixteen registers: twelve sums, two vectors of B and one of A. A stretch of a panel of 16 columns
    /// comes from the L2 cache, which is fast enough; beginning and ending a tile, and reading what it adds
    /// to, costs more than that. Few rows in a task, so that they stay in that cache next to the panels that
    /// go by: 30 was 4 to 8 % faster than 60.
    private static final TileShape NARROW = new TileShape(6, 2, 2, 1024, 30, 30, 96 * 1024, 0, 0);

    /// 32 registers of 128 or 256 bits: 24 sums, four vectors of B and one of A.
    private static final TileShape MANY = new TileShape(6, 4, 2, 1024, 30, 30, 96 * 1024, 0, 0);

    /// 32 registers of 512 bits: 24 sums, two vectors of B and one of A. Such tiles are so fast that
    /// the panel has to come from the L1 cache, so it is narrow and the stretch short, and that it
    /// has to be used for many rows before the next one is fetched. Of the peak on one core, 1024³
    /// reached 0.46 with 6 x 4 vectors, stretches of 1024 and 30 rows, 0.61 with 12 x 2, 256 and
    /// 36, and 0.75 with 96 rows. The L2 caches that go with them have 1 to 2 MiB.
    ///
    /// What the JIT makes of such a loop reaches either 0.9 of the peak or 0.7. With two steps of k in a
    /// turn it was 0.9 until a product of odd length came along, and then 0.7 for good, because the loop was
    /// compiled anew together with the one for the step left over; with one step it stays at 0.9.
    ///
    /// A panel that is not in the cache makes the first tile wait for each of its lines, which for the
    /// five or six tiles of a short text is a fifth of the time. Four tiles that read half a cache line
    /// further with each step have read the next panel by the end. Where there are 16 registers one more
    /// sum takes a register that is needed: 0.6 of the peak instead of 0.95.
    private static final TileShape WIDE = new TileShape(12, 2, 1, 256, 96, 48, 192 * 1024, 448 * 1024, 8);

    private static final TileShape SCALAR = new TileShape(4, 2, 2, 1024, 30, 30, 96 * 1024, 0, 0);

    /// The shape for F32 or F64 in vectors of the given width.
    static TileShape of(Lanes lanes) {
        if (lanes.isScalar()) {
            return SCALAR;
        }
        if (lanes.bits() == 512) {
            return WIDE;
        }
        return VectorSupport.registers(lanes.bits()) == 32 ? MANY : NARROW;
    }

    /// The same tiles over the same panels, told in vectors of half the width.
    TileShape inHalves() {
        return new TileShape(
                rows, 2 * vectors, steps, stretch, blockRows, imageTiles, imageElements, ownElements, ahead);
    }

    /// The same with fewer rows. Tiles of this height and that make up most numbers of rows.
    TileShape shorter() {
        // Twice as far ahead, because where these are used there are few tiles.
        return new TileShape(
                shortRows(), vectors, steps, stretch, blockRows, imageTiles, imageElements, ownElements, 2 * ahead);
    }

    private int shortRows() {
        return rows > 6 ? rows * 2 / 3 : rows - 1;
    }

    /// How many of so many rows to compute by tiles of this height; what is left is for shorter ones.
    /// The two together stand out over the rows' end by as little as can be.
    int rowsInHighTiles(int count) {
        int best = Math.ceilDiv(count, rows);
        int least = best * rows;
        for (int high = best - 1; high >= 0; high--) {
            int covered = high * rows + Math.ceilDiv(count - high * rows, shortRows()) * shortRows();
            if (covered < least) {
                least = covered;
                best = high;
            }
        }
        return Math.min(count, best * rows);
    }

    /// Elements from one row of A to the next for [TileKernel#rows]. One cache line more than a power
    /// of two, or the rows would displace each other from the cache.
    int rowStep() {
        return stretch + 16;
    }
}
