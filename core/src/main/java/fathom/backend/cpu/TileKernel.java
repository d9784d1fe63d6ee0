package fathom.backend.cpu;

/// A register tile of a matrix product: a few rows of C by a few vectors of columns, held in
/// registers while the products run over k. Implementations are emitted by [TileEmitter].
///
/// B is a packed panel: its row `k` is at `b[bo + k * panel]`, with `panel` a constant of the
/// kernel. Row `i` of the tile is written to `c[cRows[row + i] + column]` and on. Each element of C
/// is one chain of fused multiply-adds in order of k, started from 0, or from what C holds if
/// `accumulate`: the shape of the tile, the width of the vectors and where a long k is cut into
/// several calls leave no trace in the result. All reading of C comes before all writing, so rows
/// may be named twice.
///
/// Arrays are `float[]` or `double[]`, as the kernel was emitted for.
interface TileKernel {
    /// A is read where it is: row `i` has its elements in order of k in runs of `length`, one at
    /// each `a[aRows[row + i] + segments[s] + start]` for `s` in `from..to-1`. Computes whole tiles
    /// from `row` on until `rowEnd` is reached.
    void rows(
            Object a,
            int[] aRows,
            int row,
            int rowEnd,
            int[] segments,
            int from,
            int to,
            int start,
            int length,
            Object b,
            int bo,
            Object c,
            int[] cRows,
            int column,
            boolean accumulate);

    /// A is packed as the tiles read it, one tile after the other: element `k` of row `i` of the
    /// first tile is `a[ao + k * rows + i]`, for `k` below `length`, with `rows` the number of a
    /// tile's rows. Computes the rows `0..rowEnd-1` of C, all tiles whole.
    void packed(
            Object a,
            int ao,
            int length,
            Object b,
            int bo,
            Object c,
            int[] cRows,
            int rowEnd,
            int column,
            boolean accumulate);
}
