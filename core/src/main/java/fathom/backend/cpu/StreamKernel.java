package fathom.backend.cpu;

/// One row of a product with a matrix B that is read where it is, once: what a product with a
/// single row spends its time on. Implementations are emitted by [StreamEmitter] for a fixed number
/// of columns.
interface StreamKernel {
    /// For each column `j`, adds the products of `a[ao + k * aStep]` and `b[bo + k * stride + j]`,
    /// for `k` below `length`, in order of k, to 0 or, if `accumulate`, to `c[co + j]`, and writes
    /// the sum there.
    void run(
            Object a,
            int ao,
            int aStep,
            int length,
            Object b,
            int bo,
            int stride,
            Object c,
            int co,
            boolean accumulate);
}
