package fathom.nn.generate;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/// How the next token is drawn from a model's logits: first they are divided by the temperature, then all but the
/// `topK`
/// likeliest tokens are left out, then all but the likeliest whose probabilities add up to `topP`. What is left is
/// drawn
/// with its probability.
///
/// ```java
/// int token = Sampling.of().temperature(0.8).topP(0.9).choose(logits, random);
/// ```
///
/// Fan, Lewis and Dauphin: *Hierarchical neural story generation* (2018), for top-k; Holtzman et al.: *The curious case
/// of
/// neural text degeneration* (2020), for top-p.
///
/// @param temperature below 1 for likelier tokens more often; 0 for the likeliest always
/// @param topK how many tokens can be drawn; all if 0
/// @param topP how much of the probability can be drawn, above 0 and up to 1
public record Sampling(double temperature, int topK, double topP) {
    private static final int SIGN = 1 << 31;

    public Sampling {
        Require.notNegative("sampling: temperature", temperature);
        Require.that(topK >= 0, "sampling: topK %s, expected 0 or more", topK);
        Require.that(topP > 0 && topP <= 1, "sampling: topP %s, expected above 0 and up to 1", topP);
    }

    /// As the model has it: a temperature of 1, and all tokens.
    public static Sampling of() {
        return new Sampling(1, 0, 1);
    }

    /// Always the likeliest token, the first of those that are equally likely.
    public static Sampling greedy() {
        return new Sampling(0, 0, 1);
    }

    public Sampling temperature(double value) {
        return new Sampling(value, topK, topP);
    }

    public Sampling topK(int count) {
        return new Sampling(temperature, count, topP);
    }

    public Sampling topP(double sum) {
        return new Sampling(temperature, topK, sum);
    }

    /// Draws a token.
    ///
    /// @param logits one for each token; minus infinity for those that are never drawn
    /// @param random which is asked for one number, unless the temperature is 0
    /// @throws IllegalArgumentException if there is no token to draw, or a logit is not a number
    public int choose(float[] logits, RandomGenerator random) {
        double[] shares = probabilities(logits);
        if (temperature == 0) {
            return likeliest(logits);
        }
        double left = random.nextDouble();
        int last = 0;
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0) {
                last = i;
                left -= shares[i];
                if (left < 0) {
                    break;
                }
            }
        }
        return last;
    }

    /// The probability with which each token is drawn.
    ///
    /// @param logits one for each token
    /// @throws IllegalArgumentException if there is no token to draw, or a logit is not a number
    public double[] probabilities(float[] logits) {
        int best = likeliest(logits);
        double[] shares = new double[logits.length];
        if (temperature == 0) {
            shares[best] = 1;
            return shares;
        }
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.exp((logits[i] - (double) logits[best]) / temperature);
            sum += shares[i];
        }
        if (topK > 0 && topK < shares.length || topP < 1) {
            sum = leaveOut(logits, shares, sum);
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }

    /// Logits `[..., tokens]` with minus infinity for those tokens that are not drawn, and divided by the temperature.
    /// It
    /// is computed at once, and has no gradient.
    ///
    /// @throws IllegalArgumentException as [#probabilities]
    public Tensor filtered(Tensor logits) {
        int tokens = logits.dim(-1);
        float[] all = logits.toFloats();
        for (int from = 0; from < all.length; from += tokens) {
            double[] shares = probabilities(Arrays.copyOfRange(all, from, from + tokens));
            for (int i = 0; i < tokens; i++) {
                float logit = temperature == 0 ? 0 : (float) (all[from + i] / temperature);
                all[from + i] = shares[i] > 0 ? logit : Float.NEGATIVE_INFINITY;
            }
        }
        return Tensor.of(all, logits.shape().dims());
    }

    /// Makes the shares of the tokens zero that are not drawn.
    ///
    /// @return the sum of the others
    private double leaveOut(float[] logits, double[] shares, double all) {
        // All others together are less than what top-p leaves out.
        double least = topK == 0 ? (1 - topP) / logits.length * all : 0;
        long[] order = order(logits, least, shares);
        int most = topK == 0 ? order.length : Math.min(topK, order.length);
        double sum = all;
        if (topK > 0) {
            sum = 0;
            for (int i = 0; i < most; i++) {
                sum += shares[token(order[i])];
            }
        }
        double enough = sum * topP;
        int kept = 0;
        double reached = 0;
        while (kept < most && (kept == 0 || reached < enough)) {
            reached += shares[token(order[kept])];
            kept++;
        }
        double[] chosen = new double[shares.length];
        for (int i = 0; i < kept; i++) {
            chosen[token(order[i])] = shares[token(order[i])];
        }
        System.arraycopy(chosen, 0, shares, 0, shares.length);
        return reached;
    }

    /// Tokens with a share of at least so much, the likeliest first.
    private static long[] order(float[] logits, double least, double[] shares) {
        long[] keys = new long[logits.length];
        int count = 0;
        for (int i = 0; i < keys.length; i++) {
            if (shares[i] >= least) {
                // In the order of floats turned round, and of equal ones the first first.
                int bits = Float.floatToIntBits(logits[i] + 0f);
                int ascending = bits < 0 ? ~bits : bits ^ SIGN;
                keys[count++] = (long) (~ascending ^ SIGN) << Integer.SIZE | i;
            }
        }
        Arrays.sort(keys, 0, count);
        return Arrays.copyOf(keys, count);
    }

    private static int token(long key) {
        return (int) key;
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            Require.that(!Float.isNaN(logits[i]), "sampling: logit %s is not a number", i);
            best = logits[i] > logits[best] ? i : best;
        }
        boolean some = logits.length > 0 && Float.isFinite(logits[best]);
        Require.that(some, "sampling: no finite logit among %s, expected a token to draw", logits.length);
        return best;
    }
}
