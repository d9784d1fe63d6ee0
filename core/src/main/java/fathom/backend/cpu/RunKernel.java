package fathom.backend.cpu;

/// Copies of short runs of elements, all of one length, that lie apart. Implementations are emitted by
/// [RunEmitter] for lengths from some number of vectors to twice that. Arrays are `float[]` or `double[]`.
interface RunKernel {
    /// For each of the first `rows` offsets, copies the runs of `length` elements from each `from[offsets[i] +
    /// segments[s] + start]` on, for `s` from `segment` to `segmentEnd - 1`, one after the other to `to[i *
    /// rowStep]` and on.
    void copy(
            Object from,
            int[] offsets,
            int rows,
            int[] segments,
            int segment,
            int segmentEnd,
            int start,
            int length,
            Object to,
            int rowStep);
}
