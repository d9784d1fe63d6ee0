package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.train.Checkpoint;
import fathom.nn.train.EpochResult;
import fathom.nn.train.Epochs;
import fathom.nn.train.Trainer;
import fathom.nn.train.Watch;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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
                .hasMessageStartingWith(temporary.resolve("run/checkpoints") + ": the folder cannot be made: ");
    }

    /// What is logged while some code runs.
    private static List<String> warnings(Runnable body) {
        List<String> messages = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                messages.add(record.getLevel() + " " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(SafetensorsCheckpoints.class.getName());
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            body.run();
        } finally {
            logger.setUseParentHandlers(true);
            logger.removeHandler(handler);
        }
        return messages;
    }

    /// A file that ends anywhere, or has one wrong bit in its data, is told from a sound one; the one before
    /// it is loaded, and a warning names both.
    @Test
    void aTornFileIsNamedInAWarningAndTheOneBeforeIsLoaded() throws IOException {
        checkpoints.save(checkpoint(1, "100"));
        checkpoints.save(checkpoint(2, "200"));
        byte[] good = Files.readAllBytes(checkpoints.file());
        List<byte[]> torn = new ArrayList<>();
        for (int length = 0; length < good.length; length += 7) {
            torn.add(Arrays.copyOf(good, length));
        }
        byte[] flipped = good.clone();
        flipped[good.length - 3] ^= 1;
        torn.add(flipped);
        for (byte[] bad : torn) {
            Files.write(checkpoints.file(), bad);
            List<String> messages = warnings(() ->
                    assertThat(checkpoints.load().orElseThrow().metadata()).containsEntry("step", "100"));
            assertThat(messages)
                    .singleElement()
                    .asString()
                    .startsWith("WARNING " + checkpoints.file() + ": ")
                    .endsWith("; going on from one before, " + previous());
        }
        Files.write(checkpoints.file(), good);
        assertThat(warnings(() -> assertThat(checkpoints.load()).isPresent())).isEmpty();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> String.valueOf(f.getFileName())).sorted().toList();
        }
    }

    @Test
    void theLatestFewAreKeptAndOlderOnesDeleted() throws IOException {
        SafetensorsCheckpoints three = checkpoints.keepLast(3);
        for (int i = 1; i <= 5; i++) {
            three.save(checkpoint(i, Integer.toString(i)));
        }
        assertThat(names())
                .containsExactly(
                        "checkpoint.previous-2.safetensors",
                        "checkpoint.previous.safetensors",
                        "checkpoint.safetensors");
        // Each is one older than the one before it.
        for (int i = 5; i >= 3; i--) {
            assertThat(three.load().orElseThrow().metadata()).containsEntry("step", Integer.toString(i));
            Path damaged = folder.resolve(List.of(
                            "checkpoint.safetensors",
                            "checkpoint.previous.safetensors",
                            "checkpoint.previous-2.safetensors")
                    .get(5 - i));
            Files.writeString(damaged, "damaged");
        }
        assertThatThrownBy(three::load).hasMessageStartingWith(three.file() + ": ");

        SafetensorsCheckpoints one = SafetensorsCheckpoints.in(folder).keepLast(1);
        one.save(checkpoint(6, "6"));
        one.save(checkpoint(7, "7"));
        assertThat(names()).containsExactly("checkpoint.safetensors");
        assertThat(one.load().orElseThrow().metadata()).containsEntry("step", "7");
        assertThatThrownBy(() -> checkpoints.keepLast(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("checkpoints: keep last 0, expected at least 1");
    }

    /// What a training leaves after an epoch with the given validation loss, which it is the end of.
    private static Checkpoint afterEpoch(int epoch, double loss) {
        Map<String, String> metadata = new HashMap<>(Map.of("position", "0", "history.count", "1"));
        metadata.putAll(
                Map.of("history.0.epoch", Integer.toString(epoch), "history.0.samples", "1", "history.0.seconds", "1"));
        metadata.putAll(Map.of("history.0.training.count", "0", "history.0.validation.count", "1"));
        metadata.putAll(
                Map.of("history.0.validation.0", "loss", "history.0.validation.0.value", Double.toString(loss)));
        return new Checkpoint(Map.of("model.w", Tensor.of((float) epoch, 2f)), metadata);
    }

    private static int epoch(Optional<Checkpoint> checkpoint) {
        return checkpoint
                .flatMap(Checkpoint::finishedEpoch)
                .map(EpochResult::epoch)
                .orElse(0);
    }

    @Test
    void theBestIsKeptAlsoOverAResume() throws IOException {
        SafetensorsCheckpoints best = checkpoints.keepBest(Watch.validationLoss());
        assertThat(best.loadBest()).isEmpty();
        best.save(afterEpoch(1, 5));
        best.save(afterEpoch(2, 3));
        best.save(afterEpoch(3, 4));
        assertThat(epoch(best.loadBest())).isEqualTo(2);
        assertThat(epoch(best.load())).isEqualTo(3);
        SafetensorsCheckpoints later = SafetensorsCheckpoints.in(folder).keepBest(Watch.validationLoss());
        later.save(afterEpoch(4, 3.5));
        assertThat(epoch(later.loadBest())).isEqualTo(2);
        later.save(afterEpoch(5, 2.5));
        assertThat(epoch(later.loadBest())).isEqualTo(5);
        // Within an epoch there is nothing to compare.
        later.save(checkpoint(1, "100"));
        assertThat(epoch(later.loadBest())).isEqualTo(5);
        assertThat(names()).contains("checkpoint.best.safetensors").hasSize(3);

        SafetensorsCheckpoints rising =
                SafetensorsCheckpoints.in(temporary.resolve("rising")).keepBest(Watch.validation("loss"));
        rising.save(afterEpoch(1, 5));
        rising.save(afterEpoch(2, 3));
        assertThat(epoch(rising.loadBest())).isEqualTo(1);
        assertThatThrownBy(
                        () -> checkpoints.keepBest(Watch.validation("recall")).save(afterEpoch(6, 1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("watch: no validation recall, expected one of [loss]");
        assertThat(epoch(checkpoints.load())).as("the latest is as it was").isZero();
    }

    @Test
    void someEpochsAreKeptForEver() throws IOException {
        SafetensorsCheckpoints some = checkpoints.keepEvery(2).keepLast(1);
        for (int e = 1; e <= 5; e++) {
            some.save(afterEpoch(e, 1));
            some.save(checkpoint(1, "100"));
        }
        assertThat(names())
                .containsExactly(
                        "checkpoint.epoch-0002.safetensors",
                        "checkpoint.epoch-0004.safetensors",
                        "checkpoint.safetensors");
        Map<String, Tensor> kept = Safetensors.read(folder.resolve("checkpoint.epoch-0004.safetensors"))
                .tensors();
        assertThat(kept.get("model.w"))
                .isNotNull()
                .satisfies(w -> assertThat(w.toFloats()).containsExactly(4, 2));
    }

    /// All policies at work on a real training.
    @Test
    void aTrainingGoesOnFromTheLatestAndNotFromTheBest() throws IOException {
        SafetensorsCheckpoints all = checkpoints.keepBest(Watch.trainingLoss()).keepEvery(2);
        Trainer first = Trainings.small().checkpoints(all, 1);
        first.fit(Trainings.DATA, Epochs.of(3));
        assertThat(names())
                .containsExactly(
                        "checkpoint.best.safetensors",
                        "checkpoint.epoch-0002.safetensors",
                        "checkpoint.previous.safetensors",
                        "checkpoint.safetensors");
        assertThat(epoch(all.load())).isEqualTo(3);
        Trainer second = Trainings.small()
                .checkpoints(SafetensorsCheckpoints.in(folder), 1)
                .resume();
        second.fit(Trainings.DATA, Epochs.of(4));
        Trainer whole = Trainings.small();
        whole.fit(Trainings.DATA, Epochs.of(4));
        assertThat(Trainings.weights(second)).isEqualTo(Trainings.weights(whole));
    }

    @Test
    void theLatestAreDeletedAndTheOthersStay() throws IOException {
        SafetensorsCheckpoints all =
                checkpoints.keepBest(Watch.validationLoss()).keepEvery(1).keepLast(3);
        for (int e = 1; e <= 3; e++) {
            all.save(afterEpoch(e, 1));
        }
        assertThat(names()).hasSize(7);
        all.deleteLatest();
        assertThat(names())
                .containsExactly(
                        "checkpoint.best.safetensors",
                        "checkpoint.epoch-0001.safetensors",
                        "checkpoint.epoch-0002.safetensors",
                        "checkpoint.epoch-0003.safetensors");
        assertThat(all.load()).isEmpty();
        all.deleteLatest();
        all.save(afterEpoch(4, 1));
        assertThat(epoch(all.load())).isEqualTo(4);
    }

    @Test
    void aMetricMayBeToFall() {
        SafetensorsCheckpoints falling =
                checkpoints.keepBest(Watch.validation("loss").falling());
        falling.save(afterEpoch(1, 5));
        falling.save(afterEpoch(2, 3));
        falling.save(afterEpoch(3, 4));
        assertThat(epoch(falling.loadBest())).isEqualTo(2);
    }
}
