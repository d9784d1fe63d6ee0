package fathom.data.audio;

import fathom.data.Transform;
import fathom.ir.Require;
import fathom.tensor.Shape;

/// The natural logarithm of a spectrogram's power on the mel scale: `[samples]` to
/// `[frames, filters.count()]`.
///
/// @param spectrogram the frames and their frequencies
/// @param filters the triangles that sum up frequencies
/// @param least the power below which no difference is made; it keeps the logarithm finite
public record LogMel(Spectrogram spectrogram, MelFilters filters, double least) implements Transform {
    private static final double DEFAULT_LEAST = 1e-10;

    public LogMel {
        Require.positive("log mel: a least power of", least);
    }

    /// With a least power of 1e-10.
    public static LogMel of(Spectrogram spectrogram, MelFilters filters) {
        return new LogMel(spectrogram, filters, DEFAULT_LEAST);
    }

    /// The result's shape: `[frames, filters]`.
    ///
    /// @param samples the sound's length
    /// @throws IllegalArgumentException if that is less than one frame
    public Shape shape(int samples) {
        return Shape.of(spectrogram.frames(samples), filters.count());
    }

    /// The logarithms, in double precision.
    ///
    /// @param sound `[samples]`
    /// @return `[frames][filters]`
    /// @throws IllegalArgumentException if the sound is shorter than one frame
    public double[][] values(float... sound) {
        double[][] power = spectrogram.power(sound);
        double[][] weights = filters.weights(spectrogram.fftSize());
        double[][] values = new double[power.length][weights.length];
        for (int f = 0; f < power.length; f++) {
            for (int m = 0; m < weights.length; m++) {
                double sum = 0;
                for (int k = 0; k < power[f].length; k++) {
                    sum += weights[m][k] * power[f][k];
                }
                values[f][m] = StrictMath.log(Math.max(least, sum));
            }
        }
        return values;
    }

    @Override
    public void apply(float[] sample, float[] result) {
        Rows.write(values(sample), result);
    }
}
