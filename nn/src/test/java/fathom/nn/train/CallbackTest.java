package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.optim.Clipping;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CallbackTest {
    private final Samples data = Samples.spirals(8, 2);

    private static Trainer trainer() {
        return Trainer.of(linear(2))
                .loss(Loss.crossEntropy())
                .optimizer(Sgd.of(0.1))
                .progress(false);
    }

    @Test
    void functionsAreCalledAfterEachStepAndEpoch() {
        List<Long> steps = new ArrayList<>();
        List<Integer> epochs = new ArrayList<>();
        Trainer trainer = trainer();
        trainer.callbacks(Callback.onStep(s -> steps.add(s.step())), Callback.onEpoch(e -> epochs.add(e.epoch())));
        trainer.fit(data, Epochs.of(2));
        assertThat(epochs).containsExactly(1, 2);
        assertThat(steps).hasSize(2 * data.count()).startsWith(1L, 2L).endsWith(2L * data.count());
    }

    @Test
    void theTimeBudgetEndsTheTrainingAndNotTheNext() {
        Trainer trainer = trainer();
        trainer.callbacks(Callback.timeBudget(trainer, Duration.ofNanos(1)));
        assertThat(trainer.fit(data, Epochs.of(1_000)).interrupted()).isTrue();
        assertThat(trainer.steps()).isEqualTo(1);

        trainer.callbacks(Callback.timeBudget(trainer, Duration.ofDays(1)));
        assertThat(trainer.fit(data, Epochs.of(2)).interrupted()).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Callback.timeBudget(trainer, Duration.ZERO))
                .withMessageContaining("expected a time above 0");
    }

    /// Keeps what it is told of every second step.
    private static final class Listener implements Callback {
        final Map<Long, Map<String, float[]>> gradients = new TreeMap<>();
        final List<StepResult> steps = new ArrayList<>();

        @Override
        public boolean wantsGradients(long step) {
            return step % 2 == 0;
        }

        @Override
        public void gradients(long step, Map<String, Tensor> of) {
            Map<String, float[]> values = new TreeMap<>();
            of.forEach((path, g) -> values.put(path, g.toFloats()));
            gradients.put(step, values);
        }

        @Override
        public void step(StepResult result) {
            steps.add(result);
        }
    }

    /// Plain descent with a step size of a power of two: the weights say what the gradients were.
    @Test
    void gradientsAreThoseThatTheStepIsMadeAlong() {
        Listener listener = new Listener();
        Trainer trainer = trainer().optimizer(Sgd.of(0.5));
        List<Map<String, List<Float>>> after = new ArrayList<>();
        trainer.callbacks(listener, Callback.onStep(s -> after.add(TrainerTest.weights(trainer.model()))));
        trainer.fit(data, Epochs.of(1));
        assertThat(listener.gradients.keySet()).containsExactly(2L, 4L, 6L, 8L);
        listener.gradients.forEach((step, gradients) -> {
            assertThat(gradients.keySet()).containsExactlyInAnyOrder("weight", "bias");
            gradients.forEach((path, g) -> {
                List<Float> from = after.get((int) (step - 2)).getOrDefault(path, List.of());
                List<Float> to = after.get((int) (step - 1)).getOrDefault(path, List.of());
                for (int i = 0; i < g.length; i++) {
                    assertThat(to.get(i)).isCloseTo(from.get(i) - 0.5f * g[i], within(1e-6f));
                }
            });
        });
    }

    @Test
    void whoLooksAtGradientsChangesNoBit() {
        Trainer alone = trainer().clipNorm(0.1);
        alone.fit(data, Epochs.of(2));
        Trainer watched = trainer().clipNorm(0.1).callbacks(new Listener());
        watched.fit(data, Epochs.of(2));
        assertThat(TrainerTest.weights(watched.model())).isEqualTo(TrainerTest.weights(alone.model()));
    }

    @Test
    void accumulatedGradientsAreHandedOnOnceAStep() {
        Listener listener = new Listener();
        trainer().accumulate(2).callbacks(listener).fit(data, Epochs.of(1));
        assertThat(listener.steps).hasSize(data.count());
        assertThat(listener.gradients.keySet()).containsExactly(2L, 4L);
    }

    @Test
    void stepsHaveTheLearningRateOfTheSchedule() {
        Listener listener = new Listener();
        trainer()
                .optimizer(Sgd.of(0.5).scheduled(Schedule.step(3, 0.5)))
                .callbacks(listener)
                .fit(data, Epochs.of(1));
        assertThat(listener.steps)
                .extracting(StepResult::learningRate)
                .containsExactly(0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125);
    }

    @Test
    void theConfigurationSaysWhatDecidesATraining() {
        Trainer trainer = trainer().metrics(Metric.accuracy()).clipNorm(2).seed(7);
        assertThat(trainer.configuration())
                .containsEntry("rule", Sgd.of(0.1).toString())
                .containsEntry("loss", Loss.crossEntropy().toString())
                .containsEntry("clipping", new Clipping.ByNorm(2).toString())
                .containsEntry("accumulate", 1)
                .containsEntry("metrics", "accuracy")
                .containsEntry("seed", 7L)
                .doesNotContainKey("early stopping");
        trainer.loss((p, t) -> p.square().mean()).earlyStopping(EarlyStopping.onTrainingLoss(3));
        assertThat(trainer.configuration()).containsEntry("loss", "a function").containsKey("early stopping");
    }
}
