package fathom.data;

import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A part of the Free Spoken Digit Dataset: English digits, 8 kHz, six speakers.
///
/// Z. Jackson and others. The file is carried inside this module under CC BY-SA 4.0; the notice
/// beside it says more.
///
/// @param train 900 recordings to learn from
/// @param test 300 other recordings of the same speakers, to measure with
public record SpokenDigits(List<Recording> train, List<Recording> test) {
    /// The number of classes: the digits.
    public static final int CLASSES = 10;

    private static final Carried FILE = new Carried(
            "spokendigits/fsdd-subset.zip", "92de0155ce49f7b85cbbe47198d6d8f59224fd9337a84cbb3fefb761f847b402");

    public SpokenDigits {
        train = List.copyOf(train);
        test = List.copyOf(test);
    }

    /// One spoken digit.
    ///
    /// @param sound 8,000 amplitudes a second
    /// @param digit what is said
    /// @param speaker who says it
    public record Recording(Wav sound, int digit, String speaker) {}

    /// The recordings that this module carries.
    ///
    /// @throws IllegalStateException if the file is missing or damaged: its SHA-256 is checked
    public static SpokenDigits load() {
        Map<String, byte[]> files = ZipFiles.read(FILE.bytes(), FILE.file());
        return new SpokenDigits(recordings(files, "train/"), recordings(files, "test/"));
    }

    private static List<Recording> recordings(Map<String, byte[]> files, String folder) {
        List<Recording> recordings = new ArrayList<>();
        files.forEach((path, bytes) -> {
            if (path.startsWith(folder)) {
                String[] parts = path.substring(folder.length()).split("_", -1);
                recordings.add(
                        new Recording(Wav.read(bytes, FILE.file() + "/" + path), Integer.parseInt(parts[0]), parts[1]));
            }
        });
        return recordings;
    }

    /// Recordings as a data set.
    ///
    /// @param recordings the training or the test data
    /// @param samples how many amplitudes each input has, F32: longer recordings are cut off, shorter
    ///   ones have silence after them
    public static Dataset dataset(List<Recording> recordings, int samples) {
        float[][] sounds = recordings.stream()
                .map(recording -> recording.sound().toLength(samples).values())
                .toArray(float[][]::new);
        int[] digits = recordings.stream().mapToInt(Recording::digit).toArray();
        return Dataset.of(Tensor.of(sounds), Tensor.of(digits, digits.length));
    }
}
