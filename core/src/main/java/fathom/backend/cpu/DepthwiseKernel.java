package fathom.backend.cpu;

/// Sums of products, element by element, of rows that lie at different places: what convolutions
/// consist of in which each channel is by itself. Implementations are emitted by
/// [DepthwiseEmitter] for a fixed number of columns.
interface DepthwiseKernel {
    /// For each column `j`, adds the products of `a[aOffsets[t] + ao + j]` and `b[bOffsets[t] + bo +
    /// j]`, for `t` below `count`, in order of t, to 0 or, if `accumulate`, to `c[co + j]`, and
    /// writes the sum there.
    void run(
            Object a,
            int[] aOffsets,
            int ao,
            Object b,
            int[] bOffsets,
            int bo,
            int count,
            Object c,
            int co,
            boolean accumulate);
}
