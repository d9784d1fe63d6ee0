package fathom.backend.cpu;

/// Moves of blocks of elements between matrices and packed panels, and the sum of two runs.
/// Implementations are emitted by [PanelEmitter]. Arrays are `float[]` or `double[]`.
interface PanelKernel {
    /// Tiles that [#packLeftTiles] packs.
    int TOGETHER = 4;

    /// Copies `count` rows as wide as a panel: panel row `i` is `from[start + i * stride]` and on.
    void pack(Object from, int start, int stride, int count, Object to, int at);

    /// Packs `count` panel rows across the rows of a matrix: element `j` of panel row `i` is
    /// `from[start + i + j * stride]`.
    void packTransposed(Object from, int start, int stride, int count, Object to, int at);

    /// Packs `count` rows as high as a tile: elements `i` of packed row `k`, for `i` below the
    /// number of a tile's rows, are `from[offsets[first + k] + start + i]`, at `to[at + k * rows +
    /// i]`.
    ///
    /// `count` is at least 1. May read up to `overhang` elements further in `from`.
    void packLeft(Object from, int[] offsets, int first, int count, int start, Object to, int at);

    /// As [#packLeft], for [#TOGETHER] tiles one after the other.
    void packLeftTiles(Object from, int[] offsets, int first, int count, int start, Object to, int at);

    /// As [#packLeft], for a tile whose rows are two runs: the elements from `split` on are read at `second`,
    /// not at `start`. Overwrites as much after the tile as is [#overhang] and the tile's rows together.
    void packLeftRuns(
            Object from, int[] offsets, int first, int count, int start, int second, int split, Object to, int at);

    /// Collects `count` elements: `to[at + k * toStep] = from[offsets[first + k] + start]`.
    void gather(Object from, int[] offsets, int first, int count, int start, Object to, int at, int toStep);

    /// Copies scattered elements: `to[at + i * toStep] = from[start + i * fromStep]`.
    void copy(Object from, int start, int fromStep, int count, Object to, int at, int toStep);

    /// Adds `from[offsets[i] + start]` to `to[toOffsets[i] + at]`, for `i` below `count`.
    void addScattered(Object from, int[] offsets, int start, int count, Object to, int[] toOffsets, int at);

    /// Adds `count` elements of `from` to those of `to`.
    void add(Object from, int start, int count, Object to, int at);

    /// How far [#packLeft] may read beyond what was asked for.
    int overhang();
}
