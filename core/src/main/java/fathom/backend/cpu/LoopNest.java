package fathom.backend.cpu;

/// The emitted loop nest of a [LoopKernel].
interface LoopNest {
    /// Computes the points of a rectangle. A nest of vectors that does not reduce columns takes a
    /// whole number of vectors of columns only.
    void run(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd);
}
