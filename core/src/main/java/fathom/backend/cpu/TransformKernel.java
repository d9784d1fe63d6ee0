package fathom.backend.cpu;

/// M · d · Mᵀ for a small constant matrix M and square blocks d, with many channels side by side.
/// Implementations are emitted by [TransformEmitter]. Arrays are `float[]` or `double[]`.
interface TransformKernel {
    /// Transforms one block. Element `(i, j)` of channel `c` is read from `from[at + i * rowStep + j
    /// * columnStep + c]` and written to `to[toAt + i * toRowStep + j * toColumnStep + c]`, for `c`
    /// below `channels`. Between the two products `aside` is used: a vector for each
    /// element of the larger block.
    void run(
            Object from,
            int at,
            int rowStep,
            int columnStep,
            Object to,
            int toAt,
            int toRowStep,
            int toColumnStep,
            int channels,
            Object aside);
}
