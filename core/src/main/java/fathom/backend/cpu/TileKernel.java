package fathom.backend.cpu;

/// A register tile of a matrix product: a few rows of C by a few vectors of columns, held in
/// registers while the products run over k. Implementations are emitted by [TileEmitter].
///
/// A is packed, and so is B, a panel: its row `k` is at `b[bo + k * panel]`, with `panel` a constant
/// of the kernel. Everything that the loop over k reads is at a constant distance from two places
/// that move with it. Row `i` of the tile is written to `c[cRows[row + i] + column]` and on. Each
/// element of C is one chain of fused multiply-adds in order of k, started from 0, or from what C
/// holds if `accumulate`: the shape of the tile, the width of the vectors and where a long k is cut
/// into several calls leave no trace in the result. All reading of C comes before all writing, so
/// rows may be named twice. Computes the rows `0..rowEnd-1` of C, all tiles whole.
///
/// While it computes, a kernel of a shape that looks ahead reads some of `b[next]` to `b[nextEnd - 1]`,
/// which is what will be multiplied by next and has as many elements as `length` rows of a panel: it is in
/// the cache by then. The sum of what was read is returned only so that the JIT leaves the reading in.
///
/// Arrays are `float[]` or `double[]`, as the kernel was emitted for.
interface TileKernel {
    /// A is packed row after row: element `k` of row `i` is `a[ao + i * rowStep + k]`, for `k` below
    /// `length`, with the [TileShape#rowStep] of the kernel's shape.
    float rows(
            Object a,
            int ao,
            int length,
            Object b,
            int bo,
            Object c,
            int[] cRows,
            int rowEnd,
            int column,
            boolean accumulate,
            int next,
            int nextEnd);

    /// A is packed one column of a tile after the other, and one tile after the other: element `k` of
    /// row `i` of the first tile is `a[ao + k * rows + i]`, for `k` below `length`, with `rows` the
    /// number of a tile's rows.
    float columns(
            Object a,
            int ao,
            int length,
            Object b,
            int bo,
            Object c,
            int[] cRows,
            int rowEnd,
            int column,
            boolean accumulate,
            int next,
            int nextEnd);
}
