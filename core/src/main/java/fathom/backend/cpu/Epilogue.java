package fathom.backend.cpu;

/// What is done to a block of a kernel's result as soon as it is final, by the worker that finished
/// it, while it is hot in that worker's cache: bias, activation, a residual added.
///
/// The result is seen as a matrix: for a product the rows are all rows of all batches one after the
/// other, for a convolution they are the pixels `[N * OH * OW]` and the columns the channels. Each
/// element is in exactly one block. Blocks come in any order, from several workers at once.
@FunctionalInterface
interface Epilogue {
    /// Called once per block, rows `rowFrom..rowTo-1` by columns `columnFrom..columnTo-1`.
    ///
    /// @param worker the worker's index in its [WorkerPool]
    void apply(int worker, int rowFrom, int rowTo, int columnFrom, int columnTo);
}
