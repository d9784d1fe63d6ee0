package fathom.data.audio;

import fathom.data.Transform;
import fathom.ir.Require;
import fathom.tensor.Shape;

/// The short-time Fourier transform's power: how strong each frequency is in each frame of a sound,
/// `[samples]` to `[frames, fftSize / 2 + 1]`.
///
/// Frame `f` starts at sample `f × hop`; only whole frames count. A frame is weighted by the window
/// and followed by zeros up to `fftSize`. Frequency `k` is `k / fftSize` of the sampling rate.
///
/// ```
/// var frequencies = Spectrogram.of(256, 128);
/// dataset.map(frequencies.shape(8000), frequencies);
/// ```
///
/// @param frameLength samples in a frame
/// @param hop samples from one frame's start to the next
/// @param fftSize the transform's length, at least a frame's
/// @param window how a frame fades in and out
public record Spectrogram(int frameLength, int hop, int fftSize, WindowFunction window) implements Transform {
    public Spectrogram {
        Require.positive("spectrogram: a frame of", frameLength);
        Require.positive("spectrogram: a hop of", hop);
        boolean fits = fftSize >= frameLength;
        String message = "spectrogram: a transform of %s samples, expected at least a frame's %s";
        Require.that(fits, message, fftSize, frameLength);
    }

    /// With Hann's window and a transform of a frame's length.
    ///
    /// @param frameLength samples in a frame
    /// @param hop samples from one frame's start to the next
    /// @throws IllegalArgumentException if one is below 1
    public static Spectrogram of(int frameLength, int hop) {
        return new Spectrogram(frameLength, hop, frameLength, WindowFunction.HANN);
    }

    /// How many whole frames a sound has.
    ///
    /// @throws IllegalArgumentException if it has none
    public int frames(int samples) {
        boolean fits = samples >= frameLength;
        Require.that(fits, "spectrogram: %s samples, expected at least %s: one frame", samples, frameLength);
        return (samples - frameLength) / hop + 1;
    }

    /// How many frequencies there are.
    public int frequencies() {
        return fftSize / 2 + 1;
    }

    /// The result's shape: `[frames, frequencies]`.
    ///
    /// @param samples the sound's length
    /// @throws IllegalArgumentException if that is less than one frame
    public Shape shape(int samples) {
        return Shape.of(frames(samples), frequencies());
    }

    /// The overlapping frames of a sound, not weighted.
    ///
    /// @param sound `[samples]`
    /// @return `[frames][frameLength]`
    /// @throws IllegalArgumentException if the sound is shorter than one frame
    public float[][] cut(float... sound) {
        float[][] cut = new float[frames(sound.length)][frameLength];
        for (int f = 0; f < cut.length; f++) {
            System.arraycopy(sound, f * hop, cut[f], 0, frameLength);
        }
        return cut;
    }

    /// The power of each frequency in each frame, in double precision.
    ///
    /// @param sound `[samples]`
    /// @return `[frames][frequencies]`
    /// @throws IllegalArgumentException if the sound is shorter than one frame
    public double[][] power(float... sound) {
        double[][] power = new double[frames(sound.length)][frequencies()];
        double[] weights = window.weights(frameLength);
        Fft fft = new Fft(fftSize);
        double[] frame = new double[fftSize];
        for (int f = 0; f < power.length; f++) {
            for (int n = 0; n < frameLength; n++) {
                frame[n] = weights[n] * sound[f * hop + n];
            }
            fft.power(frame, power[f]);
        }
        return power;
    }

    @Override
    public void apply(float[] sample, float[] result) {
        Rows.write(power(sample), result);
    }
}
