package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/// Schedules over 200 steps beside the formulas of their papers and of PyTorch's documentation,
/// written as recurrences where the schedules have closed forms.
class ScheduleTest {
    private static final int STEPS = 200;

    private static void check(Schedule schedule, IntToDoubleFunction expected) {
        Scheduled rule = Sgd.of(0.3).scheduled(schedule);
        for (int t = 0; t < STEPS; t++) {
            double factor = expected.applyAsDouble(t);
            assertThat(schedule.factor(t)).as("step %s", t).isCloseTo(factor, within(1e-12));
            assertThat(rule.learningRate(t + 1)).as("step %s", t).isCloseTo(0.3 * factor, within(1e-12));
        }
    }

    @Test
    void constant() {
        check(Schedule.constant(0.25), t -> 0.25);
    }

    @Test
    void step() {
        double[] factor = {1};
        check(Schedule.step(30, 0.5), once(t -> {
            if (t > 0 && t % 30 == 0) {
                factor[0] *= 0.5;
            }
            return factor[0];
        }));
    }

    /// `check` asks once for each step; the recurrences rely on it.
    private static IntToDoubleFunction once(IntToDoubleFunction recurrence) {
        int[] last = {-1};
        return t -> {
            assertThat(t).isEqualTo(last[0] + 1);
            last[0] = t;
            return recurrence.applyAsDouble(t);
        };
    }

    @Test
    void multiStep() {
        double[] factor = {1};
        check(Schedule.multiStep(0.1, 20L, 50L, 51L), once(t -> {
            if (t == 20 || t == 50 || t == 51) {
                factor[0] *= 0.1;
            }
            return factor[0];
        }));
    }

    @Test
    void exponential() {
        double[] factor = {1 / 0.98};
        check(Schedule.exponential(0.98), once(t -> factor[0] *= 0.98));
        check(new Schedule.Exponential(0.5, 50), t -> Math.exp(-Math.log(2) * t / 50));
    }

    @Test
    void polynomial() {
        check(Schedule.polynomial(150, 2, 0.1), t -> t > 150 ? 0.1 : 0.1 + 0.9 * Math.pow(1 - t / 150.0, 2));
        check(Schedule.linear(80, 0), t -> Math.max(0, 80 - t) / 80.0);
    }

    @Test
    void cosine() {
        // PyTorch's recurrence of CosineAnnealingLR.
        double[] factor = {1};
        check(Schedule.cosine(STEPS, 0.05), once(t -> {
            if (t > 0) {
                double now = 1 + Math.cos(Math.PI * t / STEPS);
                double before = 1 + Math.cos(Math.PI * (t - 1) / STEPS);
                factor[0] = now / before * (factor[0] - 0.05) + 0.05;
            }
            return factor[0];
        }));
        assertThat(Schedule.cosine(10, 0.05).factor(1000)).isCloseTo(0.05, within(1e-15));
    }

    @Test
    void cosineRestarts() {
        check(Schedule.cosineRestarts(40, 1, 0), t -> Math.pow(Math.cos(Math.PI * (t % 40) / 80), 2));
        // Starts at 0, 10, 30, 70, 150.
        check(Schedule.cosineRestarts(10, 2, 0.2), t -> {
            int start = t < 10 ? 0 : t < 30 ? 10 : t < 70 ? 30 : t < 150 ? 70 : 150;
            double part = (t - start) / (start + 10.0);
            return 0.2 + 0.8 * Math.pow(Math.cos(Math.PI * part / 2), 2);
        });
    }

    @Test
    void warmup() {
        double[] factor = {0.1 - 0.9 / 45};
        check(Schedule.warmup(45, 0.1), once(t -> factor[0] = Math.min(1, factor[0] + 0.9 / 45)));
    }

