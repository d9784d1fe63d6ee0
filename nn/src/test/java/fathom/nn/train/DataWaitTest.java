package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.nn.Chain;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Sgd;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DataWaitTest {
    private static final Samples DATA = Samples.spirals(20, 4);
    private static final double PAUSE = 0.02;

    private static StepResult result(double seconds, double waited) {
        return new StepResult(1, 1, 1, 1, 1, 1, 0, 0.1, seconds, waited, Map.of());
    }

    @Test
    void theShareIsThatOfAllStepsButTheFirstOfEachTraining() {
        DataWait wait = new DataWait();
        assertThat(wait.share()).isNaN();
        assertThat(wait).hasToString("too few steps to say how long they waited for data");
        wait.started(new Callback.Plan(1, 4, 4, 0, 0, 0));
        wait.step(result(100, 99));
        wait.step(result(2, 0.5));
        wait.step(result(6, 1.5));
        wait.started(new Callback.Plan(1, 4, 4, 0, 0, 0));
        wait.step(result(100, 1));
        wait.step(result(2, 0.5));
        assertThat(wait.steps()).isEqualTo(3);
        assertThat(wait.seconds()).isEqualTo(10);
        assertThat(wait.secondsWaited()).isEqualTo(2.5);
        assertThat(wait.share()).isEqualTo(0.25);
        assertThat(wait).hasToString("25.0 % of the time of 3 steps was waiting for data");
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep((long) (PAUSE * 1e9));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A loader that takes its time over each batch.
    private record Slow(Batches from) implements Batches {
        @Override
        public int count() {
            return from.count();
        }

        @Override
        public int samples() {
            return from.samples();
        }

        @Override
        public Iterator<Batch> epoch(int epoch, int skip) {
            Iterator<Batch> batches = from.epoch(epoch, skip);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return batches.hasNext();
                }

                @Override
                public Batch next() {
                    pause();
                    return batches.next();
                }
            };
        }
    }

    private static DataWait measured(Batches batches, Loss loss) {
        DataWait wait = new DataWait();
        Chain model = Sequential.of(linear(2)).build(Shape.of(2), RandomStream.of(1));
        Trainer.of(model)
                .loss(loss)
                .optimizer(Sgd.of(0.1))
                .progress(false)
                .callbacks(wait)
                .fit(batches, Epochs.of(1));
        assertThat(wait.steps()).isEqualTo(batches.count() - 1);
        assertThat(wait.share()).isBetween(0.0, 1.0);
        return wait;
    }

    /// However slow the machine is: a pause is never shorter than asked for, and what comes after a batch
    /// is not waiting for it.
    @Test
    void waitingIsWhatTheLoaderTakesAndNotWhatTheStepTakes() {
        DataWait ofLoader = measured(new Slow(DATA), Loss.crossEntropy());
        assertThat(ofLoader.secondsWaited()).isGreaterThanOrEqualTo(PAUSE * ofLoader.steps());

        DataWait ofStep = measured(DATA, (p, t) -> {
            pause();
            return Loss.crossEntropy(p, t);
        });
        assertThat(ofStep.seconds() - ofStep.secondsWaited()).isGreaterThanOrEqualTo(PAUSE * ofStep.steps());
    }
}
