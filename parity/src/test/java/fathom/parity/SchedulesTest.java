package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.nn.train.ReduceOnPlateau;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ReduceLROnPlateauScheduler;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.StepLR;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The schedules that libtorch's C++ side has, over 200 steps; `nn:ScheduleTest` has the others.
@RequiresLibtorch
class SchedulesTest {
    private static final int STEPS = 200;

    private static SGD sgd() {
        return new SGD(new TensorVector(torch.zeros(1)), new SGDOptions(0.4));
    }

    private static double rate(SGD optimizer) {
        return optimizer.param_groups().get(0).options().get_lr();
    }

    @ParameterizedTest
    @CsvSource({"1, 0.97", "7, 0.5", "30, 0.1", "300, 0.1"})
    void step(int every, double gamma) {
        try (var _ = new PointerScope()) {
            var rule = Sgd.of(0.4).scheduled(Schedule.step(every, gamma));
            SGD theirs = sgd();
            StepLR scheduler = new StepLR(theirs, every, gamma);
            // What PyTorch does when a scheduler is made is left to the caller here.
            scheduler.step();
            for (int t = 1; t <= STEPS; t++) {
                double expected = rate(theirs);
                assertThat(rule.learningRate(t)).isCloseTo(expected, within(1e-12 * expected));
                theirs.step();
                scheduler.step();
            }
        }
    }

    /// libtorch reduces when more than its patience of epochs were bad, so its patience is one less.
    @ParameterizedTest
    @CsvSource({"1, 0.5, 0, 0, 0, false", "4, 0.25, 3, 0.125, 0, false", "3, 0.5, 5, 0, 0.01, true"})
    void plateau(
            int patience, double factor, int cooldown, double minimumChange, double minimum, boolean greaterIsBetter) {
        try (var _ = new PointerScope()) {
            var ours = new ReduceOnPlateau(
                    "loss", true, greaterIsBetter, patience, factor, minimumChange, cooldown, minimum);
            SGD theirs = sgd();
            var scheduler = new ReduceLROnPlateauScheduler(
                    theirs,
                    greaterIsBetter
                            ? ReduceLROnPlateauScheduler.SchedulerMode.max
                            : ReduceLROnPlateauScheduler.SchedulerMode.min,
                    (float) factor,
                    patience - 1,
                    minimumChange,
                    // What is to be great counts as better there if it is above threshold times best: no
                    // smallest change can be had, but relative and 0 is above the best.
                    greaterIsBetter
                            ? ReduceLROnPlateauScheduler.ThresholdMode.rel
                            : ReduceLROnPlateauScheduler.ThresholdMode.abs,
                    cooldown,
                    new float[] {(float) minimum},
                    0,
                    false);
            Random random = new Random(7);
            ReduceOnPlateau.State state = ours.start(0.4);
            for (int epoch = 0; epoch < STEPS; epoch++) {
                // Better and better, with noise, in steps that an F32 holds.
                double trend = Math.round(64 * (Math.exp(-epoch / 60.0) + 0.2 * random.nextGaussian())) / 64.0;
                // Above 0, as libtorch takes the smallest positive number for the worst of what is to be great.
                double value = greaterIsBetter ? 8 - trend : trend;
                scheduler.step((float) value);
                state = ours.next(state, value);
                assertThat(state.learningRate()).as("epoch %s", epoch).isCloseTo(rate(theirs), within(1e-7));
            }
            assertThat(state.learningRate()).isLessThan(0.4);
        }
    }

    /// What is to be great is the same as its negative that is to be small.
    @Test
    void plateausOfBothKindsAreAlike() {
        var small = new ReduceOnPlateau("loss", true, false, 2, 0.5, 0.0625, 3, 0);
        var great = new ReduceOnPlateau("loss", true, true, 2, 0.5, 0.0625, 3, 0);
        Random random = new Random(7);
        ReduceOnPlateau.State one = small.start(0.4);
        ReduceOnPlateau.State other = great.start(0.4);
        for (int epoch = 0; epoch < STEPS; epoch++) {
            double value = Math.exp(-epoch / 60.0) + 0.2 * random.nextGaussian();
            one = small.next(one, value);
            other = great.next(other, -value);
            assertThat(other.learningRate()).isEqualTo(one.learningRate());
        }
        assertThat(one.learningRate()).isLessThan(0.4);
    }
}
