package fathom.tensor;

import fathom.ir.Op;
import fathom.ir.Philox;
import fathom.ir.Require;
import java.nio.charset.StandardCharsets;

/// A stream of random numbers: the same seed gives the same numbers, on any number of threads.
///
/// The numbers come from the counter-based generator [Philox]. A stream is a seed and a position,
/// counted in blocks of four 32-bit words; every draw takes the blocks it needs and moves the
/// position on, so that a stream can be resumed exactly with [#of(long, long)]. A draw records the
/// position it was made at: the numbers do not depend on when they are evaluated.
///
/// A stream is for one thread; [#split] gives others streams of their own.
public final class RandomStream {
    private final long seed;
    private long position;

    private RandomStream(long seed, long position) {
        this.seed = seed;
        this.position = position;
    }

    /// The stream of a seed, from its start.
    public static RandomStream of(long seed) {
        return new RandomStream(seed, 0);
    }

    /// The stream of a seed, from a position that [#position] told.
    ///
    /// @throws IllegalArgumentException if the position is negative
    public static RandomStream of(long seed, long position) {
        Require.that(position >= 0, "random stream: position %s, expected none below 0", position);
        return new RandomStream(seed, position);
    }

    /// What the stream was made from.
    public long seed() {
        return seed;
    }

    /// How many blocks have been taken.
    public long position() {
        return position;
    }

    /// Another stream, independent of this one and of those with other names. It depends on the
    /// seed and the name alone, not on the position.
    public RandomStream split(String name) {
        // FNV-1a names a block, and the block, under this stream's key, is the other stream's key.
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        int[] words = new int[4];
        Philox.block(seed, hash, words);
        return of(words[1] & 0xffffffffL | (long) words[2] << 32);
    }

    // ---- tensors ----

    /// Random bits, I32.
    public Tensor bits(Shape shape) {
        Tensor stream = Tensor.of(new long[] {seed, position}, 2);
        position += Math.ceilDiv(shape.size(), 4);
        return Tensor.of(new Op.RandomBits(shape), stream);
    }

    /// F32 numbers evenly spread over 0 (included) to 1 (not included).
    public Tensor uniform(Shape shape) {
        return uniform(shape, DType.F32);
    }

    /// Numbers evenly spread over 0 (included) to 1 (not included): multiples of 2^-24 (F32) or
    /// 2^-53 (F64).
    ///
    /// @throws IllegalArgumentException if the dtype is not F32 or F64
    public Tensor uniform(Shape shape, DType dtype) {
        expectFloating("uniform", dtype);
        if (dtype == DType.F32) {
            return bits(shape).shiftRight(8).cast(DType.F32).mul(0x1p-24);
        }
        Tensor high = bits(shape).shiftRight(5).cast(DType.F64);
        Tensor low = bits(shape).shiftRight(6).cast(DType.F64);
        return high.mul(0x1p26).add(low).mul(0x1p-53);
    }

    /// F32 numbers of the normal distribution with mean 0 and variance 1.
    public Tensor normal(Shape shape) {
        return normal(shape, DType.F32);
    }

    /// Numbers of the normal distribution with mean 0 and variance 1, by the transformation of Box
    /// and Muller (1958).
    ///
    /// @throws IllegalArgumentException if the dtype is not F32 or F64
    public Tensor normal(Shape shape, DType dtype) {
        expectFloating("normal", dtype);
        Tensor radius = open(shape, dtype).log().mul(-2).sqrt();
        Tensor angle = uniform(shape, dtype).mul(2 * Math.PI);
        return radius.mul(angle.cos());
    }

    /// Uniform numbers that are neither 0 nor 1: halfway between multiples of a power of 2.
    private Tensor open(Shape shape, DType dtype) {
        if (dtype == DType.F32) {
            return bits(shape).shiftRight(9).cast(DType.F32).add(0.5).mul(0x1p-23);
        }
        Tensor high = bits(shape).shiftRight(6).cast(DType.F64);
        Tensor low = bits(shape).shiftRight(6).cast(DType.F64);
        return high.mul(0x1p26).add(low).add(0.5).mul(0x1p-52);
    }

    /// BOOL, each element true with the given probability.
    ///
    /// @throws IllegalArgumentException if `probability` is not within 0 to 1
    public Tensor bernoulli(Shape shape, double probability) {
        boolean fits = probability >= 0 && probability <= 1;
        Require.that(fits, "bernoulli: probability %s, expected 0 to 1", probability);
        return uniform(shape).less(probability);
    }

    /// Classes drawn each with its probability, I32: of logits `[..., C]` those along the last axis, `[...]`. A logit
    /// of minus infinity is never drawn.
    ///
    /// To each logit its own number of Gumbel's distribution is added, and the greatest sum wins; Maddison, Tarlow
    /// and Minka: *A\* sampling* (2014).
    ///
    /// @throws IllegalArgumentException if the dtype is not F32 or F64, or there is no class to draw
    public Tensor categorical(Tensor logits) {
        expectFloating("categorical", logits.dtype());
        boolean fits = logits.rank() > 0 && logits.dim(-1) > 0;
        Require.that(fits, "categorical: %s, expected logits [..., C] of at least one class", logits.type());
        Tensor gumbel = open(logits.shape(), logits.dtype()).log().neg().log().neg();
        return logits.add(gumbel).argmax(-1);
    }

    /// 0 to n - 1 in random order, I32.
    ///
    /// @throws IllegalArgumentException if `n` is negative
    public Tensor permutation(int n) {
        return Tensor.of(shuffled(n), n);
    }

    // ---- host side ----

    /// 0 to n - 1 in random order.
    ///
    /// @throws IllegalArgumentException if `n` is negative
    public int[] shuffled(int n) {
        Require.that(n >= 0, "shuffled: %s, expected none below 0", n);
        int[] order = new int[n];
        int[] words = new int[4];
        for (int i = 0; i < n; i++) {
            // Inside-out Fisher-Yates. The high half of a 64-bit product spreads 64 random bits over
            // 0 to i, evenly to one part in 2^33.
            if (i % 2 == 0) {
                Philox.block(seed, position++, words);
            }
            long bits = words[i % 2 * 2] & 0xffffffffL | (long) words[i % 2 * 2 + 1] << 32;
            int j = (int) Math.unsignedMultiplyHigh(bits, i + 1L);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static void expectFloating(String operation, DType dtype) {
        Require.that(dtype.isFloating(), "%s: dtype %s, expected F32 or F64", operation, dtype);
    }
}
