package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A process that is killed has no time to save anything: what it saved before has to do.
@Tag("slow")
@DisabledOnOs(OS.WINDOWS)
class SlowKillTest {
    private static final int KILLED = 137;
    private static final int KILLS = 6;
    private static final int MOST_STEPS = 30;
    private static final int MOST_MICROSECONDS = 5_000;

    @TempDir
    Path folder;

    /// Whatever moment the kills hit: in a step, between two files of a checkpoint, or in one.
    @Test
    void aTrainingThatIsKilledAgainAndAgainComesToTheSameWeights() throws Exception {
        Path whole = Files.createDirectory(folder.resolve("whole"));
        Path broken = Files.createDirectory(folder.resolve("broken"));
        Path log = folder.resolve("process.log");
        assertThat(ChildJava.start(log, KilledTraining.class, whole).waitFor())
                .as(() -> log.toString())
                .isZero();

        RandomGenerator random = new SplittableRandom(20261122);
        for (int i = 0; i < KILLS; i++) {
            Process process = ChildJava.of(KilledTraining.class, broken).start();
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                // Enough to come beyond the next checkpoint.
                int steps = random.nextInt(KilledTraining.EVERY_STEPS + 1, MOST_STEPS);
                String line = out.readLine();
                while (line != null && steps > 0) {
                    steps -= line.matches("\\d+") ? 1 : 0;
                    line = out.readLine();
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(MOST_MICROSECONDS));
                process.destroyForcibly();
            }
            assertThat(process.waitFor()).isEqualTo(KILLED);
            assertThat(broken.resolve(KilledTraining.WEIGHTS)).doesNotExist();
        }
        assertThat(ChildJava.start(log, KilledTraining.class, broken).waitFor()).isZero();

        for (String name : List.of(KilledTraining.WEIGHTS, KilledTraining.STEPS, KilledTraining.EPOCH_TABLE)) {
            assertThat(Files.mismatch(whole.resolve(name), broken.resolve(name)))
                    .as("first byte in which %s differ", name)
                    .isEqualTo(-1);
        }
        assertThat(Files.readAllLines(broken.resolve(KilledTraining.STEPS)))
                .hasSize(1 + KilledTraining.EPOCHS * KilledTraining.BATCHES);
        Map<String, SortedMap<Long, Float>> curves = curves(broken);
        assertThat(curves).isEqualTo(curves(whole)).containsKeys("step/loss", "loss/train", "loss/validation");
        assertThat(curves.getOrDefault("step/loss", new TreeMap<>()))
                .hasSize(KilledTraining.EPOCHS * KilledTraining.BATCHES);
        assertThat(names(broken)).isEqualTo(names(whole)).contains("checkpoint.epoch-0030.safetensors");
    }

    /// All but how fast it went.
    private static Map<String, SortedMap<Long, Float>> curves(Path run) throws IOException {
        Map<String, SortedMap<Long, Float>> all = ShownScalars.in(run.resolve(KilledTraining.CURVES));
        all.keySet().removeIf(tag -> tag.startsWith("speed/"));
        return all;
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
