package fathom.backend.cpu;

import fathom.ir.Philox;

/// The block of random words that a loop drew from last: neighbouring elements share it.
final class LoopRandom {
    private final int[] words = new int[4];
    private long seed;
    private long block;
    private boolean drawn;

    /// Element `index` of the stream that starts at block `offset`.
    int word(long seed, long offset, long index) {
        long block = offset + (index >>> 2);
        if (!drawn || this.block != block || this.seed != seed) {
            Philox.block(seed, block, words);
            this.seed = seed;
            this.block = block;
            drawn = true;
        }
        return words[(int) index & 3];
    }
}
