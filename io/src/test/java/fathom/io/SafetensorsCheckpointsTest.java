package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.train.Checkpoint;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsCheckpointsTest {
    @TempDir
    private Path temporary;

    private Path folder;
    private SafetensorsCheckpoints checkpoints;

    @BeforeEach
    void setUp() {
        folder = temporary.resolve("run/checkpoints");
        checkpoints = SafetensorsCheckpoints.in(folder);
    }

    private static Checkpoint checkpoint(float value, String step) {
        return new Checkpoint(
                Map.of("model.w", Tensor.of(value, 2f), "optimizer.step", Tensor.of(new long[] {7})),
                Map.of("step", step, "loss", Double.toHexString(0.1)));
    }

    @Test
    void thereIsNoneAtFirst() {
        assertThat(checkpoints.load()).isEmpty();
    }

    @Test
    void whatIsSavedIsLoaded() {
        checkpoints.save(checkpoint(1, "100"));
        Checkpoint loaded = SafetensorsCheckpoints.in(folder).load().orElseThrow();
        assertThat(loaded.metadata()).isEqualTo(Map.of("step", "100", "loss", Double.toHexString(0.1)));
        assertThat(loaded.tensors()).containsOnlyKeys("model.w", "optimizer.step");
        assertThat(loaded.model().values())
                .singleElement()
                .satisfies(w -> assertThat(w.toFloats()).containsExactly(1, 2));
        assertThat(loaded.tensors())
                .hasEntrySatisfying(
                        "optimizer.step", step -> assertThat(step.toLongs()).containsExactly(7));
    }

    @Test
    void theLatestTwoAreKeptAndLeftoversOfACrashAreRemoved() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        Files.writeString(folder.resolve(".checkpoint.safetensors.123.tmp"), "half");
        checkpoints.save(checkpoint(3, "200"));
        checkpoints.save(checkpoint(4, "300"));
        assertThat(checkpoints.load().orElseThrow().metadata()).containsEntry("step", "300");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(checkpoints.file(), previous());
        }
    }

    private Path previous() {
        return folder.resolve("checkpoint.previous.safetensors");
    }

    @Test
    void ifTheLatestIsDamagedTheOneBeforeIsLoaded() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        checkpoints.save(checkpoint(2, "200"));
        byte[] good = Files.readAllBytes(checkpoints.file());
        Files.write(checkpoints.file(), Arrays.copyOf(good, good.length / 2));
        assertThat(checkpoints.load().orElseThrow().metadata()).containsEntry("step", "100");

        // The damaged one does not push the sound one out.
        SafetensorsCheckpoints later = SafetensorsCheckpoints.in(folder);
        later.save(checkpoint(3, "300"));
        assertThat(later.load().orElseThrow().metadata()).containsEntry("step", "300");
        Files.delete(checkpoints.file());
        assertThat(later.load().orElseThrow().metadata()).containsEntry("step", "100");
    }

    @Test
    void aCrashBetweenTheTwoNamesLeavesTheOneBefore() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        Files.move(checkpoints.file(), previous());
        assertThat(checkpoints.load().orElseThrow().metadata()).containsEntry("step", "100");
    }

    @Test
    void ifBothAreDamagedTheLatestIsNamed() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        checkpoints.save(checkpoint(2, "200"));
        Files.writeString(checkpoints.file(), "nothing");
        Files.writeString(previous(), "nothing");
        assertThatThrownBy(checkpoints::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(checkpoints.file() + ": ");
    }

    @Test
    void aCrashWhileSavingLeavesTheOneBefore() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        // What is there when the process dies before the file gets its name.
        Files.write(
                folder.resolve(".checkpoint.safetensors.123.tmp"),
                Arrays.copyOf(Files.readAllBytes(checkpoints.file()), 50));
        assertThat(checkpoints.load().orElseThrow().metadata()).containsEntry("step", "100");
    }

    @Test
    void everyDamagedByteIsNoticed() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        byte[] good = Files.readAllBytes(checkpoints.file());
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(checkpoints.file(), bad);
            assertThatThrownBy(checkpoints::load)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(checkpoints.file() + ": ");
        }
        Files.write(checkpoints.file(), Arrays.copyOf(good, good.length - 1));
        assertThatThrownBy(checkpoints::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("it is truncated");
    }

    @Test
    void anotherSafetensorsFileIsNoCheckpoint() throws IOException {
        Files.createDirectories(folder);
        Safetensors.write(checkpoints.file(), Map.of("w", Tensor.of(1f, 2f)));
        assertThatThrownBy(checkpoints::load)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("expected a checkpoint of Fathom");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(temporary.resolve("run"), "a file in the way");
        assertThatThrownBy(() -> checkpoints.save(checkpoint(1, "1")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(checkpoints.file() + ": cannot be written");
    }
}
