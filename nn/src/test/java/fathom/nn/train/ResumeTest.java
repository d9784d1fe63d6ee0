package fathom.nn.train;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.ExponentialMovingAverage;
import fathom.nn.optim.RmsProp;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.nn.optim.UpdateRule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumeTest {
    private static final Samples DATA = Samples.spirals(20, 16);
    private static final Epochs EPOCHS = Epochs.of(3);

    private static Trainer trainer(UpdateRule rule) {
        return Trainer.of(Sequential.of(linear(12), batchNorm(), tanh(), dropout(0.3), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(rule)
                .metrics(Metric.accuracy())
                .validation(DATA.batch(10).inOrder())
                .earlyStopping(EarlyStopping.onValidationLoss(50).restoringBest())
                .seed(3)
                .progress(false);
    }

    private static Trainer trainer() {
        return trainer(Adam.of(0.02));
    }

    /// Everything that has a state of its own at once.
    private static Trainer changing() {
        UpdateRule rule = new ExponentialMovingAverage(
                Adam.of(0.05).scheduled(Schedule.warmup(2, 0.1).then(2, Schedule.cosine(4, 0.01))), 0.9);
        return trainer(rule)
                .accumulate(2)
                .reduceOnPlateau(ReduceOnPlateau.onTrainingLoss(1).factor(0.5).minimumChange(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 7, 8})
    void schedulesPlateausAndAccumulatedGradientsGoOnToo(int batches) {
        Epochs epochs = Epochs.of(4);
        Trainer whole = changing();
        History expected = whole.fit(DATA, epochs);

        Memory memory = new Memory();
        Trainer first = changing().checkpoints(memory);
        int[] seen = {0};
        first.callbacks(new Callback() {
            @Override
            public void step(StepResult r) {
                if (++seen[0] == batches) {
                    first.stop();
                }
            }
        });
        assertThat(first.fit(DATA, epochs).interrupted()).isTrue();

        Trainer second = changing().checkpoints(memory).resume();
        assertThat(second.fit(DATA, epochs).sameAs(expected)).isTrue();
        assertThat(second.steps()).isEqualTo(6);
        assertThat(TrainerTest.weights(second.model())).isEqualTo(TrainerTest.weights(whole.model()));
        assertThat(second.averaged(() -> TrainerTest.weights(second.model())))
                .isEqualTo(whole.averaged(() -> TrainerTest.weights(whole.model())))
                .isNotEqualTo(TrainerTest.weights(whole.model()));
    }

    /// With no loss that is better by as much as 100, the rate is halved after epochs 3 and 5.
    @Test
    void thePlateauLowersTheStepSize() {
        Memory memory = new Memory();
        trainer(Sgd.of(0.1))
                .reduceOnPlateau(ReduceOnPlateau.onTrainingLoss(2).factor(0.5).minimumChange(100))
                .checkpoints(memory)
                .fit(DATA, Epochs.of(6));
        assertThat(memory.saved.stream()
                        .map(c -> c.metadata().get("learningRate"))
                        .distinct())
                .containsExactly("0.1", "0.05", "0.025");
        assertThat(memory.saved.getLast().metadata()).containsEntry("plateau.waited", "1");
    }

    @Test
    void aCheckpointFromBeforeAccumulationFreezingAndPartsGoesOn() {
        Memory memory = new Memory();
        History expected = trainer().checkpoints(memory).fit(DATA, EPOCHS);
        Map<String, String> older = new LinkedHashMap<>(memory.saved.getFirst().metadata());
        assertThat(older.remove("accumulate")).isEqualTo("1");
        assertThat(older.remove("accumulated")).isEqualTo("0");
        assertThat(older.remove("frozen")).isEmpty();
        assertThat(older.remove("sums.parts.count")).isEqualTo("0");
        Memory before = new Memory();
        before.save(new Checkpoint(memory.saved.getFirst().tensors(), older));
        assertThat(trainer().checkpoints(before).resume().fit(DATA, EPOCHS).sameAs(expected))
                .isTrue();
    }

    @Test
    void settingsOfPlateausAndAccumulationAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().accumulate(0))
                .withMessage("accumulate: batches 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReduceOnPlateau.onValidationLoss(0))
                .withMessage("reduce on plateau: patience 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReduceOnPlateau.onValidation("accuracy", 1).factor(1))
                .withMessage("reduce on plateau: factor 1.0, expected above 0 and below 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReduceOnPlateau.onValidationLoss(1).cooldown(-1))
                .withMessageContaining("cooldown -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ReduceOnPlateau.onValidationLoss(1).minimum(-1))
                .withMessageContaining("minimum -1.0");
        Trainer unmeasured = trainer().reduceOnPlateau(ReduceOnPlateau.onValidation("recall", 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> unmeasured.fit(DATA, EPOCHS))
                .withMessage("reduce on plateau: no validation recall, expected one of [loss, accuracy]");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer().averaged(() -> 1))
                .withMessage("averaged: nothing was trained yet, expected fit() before");
    }

    /// Stops a training when a step has been made.
    private static Callback stopAfter(Trainer trainer, long step) {
        return new Callback() {
            @Override
            public void step(StepResult r) {
                if (r.step() == step) {
                    trainer.stop();
                }
            }
        };
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 6, 8})
    void anInterruptedTrainingGoesOnAsIfNothingHadHappened(long step) {
        Trainer whole = trainer();
        History expected = whole.fit(DATA, EPOCHS);

        Memory memory = new Memory();
        Trainer first = trainer().checkpoints(memory);
        first.callbacks(stopAfter(first, step));
        History stopped = first.fit(DATA, EPOCHS);
        assertThat(stopped.interrupted()).isTrue();
        assertThat(first.steps()).isEqualTo(step);

        Trainer second = trainer().checkpoints(memory).resume();
        History resumed = second.fit(DATA, EPOCHS);
        assertThat(resumed.interrupted()).isFalse();
        assertThat(resumed.sameAs(expected)).isTrue();
        assertThat(second.steps()).isEqualTo(9);
        assertThat(TrainerTest.weights(second.model())).isEqualTo(TrainerTest.weights(whole.model()));
    }

    @Test
    void itCanBeInterruptedAgainAndAgain() {
        Trainer whole = trainer(RmsProp.of(0.01).withMomentum(0.5));
        History expected = whole.fit(DATA, EPOCHS);
        Memory memory = new Memory();
        History history = new History(List.of(), true);
        Trainer last = whole;
        for (int step = 2; history.interrupted(); step += 2) {
            last = trainer(RmsProp.of(0.01).withMomentum(0.5))
                    .checkpoints(memory)
                    .resume();
            last.callbacks(stopAfter(last, step));
            history = last.fit(DATA, EPOCHS);
        }
        assertThat(history.sameAs(expected)).isTrue();
        assertThat(TrainerTest.weights(last.model())).isEqualTo(TrainerTest.weights(whole.model()));
    }

    @Test
    void everyCheckpointOfATrainingLeadsToTheSameEnd() {
        Memory memory = new Memory();
        Trainer whole = trainer().checkpoints(memory, 2);
        History expected = whole.fit(DATA, EPOCHS);
        assertThat(memory.saved.size()).isGreaterThan(5);
        for (Checkpoint c : memory.saved.subList(0, memory.saved.size() - 1)) {
            Memory one = new Memory();
            one.save(c);
            Trainer resumed = trainer().checkpoints(one).resume();
            assertThat(resumed.fit(DATA, EPOCHS).sameAs(expected)).isTrue();
            assertThat(TrainerTest.weights(resumed.model())).isEqualTo(TrainerTest.weights(whole.model()));
        }
    }

    @Test
    void aThreadThatIsInterruptedStopsAfterTheStep() {
        Memory memory = new Memory();
        Trainer trainer = trainer().checkpoints(memory);
        trainer.callbacks(new Callback() {
            @Override
            public void step(StepResult r) {
                if (r.step() == 4) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        History history = trainer.fit(DATA, EPOCHS);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(history.interrupted()).isTrue();
        assertThat(history.epochs()).hasSize(1);
        assertThat(memory.saved.getLast().metadata())
                .containsEntry("epoch", "1")
                .containsEntry("position", "1")
                .containsEntry("steps", "4");
    }

    @Test
    void aStopBeforeTheTrainingIsNotLost() {
        Memory memory = new Memory();
        Trainer trainer = trainer().checkpoints(memory);
        trainer.stop();
        assertThat(trainer.fit(DATA, EPOCHS).interrupted()).isTrue();
        assertThat(trainer.steps()).isZero();
        assertThat(memory.saved).hasSize(1);
        assertThat(trainer.fit(DATA, EPOCHS).interrupted()).isFalse();
    }

    @Test
    void aFinishedTrainingHasNothingLeftToDo() {
        Memory memory = new Memory();
        History done = trainer().checkpoints(memory).fit(DATA, EPOCHS);
        Trainer again = trainer().checkpoints(memory).resume();
        assertThat(again.fit(DATA, EPOCHS).sameAs(done)).isTrue();
        assertThat(again.steps()).isEqualTo(9);
        Trainer longer = trainer().checkpoints(memory).resume();
        assertThat(longer.fit(DATA, Epochs.of(4)).epochs()).hasSize(4);
    }

    @Test
    void withoutACheckpointATrainingStartsAfresh() {
        History expected = trainer().fit(DATA, EPOCHS);
        assertThat(trainer()
                        .checkpoints(new Memory())
                        .resume()
                        .fit(DATA, EPOCHS)
                        .sameAs(expected))
                .isTrue();
    }

    @Test
    void checkpointsAreSavedAfterATime() {
        Memory memory = new Memory();
        trainer().checkpoints(memory, Duration.ofNanos(1)).fit(DATA, Epochs.of(1));
        // One after each of the three steps, one after the epoch, one with the best weights.
        assertThat(memory.saved).hasSize(5);
    }

    @Test
    void aCheckpointOfAnotherTrainingIsRefused() {
        Memory memory = new Memory();
        trainer().checkpoints(memory).fit(DATA, Epochs.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> trainer(Adam.of(0.5)).checkpoints(memory).resume().fit(DATA, EPOCHS))
                .withMessageContaining("made with rule Adam[learningRate=0.02")
                .withMessageContaining("now Adam[learningRate=0.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().checkpoints(memory).resume().fit(DATA.batch(8), EPOCHS))
                .withMessageContaining("made with batches 3, now 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().seed(4).checkpoints(memory).resume().fit(DATA, EPOCHS))
                .withMessageContaining("made with seed 3, now 4");
    }

    /// The fifth step is so large that its weights are no numbers, while its loss still is one.
    @Test
    void weightsThatAreNoNumbersDoNotTakeTheSoundOnesPlace() {
        UpdateRule rule = Sgd.of(0.1).scheduled(Schedule.constant(1).then(4, Schedule.constant(1e45)));
        Memory memory = new Memory();
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> trainer(rule).checkpoints(memory, 1).fit(DATA, EPOCHS))
                .withMessageStartingWith("the weight 0.weight became NaN or infinite at step 5,")
                .satisfies(e -> {
                    assertThat(e.step()).isEqualTo(5);
                    assertThat(e.loss()).isFinite();
                });
        Checkpoint last = memory.load().orElseThrow();
        assertThat(last.metadata()).containsEntry("steps", "4");
        last.model().values().forEach(w -> assertThat(w.toFloats()).doesNotContain(Float.NaN));
    }

    @Test
    void aCheckpointKnowsWhichEpochItEnds() {
        Memory memory = new Memory();
        History history = trainer().checkpoints(memory, 2).fit(DATA, EPOCHS);
        List<EpochResult> ended =
                memory.saved.stream().flatMap(c -> c.finishedEpoch().stream()).toList();
        // The last checkpoint of all is that of the weights of the best epoch.
        assertThat(ended).isEqualTo(history.epochs());
        assertThat(memory.saved.getLast().finishedEpoch()).isEmpty();
        assertThat(new Checkpoint(Map.of(), Map.of()).finishedEpoch()).isEmpty();
    }
}
