package fathom.backend.cpu;

/// A small constant matrix times columns of elements, with many channels side by side: one of the two
/// products of a transformation M · d · Mᵀ. Implementations are emitted by [TransformEmitter]. Arrays are
/// `float[]` or `double[]`.
interface TransformKernel {
    /// Transforms some lines of each of some tiles. Element `i` of a line, for channel `c` below `channels`, is
    /// read from `from[at + tile * tileStep + line * lineStep + i * step + c]` and written to `to[toAt + tile *
    /// toTileStep + line * toLineStep + i * toStep + c]`.
    void run(
            Object from,
            int at,
            int tileStep,
            int lineStep,
            int step,
            Object to,
            int toAt,
            int toTileStep,
            int toLineStep,
            int toStep,
            int tiles,
            int lines,
            int channels);
}
