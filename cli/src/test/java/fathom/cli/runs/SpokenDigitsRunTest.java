package fathom.cli.runs;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.Augmentations;
import fathom.data.Dataset;
import fathom.data.SpokenDigits;
import fathom.data.audio.LogMel;
import fathom.data.audio.MelFilters;
import fathom.data.audio.SpecAugment;
import fathom.data.audio.Spectrogram;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Recognises spoken digits in pictures of their frequencies.
@Tag("slow")
class SpokenDigitsRunTest {
    private static final int RATE = 8000;
    private static final int MELS = 40;
    private static final double SILENCE = 1e-2;
    private static final LogMel FREQUENCIES = new LogMel(Spectrogram.of(256, 128), MelFilters.of(MELS, RATE), SILENCE);
    private static final Shape PICTURE = Shape.of(FREQUENCIES.spectrogram().frames(RATE), MELS, 1);
    private static final int BATCH = 16;
    private static final int EPOCHS = 25;

    /// Each recording's first second, as logarithms of 40 bands of frequencies every 16 ms.
    private static Dataset pictures(List<SpokenDigits.Recording> recordings) {
        return SpokenDigits.dataset(recordings, RATE)
                .map(Shape.of(RATE), SpokenDigitsRunTest::asLoudAsOthers)
                .map(PICTURE, FREQUENCIES)
                .map(PICTURE, SpokenDigitsRunTest::aboveSilence)
                .cache();
    }

    private static void asLoudAsOthers(float[] sound, float[] result) {
        float most = 1e-6f;
        for (float amplitude : sound) {
            most = Math.max(most, Math.abs(amplitude));
        }
        for (int i = 0; i < sound.length; i++) {
            result[i] = sound[i] / most;
        }
    }

    /// Silence is 0, as is what comes in where a picture is moved, and what is hidden.
    private static void aboveSilence(float[] picture, float[] result) {
        for (int i = 0; i < picture.length; i++) {
            result[i] = (float) ((picture[i] - Math.log(SILENCE)) / 4);
        }
    }

    @Test
    void recognisesDigits() {
        SpokenDigits digits = SpokenDigits.load();
        Dataset train = pictures(digits.train())
                .augment(1, Augmentations.randomCrop(PICTURE.dim(0), MELS, 3).then(new SpecAugment(1, 5, 1, 8, 0)));

        Sequential model = Sequential.of(
                conv2d(32, 3),
                batchNorm(),
                relu(),
                maxPool2d(2),
                conv2d(64, 3),
                batchNorm(),
                relu(),
                maxPool2d(2),
                conv2d(64, 3),
                batchNorm(),
                relu(),
                maxPool2d(2),
                flatten(),
                dropout(0.4),
                linear(SpokenDigits.CLASSES));
        int steps = EPOCHS * Math.ceilDiv(train.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .optimizer(AdamW.of(3e-3).scheduled(Schedule.oneCycle(steps)))
                .metrics(Metric.accuracy())
                .progress(false);
        trainer.fit(train.shuffle(1).batch(BATCH), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(pictures(digits.test()).batch(100));
        IO.println("spoken digits: " + result);
        assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.95);
    }
}