    @Test
    void inverseSquareRoot() {
        check(Schedule.inverseSquareRoot(50), t -> t < 50 ? 1 : Math.sqrt(50) / Math.sqrt(t));
        // Attention is all you need: min(t^-0.5, t * warmup^-1.5), over its maximum.
        check(
                Schedule.warmup(50, 0).times(Schedule.inverseSquareRoot(50)),
                t -> t == 0 ? 0 : Math.min(Math.pow(t, -0.5), t * Math.pow(50, -1.5)) * Math.sqrt(50));
    }

    @Test
    void oneCycle() {
        check(Schedule.oneCycle(150), t -> {
            double top = 0.3 * 150 - 1;
            if (t <= top) {
                return 1 + (0.04 - 1) * Math.pow(Math.cos(Math.PI / 2 * t / top), 2);
            }
            double part = Math.min(1, (t - top) / (149 - top));
            return 0.04e-4 + (1 - 0.04e-4) * Math.pow(Math.cos(Math.PI / 2 * part), 2);
        });
    }

    @Test
    void oneAfterTheOther() {
        Schedule schedule =
                Schedule.warmup(20, 0.2).then(20, Schedule.cosine(100, 0)).then(120, Schedule.constant(0.01));
        check(schedule, t -> {
            if (t < 20) {
                return 0.2 + 0.04 * t;
            }
            return t < 120 ? Math.pow(Math.cos(Math.PI * (t - 20) / 200), 2) : 0.01;
        });
    }

    @Test
    void aStepIsOfTheScheduledSize() {
        Scheduled rule = Sgd.of(0.5).scheduled(Schedule.linear(4, 0));
        Tensor p = Tensor.of(1f, 2f);
        Tensor g = Tensor.of(1f, -1f);
        float[] third = rule.change(p, g, List.of(), 3).parameter().toFloats();
        assertThat(third).containsExactly(new float[] {0.75f, 2.25f}, within(1e-6f));
        assertThat(rule.withLearningRate(0.2)).isEqualTo(new Scheduled(Sgd.of(0.2), Schedule.linear(4, 0)));
        assertThat(rule.slots(p)).isEmpty();
    }

    @Test
    void aFactorOfNothingChangesNoBit() {
        Scheduled rule = AdamW.of(0.5).withWeightDecay(0.1).scheduled(Schedule.linear(4, 0));
        double[] start = {1, -2, 1e-30};
        Tensor p = Tensor.of(start, 3);
        Tensor g = Tensor.of(new double[] {1, 1e10, -1e-10}, 3);
        List<Tensor> slots = rule.slots(p).stream().map(Slot::initial).toList();
        assertThat(rule.learningRate(5)).isZero();
        assertThat(rule.change(p, g, slots, 5).parameter().toDoubles()).isEqualTo(start);
    }

    @Test
    void settingsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.step(0, 0.5))
                .withMessage("step schedule: every 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.constant(-1))
                .withMessage("constant schedule: factor -1.0, expected 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.multiStep(0.5, 3L, 3L))
                .withMessage("multi-step schedule: milestones [3, 3], expected rising numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.exponential(0))
                .withMessageContaining("gamma 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.polynomial(10, 0, 0))
                .withMessageContaining("power 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.cosine(10, -0.1))
                .withMessageContaining("end -0.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.cosineRestarts(10, 0, 0))
                .withMessageContaining("multiplier 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.warmup(0, 0))
                .withMessageContaining("warm-up: steps 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.inverseSquareRoot(0))
                .withMessageContaining("steps 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.oneCycle(3))
                .withMessage("one-cycle schedule: 0.3 of 3 steps rising, expected a part of at least two steps");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule.OneCycle(100, 0.3, 0.5, 1))
                .withMessage("one-cycle schedule: divisors 0.5 and 1.0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Schedule.constant(1).then(-1, Schedule.constant(1)))
                .withMessage("schedule: -1 steps before the next one, expected 0 or more");
        Scheduled wild = Sgd.of(1).scheduled(step -> Double.NaN);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> wild.learningRate(7))
                .withMessage("schedule: in step 7 a factor of NaN, expected 0 or more");
    }
}
