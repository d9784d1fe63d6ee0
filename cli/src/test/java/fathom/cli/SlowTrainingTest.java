package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.Mnist;
import fathom.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What the first five minutes promise, on the real data.
@Tag("slow")
class SlowTrainingTest {
    private static final int TERMINATED = 143;

    @TempDir
    Path folder;

    @Test
    void oneEpochReadsDigitsAndPicturesOfThem() throws IOException {
        Path run = folder.resolve("run");
        Cli trained = Cli.run("train", "mnist", "--epochs", 1, "--out", run);
        assertThat(trained.err()).isEmpty();
        assertThat(trained.code()).isZero();
        String accuracy =
                Safetensors.read(run.resolve("model.safetensors")).metadata().getOrDefault("test_accuracy", "");
        assertThat(Double.parseDouble(accuracy)).isGreaterThanOrEqualTo(0.98);

        Mnist mnist = Mnist.load();
        int[] truth = mnist.test().all().y().toInts();
        List<Object> words = new ArrayList<>(List.of("predict", "--run", run));
        for (int i = 0; i < 10; i++) {
            String format = i % 3 == 0 ? "jpg" : "png";
            words.add(DigitPictures.write(folder, mnist.test(), i, 60 + 70 * i, i % 2 == 0, format));
        }
        Cli predicted = Cli.run(words.toArray());
        assertThat(predicted.code()).isZero();
        List<String> lines = predicted.out().lines().toList();
        int right = 0;
        for (int i = 0; i < 10; i++) {
            right += lines.get(i).contains(": " + truth[i] + " (") ? 1 : 0;
        }
        assertThat(right).as(predicted.out()).isGreaterThanOrEqualTo(9);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aTerminatedProcessSavesAndGoesOnToTheSameWeights() throws Exception {
        Path whole = folder.resolve("whole");
        Path broken = folder.resolve("broken");
        String[] settings = {"--model", "mlp", "--epochs", "2", "--batch-size", "100"};
        assertThat(process("--out", whole.toString(), settings).waitFor()).isZero();

        Process process = process("--out", broken.toString(), settings);
        while (process.isAlive() && !hasBegunToLearn(broken)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        process.destroy();
        assertThat(process.waitFor()).isEqualTo(TERMINATED);
        assertThat(broken.resolve("checkpoint.safetensors")).exists();
        assertThat(broken.resolve("model.safetensors")).doesNotExist();

        assertThat(process("--resume", broken.toString()).waitFor()).isZero();
        assertThat(Files.mismatch(whole.resolve("model.safetensors"), broken.resolve("model.safetensors")))
                .isEqualTo(-1);
        assertThat(Files.readString(broken.resolve("history.csv")))
                .isEqualTo(Files.readString(whole.resolve("history.csv")));
    }

    /// The first scalars are in the event file, beside its header.
    private static boolean hasBegunToLearn(Path run) throws IOException {
        if (!Files.isDirectory(run)) {
            return false;
        }
        try (Stream<Path> files = Files.list(run)) {
            for (Path p : files.toList()) {
                if (p.getFileName().toString().startsWith("events.") && Files.size(p) > 200) {
                    return true;
                }
            }
        }
        return false;
    }

    private Process process(String option, String run, String... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of("train", "mnist", option, run));
        words.addAll(List.of(more));
        return ChildJava.start(folder.resolve("process.log"), Main.class, words.toArray());
    }
}
