package fathom.ir;

/// The counter-based random generator Philox4x32-10: random bits as a pure function of a key and a
/// counter, so that any thread can compute any part of a stream in any order.
///
/// A stream is named by a 64-bit `seed` (the key) and starts at a 64-bit block counter. One block
/// yields four 32-bit words. The counter's upper 64 bits are zero. Element `i` of the stream that
/// starts at block `offset` is
///
/// ```
/// word(seed, offset + (i >>> 2), (int) (i & 3))
/// ```
///
/// Salmon, Moraes, Dror, Shaw: *Parallel random numbers: as easy as 1, 2, 3* (SC 2011).
public final class Philox {
    private static final int ROUNDS = 10;
    private static final long MULTIPLIER_0 = 0xD2511F53L;
    private static final long MULTIPLIER_1 = 0xCD9E8D57L;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /// One 32-bit word.
    ///
    /// @param seed the key
    /// @param counterBlock the block's number
    /// @param lane which of the block's four words, 0 to 3
    public static int word(long seed, long counterBlock, int lane) {
        var words = new int[4];
        block(seed, counterBlock, words);
        return words[lane];
    }

    /// Writes the four words of a block into `words[0..3]`.
    ///
    /// @param seed the key
    /// @param counterBlock the block's number
    /// @param words receives the words
    public static void block(long seed, long counterBlock, int[] words) {
        block((int) seed, (int) (seed >>> 32), counterBlock, 0, words);
    }

    /// The whole function: two key words, four counter words.
    static void block(int key0, int key1, long counterLow, long counterHigh, int[] words) {
        int c0 = (int) counterLow;
        int c1 = (int) (counterLow >>> 32);
        int c2 = (int) counterHigh;
        int c3 = (int) (counterHigh >>> 32);
        int k0 = key0;
        int k1 = key1;
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = MULTIPLIER_0 * (c0 & LOW);
            long product1 = MULTIPLIER_1 * (c2 & LOW);
            c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
            c3 = (int) product0;
            k0 += WEYL_0;
            k1 += WEYL_1;
        }
        words[0] = c0;
        words[1] = c1;
        words[2] = c2;
        words[3] = c3;
    }
}
