package fathom.data.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.data.Dataset;
import fathom.data.Draws;
import fathom.data.Image;
import fathom.data.SpokenDigits;
import fathom.tensor.Shape;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AudioTest {
    private static float[] noise(int samples) {
        Draws draws = Draws.of(9, 0, samples);
        float[] sound = new float[samples];
        for (int i = 0; i < samples; i++) {
            sound[i] = (float) draws.uniform(-1, 1);
        }
        return sound;
    }

    /// |Σ w(n) x(n) exp(-2πikn/N)|², as it is defined.
    private static double power(float[] sound, int from, int length, int fftSize, int k) {
        double real = 0;
        double imaginary = 0;
        for (int n = 0; n < length; n++) {
            double value = (0.5 - 0.5 * Math.cos(2 * Math.PI * n / length)) * sound[from + n];
            real += value * Math.cos(2 * Math.PI * k * n / fftSize);
            imaginary -= value * Math.sin(2 * Math.PI * k * n / fftSize);
        }
        return real * real + imaginary * imaginary;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 30, 64, 100, 255})
    void powerIsTheTransformsSquaredMagnitude(int length) {
        for (int fftSize : new int[] {length, length + 1, 2 * length}) {
            Spectrogram spectrogram = new Spectrogram(length, 5, fftSize, WindowFunction.HANN);
            float[] sound = noise(length + 33);
            double[][] power = spectrogram.power(sound);
            assertThat(power).hasDimensions(33 / 5 + 1, fftSize / 2 + 1);
            for (int f = 0; f < power.length; f++) {
                for (int k = 0; k < power[f].length; k++) {
                    assertThat(power[f][k]).isCloseTo(power(sound, f * 5, length, fftSize, k), within(1e-10 * length));
                }
            }
        }
    }

    @Test
    void energyIsKept() {
        // Parseval: the sum over all frequencies is N times that over the samples.
        float[] sound = noise(48);
        double[] power = new Spectrogram(48, 48, 48, WindowFunction.RECTANGULAR).power(sound)[0];
        double sum = 0;
        for (int k = 0; k < 25; k++) {
            sum += power[k] * (k == 0 || k == 24 ? 1 : 2);
        }
        double energy = 0;
        for (float value : sound) {
            energy += (double) value * value;
        }
        assertThat(sum).isCloseTo(48 * energy, within(1e-9));
    }

    @Test
    void windowsAndFramesAreAsDefined() {
        assertThat(WindowFunction.HANN.weights(4)).containsExactly(new double[] {0, 0.5, 1, 0.5}, within(1e-15));
        assertThat(WindowFunction.HAMMING.weights(4))
                .containsExactly(new double[] {0.08, 0.54, 1, 0.54}, within(1e-15));
        assertThat(WindowFunction.RECTANGULAR.weights(2)).containsExactly(1, 1);
        float[][] frames = Spectrogram.of(3, 2).cut(1, 2, 3, 4, 5, 6);
        assertThat(frames).isDeepEqualTo(new float[][] {{1, 2, 3}, {3, 4, 5}});
    }

    @Test
    void melFiltersAreTriangles() {
        MelFilters filters = MelFilters.of(5, 8000);
        double[][] weights = filters.weights(800);
        assertThat(weights).hasDimensions(5, 401);
        double top = 2595 * Math.log10(1 + 4000 / 700.0);
        for (int m = 0; m < 5; m++) {
            double[] corners = new double[3];
            for (int i = 0; i < 3; i++) {
                corners[i] = 700 * (Math.pow(10, (m + i) * top / 6 / 2595) - 1);
            }
            for (int k = 0; k <= 400; k++) {
                double f = 10.0 * k;
                double expected = f <= corners[0] || f >= corners[2]
                        ? 0
                        : f <= corners[1]
                                ? (f - corners[0]) / (corners[1] - corners[0])
                                : (corners[2] - f) / (corners[2] - corners[1]);
                assertThat(weights[m][k]).isCloseTo(expected, within(1e-12));
            }
        }
        assertThat(MelFilters.mel(MelFilters.hertz(1234))).isCloseTo(1234, within(1e-9));
        // 1000 mel is 1000 Hz, by definition.
        assertThat(MelFilters.mel(1000)).isCloseTo(1000, within(0.05));
    }

    @Test
    void logMelAndMfccAreSumsOfThePower() {
        float[] sound = noise(200);
        Spectrogram spectrogram = Spectrogram.of(64, 32);
        MelFilters filters = MelFilters.of(8, 8000);
        LogMel logMel = LogMel.of(spectrogram, filters);
        Mfcc mfcc = new Mfcc(logMel, 5);
        double[][] power = spectrogram.power(sound);
        double[][] weights = filters.weights(64);
        double[][] logs = logMel.values(sound);
        double[][] coefficients = mfcc.values(sound);
        for (int f = 0; f < power.length; f++) {
            double[] expected = new double[8];
            for (int m = 0; m < 8; m++) {
                for (int k = 0; k < 33; k++) {
                    expected[m] += weights[m][k] * power[f][k];
                }
                expected[m] = Math.log(expected[m]);
            }
            assertThat(logs[f]).containsExactly(expected, within(1e-12));
            for (int c = 0; c < 5; c++) {
                double sum = 0;
                for (int m = 0; m < 8; m++) {
                    sum += expected[m] * Math.cos(Math.PI / 8 * (m + 0.5) * c);
                }
                double scaled = sum * Math.sqrt(2.0 / 8) * (c == 0 ? Math.sqrt(0.5) : 1);
                assertThat(coefficients[f][c]).isCloseTo(scaled, within(1e-11));
            }
        }
        assertThat(logMel.values(new float[64])[0]).containsOnly(Math.log(1e-10));
    }

    @Test
    void soundsOfADataSetBecomePictures() {
        Dataset sounds = SpokenDigits.dataset(SpokenDigits.load().test(), 2000);
        LogMel logMel = LogMel.of(Spectrogram.of(200, 80), MelFilters.of(20, 8000));
        Dataset spectra = sounds.map(logMel.shape(2000), logMel);
        assertThat(spectra.inputShape()).isEqualTo(Shape.of(23, 20));
        double[][] last = logMel.values(sounds.get(299).x().toFloats());
        assertThat(spectra.get(299).x().toFloats()[459]).isEqualTo((float) last[22][19]);
        Spectrogram power = Spectrogram.of(200, 80);
        assertThat(sounds.map(power.shape(2000), power).get(0).x().shape()).isEqualTo(Shape.of(1, 23, 101));
        Mfcc mfcc = new Mfcc(logMel, 13);
        assertThat(sounds.map(mfcc.shape(2000), mfcc).get(0).x().shape()).isEqualTo(Shape.of(1, 23, 13));
    }

    @Test
    void specAugmentHidesBands() {
        Image ones = Image.black(10, 8, 1);
        Arrays.fill(ones.values(), 1);
        SpecAugment masks = new SpecAugment(1, 3, 1, 4, 0);
        int widest = 0;
        int longest = 0;
        for (int i = 0; i < 200; i++) {
            Image made = masks.apply(ones, Draws.of(1, 0, i));
            int columns = 0;
            int rows = 0;
            for (int c = 0; c < 8; c++) {
                boolean hidden = true;
                for (int r = 0; r < 10; r++) {
                    hidden &= made.at(r, c, 0) == 0;
                }
                columns += hidden ? 1 : 0;
            }
            for (int r = 0; r < 10; r++) {
                boolean hidden = true;
                for (int c = 0; c < 8; c++) {
                    hidden &= made.at(r, c, 0) == 0;
                }
                rows += hidden ? 1 : 0;
            }
            int zeros = 0;
            for (float value : made.values()) {
                zeros += value == 0 ? 1 : 0;
            }
            assertThat(zeros).isEqualTo(columns * 10 + rows * 8 - columns * rows);
            widest = Math.max(widest, columns);
            longest = Math.max(longest, rows);
        }
        assertThat(widest).isEqualTo(3);
        assertThat(longest).isEqualTo(4);
        assertThat(ones.values()).containsOnly(1);
    }

    @Test
    void badSettingsAreRefused() {
        assertRefused(() -> Spectrogram.of(0, 1), "spectrogram: a frame of 0, expected at least 1");
        assertRefused(() -> Spectrogram.of(1, 0), "spectrogram: a hop of 0, expected at least 1");
        assertRefused(
                () -> new Spectrogram(4, 1, 3, WindowFunction.HANN),
                "spectrogram: a transform of 3 samples, expected at least a frame's 4");
        assertRefused(() -> Spectrogram.of(8, 1).shape(7), "spectrogram: 7 samples, expected at least 8: one frame");
        assertRefused(
                () -> new MelFilters(3, 8000, 100, 5000),
                "mel filters: from 100.0 to 5000.0 Hz, expected a range within 0 to 4000.0");
        LogMel logMel = LogMel.of(Spectrogram.of(8, 4), MelFilters.of(3, 8000));
        assertRefused(() -> new Mfcc(logMel, 4), "mfcc: 4 coefficients, expected 1 to 3 as there are mel filters");
        assertRefused(
                () -> logMel.apply(new float[8], new float[4]), "sound: a result of 4 values, expected 3 for 1 frames");
        assertRefused(
                () -> new SpecAugment(1, -1, 1, 1, 0), "spec augment: a number or width of -1.0, expected 0 or more");
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
