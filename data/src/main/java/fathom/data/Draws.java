package fathom.data;

import fathom.ir.Philox;
import fathom.ir.Require;

/// Random numbers for one sample of one epoch, as plain Java values: a function of the seed, the
/// epoch and the sample's index alone, whichever thread asks, and in whichever order.
///
/// It counts what was drawn, so it is for one thread.
public final class Draws {
    private static final double STEP = 0x1p-53;

    private final long key;
    private final int[] words = new int[4];
    private long block;
    private int used = words.length;

    private Draws(long key) {
        this.key = key;
    }

    /// The numbers of one sample.
    ///
    /// @param seed what makes these numbers others than those of another use
    /// @param epoch the epoch's number, from 0
    /// @param sample the sample's index, from 0
    public static Draws of(long seed, int epoch, int sample) {
        int[] words = new int[4];
        Philox.block(seed, (long) epoch << Integer.SIZE | sample & 0xffffffffL, words);
        return new Draws((long) words[1] << Integer.SIZE | words[0] & 0xffffffffL);
    }

    private long bits() {
        if (used == words.length) {
            Philox.block(key, block++, words);
            used = 0;
        }
        long low = words[used++] & 0xffffffffL;
        return (long) words[used++] << Integer.SIZE | low;
    }

    /// A number from 0 (included) to 1 (not included), a multiple of 2^-53.
    public double uniform() {
        return (bits() >>> 11) * STEP;
    }

    /// A number evenly spread over `from` to `to`.
    public double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    /// A whole number from 0 to `bound - 1`, each as likely.
    ///
    /// @throws IllegalArgumentException if `bound` is below 1
    public int below(int bound) {
        Require.positive("draws: a bound of", bound);
        return (int) Math.unsignedMultiplyHigh(bits(), bound);
    }

    /// True with the given probability.
    public boolean chance(double probability) {
        return uniform() < probability;
    }

    /// A number of the normal distribution with mean 0 and variance 1 (Box, Muller 1958).
    public double normal() {
        double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform()));
        return radius * StrictMath.cos(2 * Math.PI * uniform());
    }

    /// A number of the beta distribution with both parameters `alpha`, from two of the gamma
    /// distribution.
    ///
    /// @throws IllegalArgumentException if `alpha` is not above 0
    public double beta(double alpha) {
        Require.positive("draws: a beta distribution with alpha", alpha);
        double first = logGamma(alpha);
        double second = logGamma(alpha);
        return 1 / (1 + StrictMath.exp(second - first));
    }

    /// The logarithm of a number of the gamma distribution, by the method of Marsaglia and Tsang
    /// (2000). The logarithm, since with a small `alpha` the number itself is often too small.
    private double logGamma(double alpha) {
        if (alpha < 1) {
            return logGamma(alpha + 1) + StrictMath.log(1 - uniform()) / alpha;
        }
        double d = alpha - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = normal();
            double v = 1 + c * x;
            if (v > 0) {
                double logCube = 3 * StrictMath.log(v);
                double bound = x * x / 2 + d - d * v * v * v + d * logCube;
                if (StrictMath.log(1 - uniform()) < bound) {
                    return StrictMath.log(d) + logCube;
                }
            }
        }
    }
}
