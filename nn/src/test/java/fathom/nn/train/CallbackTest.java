package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.nn.Loss;
import fathom.nn.optim.Sgd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
}
