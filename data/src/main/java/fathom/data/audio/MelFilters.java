package fathom.data.audio;

import fathom.ir.Require;

/// Triangles over the frequencies, as far apart as the ear hears them: each begins at the middle of
/// the one before and ends at that of the one after, evenly spaced on the mel scale
/// `2595 log₁₀(1 + f / 700)`, and is 1 at its own.
///
/// S. S. Stevens, J. Volkmann, E. B. Newman (1937); the formula is D. O'Shaughnessy's (1987), HTK's.
///
/// @param count how many triangles
/// @param sampleRate samples a second
/// @param lowest where the first begins, in hertz
/// @param highest where the last ends, in hertz, at most half the sampling rate
public record MelFilters(int count, int sampleRate, double lowest, double highest) {
    public MelFilters {
        Require.positive("mel filters:", count);
        Require.positive("mel filters: a sampling rate of", sampleRate);
        boolean fits = lowest >= 0 && lowest < highest && highest <= sampleRate / 2.0;
        String message = "mel filters: from %s to %s Hz, expected a range within 0 to %s";
        Require.that(fits, message, lowest, highest, sampleRate / 2.0);
    }

    /// Over all frequencies.
    ///
    /// @throws IllegalArgumentException if a number is below 1
    public static MelFilters of(int count, int sampleRate) {
        return new MelFilters(count, sampleRate, 0, sampleRate / 2.0);
    }

    static double mel(double hertz) {
        return 2595 * StrictMath.log10(1 + hertz / 700);
    }

    static double hertz(double mel) {
        return 700 * (StrictMath.pow(10, mel / 2595) - 1);
    }

    /// The weights of the frequencies of a transform.
    ///
    /// @param fftSize the transform's length
    /// @return `[count][fftSize / 2 + 1]`
    public double[][] weights(int fftSize) {
        double[][] weights = new double[count][fftSize / 2 + 1];
        double from = mel(lowest);
        double step = (mel(highest) - from) / (count + 1);
        for (int m = 0; m < count; m++) {
            double left = hertz(from + m * step);
            double middle = hertz(from + (m + 1) * step);
            double right = hertz(from + (m + 2) * step);
            for (int k = 0; k < weights[m].length; k++) {
                double f = (double) k * sampleRate / fftSize;
                weights[m][k] = Math.max(0, Math.min((f - left) / (middle - left), (right - f) / (right - middle)));
            }
        }
        return weights;
    }
}
