package fathom.nn;

import fathom.ir.Require;
import java.util.List;

/// How the angles of [RotaryPositions] are made smaller, so that a model sees places further apart than in
/// its training as if they were not.
///
/// @param factor by which angles are divided
/// @param low turns within `context` up to which a pair's angles are divided
/// @param high turns within `context` from which on a pair is left as it is; between the two it is something
///   between
/// @param context places of the sequences in training; 0 if all pairs are treated alike
/// @param divisors by which the pairs' angles are divided besides, one for each; empty for none
public record RotaryScaling(double factor, double low, double high, int context, List<Double> divisors) {
    private static final RotaryScaling NONE = linear(1);

    public RotaryScaling {
        divisors = List.copyOf(divisors);
        divisors.forEach(divisor -> Require.positive("rotaryScaling: divisor", divisor));
        Require.positive("rotaryScaling: factor", factor);
        boolean fits = context == 0 || context > 0 && low > 0 && high > low;
        String message = "rotaryScaling: %s and %s turns in %s places, expected 0 < low < high";
        Require.that(fits, message, low, high, context);
    }

    /// Angles as they are.
    public static RotaryScaling none() {
        return NONE;
    }

    /// All places closer together. Chen et al.: *Extending context window of large language models via
    /// positional interpolation* (2023).
    public static RotaryScaling linear(double factor) {
        return new RotaryScaling(factor, 0, 0, 0, List.of());
    }

    /// Only those pairs slower that do not turn often within the context, and so cannot tell neighbours apart
    /// anyway, as in Llama 3.1. Dubey et al.: *The Llama 3 herd of models* (2024).
    ///
    /// @param low turns within `context` up to which a pair's angles are divided
    /// @param high turns within `context` from which on a pair is left as it is
    /// @param context places of the sequences in training
    /// @throws IllegalArgumentException if `low` is not below `high`, or one is not above 0
    public static RotaryScaling byTurns(double factor, double low, double high, int context) {
        Require.positive("rotaryScaling: context", context);
        return new RotaryScaling(factor, low, high, context, List.of());
    }

    /// Each pair by a divisor of its own, as files have them in which these were computed before.
    ///
    /// @throws IllegalArgumentException if one is not above 0
    public static RotaryScaling divided(List<Double> divisors) {
        return new RotaryScaling(1, 0, 0, 0, divisors);
    }

    /// The angles by which pairs turn from one place to the next.
    ///
    /// @throws IllegalArgumentException if there are divisors, and not one for each
    double[] rates(double[] rates) {
        boolean fits = divisors.isEmpty() || divisors.size() == rates.length;
        Require.that(
                fits, "rotaryScaling: %s divisors, expected one for each of %s pairs", divisors.size(), rates.length);
        double[] scaled = new double[rates.length];
        for (int i = 0; i < rates.length; i++) {
            scaled[i] = rate(rates[i]) / (divisors.isEmpty() ? 1 : divisors.get(i));
        }
        return scaled;
    }

    private double rate(double rate) {
        if (context == 0) {
            return rate / factor;
        }
        double turns = context * rate / (2 * Math.PI);
        double kept = Math.clamp((turns - low) / (high - low), 0.0, 1.0);
        return kept * rate + (1 - kept) * rate / factor;
    }
}
