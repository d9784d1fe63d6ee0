package fathom.data.audio;

import fathom.data.Transform;
import fathom.ir.Require;
import fathom.tensor.Shape;

/// Mel-frequency cepstral coefficients: the first coefficients of the orthonormal discrete cosine
/// transform (type II) of each frame's log-mel values, `[samples]` to `[frames, count]`.
///
/// S. B. Davis, P. Mermelstein: *Comparison of parametric representations for monosyllabic word
/// recognition in continuously spoken sentences* (1980).
///
/// @param logMel what is transformed
/// @param count how many coefficients
public record Mfcc(LogMel logMel, int count) implements Transform {
    public Mfcc {
        int most = logMel.filters().count();
        boolean fits = count >= 1 && count <= most;
        Require.that(fits, "mfcc: %s coefficients, expected 1 to %s as there are mel filters", count, most);
    }

    /// The result's shape: `[frames, count]`.
    ///
    /// @param samples the sound's length
    /// @throws IllegalArgumentException if that is less than one frame
    public Shape shape(int samples) {
        return Shape.of(logMel.spectrogram().frames(samples), count);
    }

    /// The coefficients, in double precision.
    ///
    /// @param sound `[samples]`
    /// @return `[frames][count]`
    /// @throws IllegalArgumentException if the sound is shorter than one frame
    public double[][] values(float... sound) {
        double[][] mel = logMel.values(sound);
        int bands = logMel.filters().count();
        double[][] values = new double[mel.length][count];
        for (int c = 0; c < count; c++) {
            double scale = Math.sqrt((c == 0 ? 1.0 : 2.0) / bands);
            for (int m = 0; m < bands; m++) {
                double weight = scale * StrictMath.cos(Math.PI * c * (2 * m + 1) / (2.0 * bands));
                for (int f = 0; f < mel.length; f++) {
                    values[f][c] += weight * mel[f][m];
                }
            }
        }
        return values;
    }

    @Override
    public void apply(float[] sample, float[] result) {
        Rows.write(values(sample), result);
    }
}
