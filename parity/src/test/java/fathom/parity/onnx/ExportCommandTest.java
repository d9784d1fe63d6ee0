package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.Main;
import fathom.cli.mnist.DigitClassifier;
import fathom.data.Mnist;
import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model that the command trained and exported sees the same digits in ONNX Runtime.
class ExportCommandTest {
    private static final int DIGITS = 500;
    private static final int PIXELS = 28 * 28;

    @TempDir
    Path folder;

    private static void run(Object... words) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] all = java.util.Arrays.stream(words).map(Object::toString).toArray(String[]::new);
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        int code = Main.run(all, nowhere, new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
    }

    @Test
    void aTrainedModelSeesTheSameDigits() throws IOException {
        Path run = folder.resolve("run");
        Path file = folder.resolve("digits.onnx");
        run("train", "mnist", "--model", "mlp", "--epochs", 1, "--batch-size", 512, "--quiet", "--out", run);
        run("export", run, file);
        var batch = Mnist.load().test().take(DIGITS).all();
        Tensor seen;
        try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(file))) {
            seen = runtime.run(Map.of("image", batch.x())).values().iterator().next();
        }
        int[] found = seen.argmax(1).toInts();
        int[] labels = batch.y().toInts();
        float[] pixels = batch.x().toFloats();
        Tensor shares = seen.softmax(1);
        DigitClassifier classifier = DigitClassifier.at(run);
        int right = 0;
        for (int i = 0; i < DIGITS; i++) {
            float[] picture = java.util.Arrays.copyOfRange(pixels, i * PIXELS, (i + 1) * PIXELS);
            DigitClassifier.Guess guess =
                    classifier.best(List.of(picture), 1).getFirst().getFirst();
            assertThat(found[i]).as("digit %s", i).isEqualTo(guess.digit());
            assertThat(guess.probability())
                    .isCloseTo(shares.buffer().getDouble(10 * i + found[i]), org.assertj.core.data.Offset.offset(1e-5));
            right += found[i] == labels[i] ? 1 : 0;
        }
        assertThat(right).isGreaterThan(DIGITS * 8 / 10);
    }
}
