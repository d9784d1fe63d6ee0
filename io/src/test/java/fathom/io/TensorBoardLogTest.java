package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.train.Callback;
import fathom.nn.train.EpochResult;
import fathom.nn.train.Epochs;
import fathom.nn.train.History;
import fathom.nn.train.StepResult;
import fathom.nn.train.Trainer;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorBoardLogTest {
    private static final byte[] PNG = HexFormat.of()
            .parseHex("89504e470d0a1a0a" + "0000000d49484452" + "0000000700000005" + "0800000000" + "0000000000");

    private static final int SESSION = 7;

    @TempDir
    private Path folder;

    private Events events() throws IOException {
        return events(folder);
    }

    /// The values of one kind by tag and step, from all files, as TensorBoard takes them: where a training
    /// starts, what was written before of this step and later ones is dropped.
    private static Events events(Path folder) throws IOException {
        Map<String, SortedMap<Long, EventFile.Message>> all = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                List<EventFile.Message> events = EventFile.read(file);
                for (EventFile.Message event : events.subList(1, events.size())) {
                    // A step of 0 is not written.
                    long step = event.all(2).isEmpty() ? 0 : (Long) event.only(2);
                    if (!event.all(SESSION).isEmpty()) {
                        assertThat(event.message(SESSION).only(1)).isEqualTo(1L);
                        all.values().forEach(values -> values.tailMap(step).clear());
                    } else {
                        String tag = event.value().text(1);
                        EventFile.Message before =
                                all.computeIfAbsent(tag, _ -> new TreeMap<>()).put(step, event.value());
                        assertThat(before).as("%s twice at step %s", tag, step).isNull();
                    }
                }
            }
        }
        return new Events(all);
    }

    private record Events(Map<String, SortedMap<Long, EventFile.Message>> all) {
        Set<String> tags() {
            return all.keySet();
        }

        Map<Long, EventFile.Message> of(String tag) {
            return all.getOrDefault(tag, new TreeMap<>());
        }

        EventFile.Message at(String tag, long step) {
            return of(tag).getOrDefault(step, new EventFile.Message(Map.of()));
        }

        List<Object> scalars(String tag) {
            return of(tag).values().stream().map(v -> v.only(2)).toList();
        }
    }

    @Test
    void stepsAndEpochsAreCurves() throws IOException {
        List<Float> losses = new ArrayList<>();
        History history;
        try (TensorBoardLog log = TensorBoardLog.in(folder).everySteps(2)) {
            history = Trainings.small()
                    .validation(Trainings.DATA)
                    .callbacks(log, Callback.onStep(s -> losses.add((float) s.loss())))
                    .fit(Trainings.DATA, Epochs.of(2));
            log.scalar("loss/test", 0.25);
            log.image("digits", PNG);
        }
        var events = events();
        assertThat(events.tags())
                .containsExactlyInAnyOrder(
                        "step/loss",
                        "step/learning rate",
                        "loss/train",
                        "accuracy/train",
                        "loss/validation",
                        "accuracy/validation",
                        "speed/samples per second",
                        "loss/test",
                        "digits");
        assertThat(events.of("step/loss").keySet()).containsExactly(2L, 4L, 6L, 8L);
        assertThat(events.scalars("step/loss"))
                .containsExactly(losses.get(1), losses.get(3), losses.get(5), losses.get(7));
        assertThat(events.scalars("step/learning rate")).containsExactly(0.02f, 0.02f, 0.01f, 0.01f);
        assertThat(events.of("loss/validation").keySet()).containsExactly(4L, 8L);
        assertThat(events.scalars("loss/validation"))
                .containsExactly((float) history.validation("loss")[0], (float) history.validation("loss")[1]);
        assertThat(events.of("loss/test").keySet()).containsExactly(8L);
        assertThat((byte[]) events.at("digits", 8).message(4).only(4)).isEqualTo(PNG);
    }

    /// The sums that the file has are those of the tensors themselves.
    @Test
    void weightsAndGradientsAreHistograms() throws IOException {
        Map<String, Double> weights = new TreeMap<>();
        Map<String, Double> gradients = new TreeMap<>();
        Trainer trainer = Trainings.small().build(Shape.of(2));
        Module model = trainer.model();
        try (TensorBoardLog log = TensorBoardLog.in(folder).weights(model, 4).gradients(3)) {
            Callback own = new Callback() {
                @Override
                public boolean wantsGradients(long step) {
                    return step == 3;
                }

                @Override
                public void gradients(long step, Map<String, Tensor> of) {
                    of.forEach((path, g) -> gradients.put("gradients/" + path, sum(g)));
                }
            };
            trainer.callbacks(log, own, Callback.onStep(s -> {
                if (s.step() == 4) {
                    Modules.parameters(model).forEach((path, p) -> weights.put("weights/" + path, sum(p.value())));
                }
            }));
            trainer.fit(Trainings.DATA, Epochs.of(2));
        }
        var events = events();
        assertThat(weights).hasSize(4);
        weights.forEach((tag, sum) -> {
            assertThat(events.of(tag)).containsOnlyKeys(4L, 8L);
            assertThat(sum(events.at(tag, 4))).isEqualTo(sum);
        });
        assertThat(gradients).hasSize(4);
        gradients.forEach((tag, sum) -> {
            assertThat(events.of(tag)).containsOnlyKeys(3L, 6L);
            assertThat(sum(events.at(tag, 3))).isEqualTo(sum);
        });
    }

    private static double sum(Tensor values) {
        double sum = 0;
        for (float v : values.toFloats()) {
            sum += v;
        }
        return sum;
    }

    private static double sum(EventFile.Message value) {
        try {
            return (Double) value.message(5).only(4);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void valuesThatAreNotFiniteHaveNoHistogram() throws IOException {
        try (TensorBoardLog log = TensorBoardLog.in(folder).gradients(1)) {
            log.gradients(1, Map.of("a", Tensor.of(1f, Float.NaN), "b", Tensor.of(1f, Float.NEGATIVE_INFINITY)));
            log.gradients(1, Map.of("c", Tensor.of(1f, 2f)));
        }
        assertThat(events().tags()).containsExactly("gradients/c");
    }

    @Test
    void withoutEventsThereIsNoFile() throws IOException {
        try (TensorBoardLog log = TensorBoardLog.in(folder.resolve("none"))) {
            assertThat(log.wantsGradients(20)).isFalse();
        }
        assertThat(folder.resolve("none")).doesNotExist();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorBoardLog.in(folder).everySteps(0))
                .withMessage("TensorBoard log: every steps 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TensorBoardLog.in(folder).gradients(0))
                .withMessage("TensorBoard log: gradients every steps 0, expected at least 1");
    }

    /// Crashes after more was written than the latest checkpoint knows, and where an epoch's steps are saved and
    /// its end is not.
    @ParameterizedTest
    @ValueSource(longs = {7, 8})
    void aResumedTrainingTakesBackWhatItDoesAgain(long crash) throws IOException {
        Path whole = folder.resolve("whole");
        logged(whole).fit(Trainings.DATA, Epochs.of(3));

        Path broken = folder.resolve("broken");
        SafetensorsCheckpoints checkpoints = SafetensorsCheckpoints.in(folder);
        Callback crashing = new Callback() {
            @Override
            public void step(StepResult result) {
                if (result.step() == crash && result.batch() < 4) {
                    throw new IllegalStateException("a crash");
                }
            }

            @Override
            public void epoch(EpochResult result) {
                if (4 * result.epoch() == crash) {
                    throw new IllegalStateException("a crash");
                }
            }
        };
        // The log is not closed: a process that is killed does not, either.
        Trainer first = logged(broken, crashing).checkpoints(checkpoints, 4);
        assertThatIllegalStateException()
                .isThrownBy(() -> first.fit(Trainings.DATA, Epochs.of(3)))
                .withMessage("a crash");
        long saved = Long.parseLong(checkpoints.load().orElseThrow().metadata().getOrDefault("steps", ""));
        assertThat(saved).isEqualTo(crash == 7 ? 4 : 8);

        logged(broken).checkpoints(checkpoints).resume().fit(Trainings.DATA, Epochs.of(3));
        Events expected = events(whole);
        Events events = events(broken);
        assertThat(events.tags()).isEqualTo(expected.tags());
        assertThat(events.of("step/loss").keySet())
                .containsExactlyElementsOf(LongStream.rangeClosed(1, 12).boxed().toList());
        assertThat(events.of("loss/train").keySet()).containsExactly(4L, 8L, 12L);
        for (String tag : List.of("step/loss", "step/learning rate", "loss/train", "accuracy/train")) {
            assertThat(events.scalars(tag)).as(tag).isEqualTo(expected.scalars(tag));
        }
    }

    private static Trainer logged(Path folder) {
        return logged(folder, new Callback() {});
    }

    /// @param first is told before the log
    private static Trainer logged(Path folder, Callback first) {
        return Trainings.small().callbacks(first, TensorBoardLog.in(folder).everySteps(1));
    }

    @Test
    void aNewTrainingTakesThePlaceOfTheOneBefore() throws IOException {
        for (int epochs = 2; epochs >= 1; epochs--) {
            logged(folder).fit(Trainings.DATA, Epochs.of(epochs));
        }
        assertThat(events().of("step/loss")).hasSize(4);
        assertThat(events().of("loss/train").keySet()).containsExactly(4L);
    }

    @Test
    void whatComesAfterTheEndGoesToAnotherFile() throws IOException {
        TensorBoardLog log = TensorBoardLog.in(folder);
        log.scalar("a", 1);
        log.close();
        log.epoch(new EpochResult(1, Map.of("loss", 1.0), Map.of(), 1, 1));
        log.close();
        assertThat(events().tags()).containsExactly("a", "loss/train", "speed/samples per second");
    }
}
