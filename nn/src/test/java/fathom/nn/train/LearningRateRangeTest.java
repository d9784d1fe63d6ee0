package fathom.nn.train;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Chain;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateRangeTest {
    private static final Samples DATA = Samples.spirals(20, 16);

    private static Chain model() {
        return Sequential.of(linear(8), batchNorm(), dropout(0.2), linear(2)).build(Shape.of(2), RandomStream.of(5));
    }

    private static LearningRateRange.Curve curve(double... losses) {
        return new LearningRateRange.Curve(IntStream.range(0, losses.length)
                .mapToObj(i -> new LearningRateRange.Point(Math.pow(10, i - 4), losses[i]))
                .toList());
    }

    @Test
    void stepSizesRiseEvenlyOverTheirLogarithm() {
        var curve = LearningRateRange.of(1e-4, 1e-2, 5).run(model(), Loss.crossEntropy(), Adam.of(1), DATA, 3);
        double[] expected = {1e-4, 3.1622776601683794e-4, 1e-3, 3.1622776601683794e-3, 1e-2};
        assertThat(curve.points()).hasSize(5);
        for (int i = 0; i < 5; i++) {
            assertThat(curve.points().get(i).learningRate()).isCloseTo(expected[i], within(1e-15));
        }
    }

    @Test
    void theModelIsAfterwardsWhatItWasBefore() {
        Chain model = model();
        var before = TrainerTest.weights(model);
        var range = LearningRateRange.of(1e-3, 1, 40);
        var curve = range.run(model, Loss.crossEntropy(), Adam.of(1), DATA, 3);
        assertThat(TrainerTest.weights(model)).isEqualTo(before);
        // The statistics of normalisation, too: so the same again gives the same.
        assertThat(range.run(model, Loss.crossEntropy(), Adam.of(1), DATA, 3)).isEqualTo(curve);
        assertThat(range.run(model, Loss.crossEntropy(), Adam.of(1), DATA, 4)).isNotEqualTo(curve);
    }

    /// Descent on `(w x)^2 / 2` with x = 2 is stable for step sizes below 2 / x^2 = 0.5, and those at 0.25
    /// are at the goal at once. So the test goes beyond 0.5, and what it suggests is below.
    @Test
    void theSuggestionIsBelowWhatDiverges() {
        float[][] points = new float[16][];
        Arrays.fill(points, new float[] {2, 0});
        Samples data = new Samples(points, new int[16], 4, false);
        Chain model = Sequential.of(linear(1).withoutBias()).build(Shape.of(2), RandomStream.of(1));
        var curve = LearningRateRange.of(1e-3, 100, 200)
                .run(model, (p, t) -> p.square().mean().div(2), Sgd.of(1), data, 0);
        assertThat(curve.points().getLast().learningRate()).isBetween(0.5, 10.0);
        assertThat(curve.suggestion()).isBetween(1e-3, 0.5);
    }

    @Test
    void theSuggestionIsTheSteepestFallBeforeTheLeastLoss() {
        // Without noise the smoothed losses fall where the losses do.
        assertThat(curve(9, 9, 8.9, 5, 2, 1.5, 1.4).suggestion()).isCloseTo(0.1, within(1e-12));
        double[] smoothed = curve(4, 2).smoothed();
        assertThat(smoothed[0]).isCloseTo(4, within(1e-12));
        assertThat(smoothed[1]).isCloseTo((0.9 * 4 + 2) / 1.9, within(1e-12));
        assertThatIllegalStateException()
                .isThrownBy(() -> curve(1, 2, 3).suggestion())
                .withMessage("suggestion: the loss does not fall from 1.0 over 3 steps, expected smaller step sizes to"
                        + " begin with, or more steps");
    }

    @Test
    void itEndsWhereTheLossIsNoNumberOrFourTimesTheLeast() {
        double[] losses = {3, 2, 1, 1, 60, 70};
        int[] step = {0};
        Loss scripted = (p, t) -> p.mean().mul(0).add(losses[step[0]++]);
        assertThat(LearningRateRange.of(1, 2, 6)
                        .run(model(), scripted, Sgd.of(1), DATA, 0)
                        .points())
                .extracting(LearningRateRange.Point::loss)
                .containsExactly(3.0, 2.0, 1.0, 1.0, 60.0);
        losses[3] = Double.POSITIVE_INFINITY;
        step[0] = 0;
        assertThat(LearningRateRange.of(1, 2, 6)
                        .run(model(), scripted, Sgd.of(1), DATA, 0)
                        .points())
                .extracting(LearningRateRange.Point::loss)
                .containsExactly(3.0, 2.0, 1.0);
        losses[0] = Double.NaN;
        step[0] = 0;
        Chain model = model();
        var before = TrainerTest.weights(model);
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> LearningRateRange.of(1, 2, 6).run(model, scripted, Sgd.of(1), DATA, 0))
                .withMessageContaining("the first one");
        assertThat(TrainerTest.weights(model)).isEqualTo(before);
    }

    @Test
    void badSettingsAreRefused() {
        for (double[] bounds : List.of(new double[] {0, 1}, new double[] {2, 1}, new double[] {1, Double.NaN})) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> LearningRateRange.of(bounds[0], bounds[1], 10))
                    .withMessageContaining("expected rising numbers above 0");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LearningRateRange.of(1, 2, 2))
                .withMessage("learning rate range: 2 steps, expected at least 3");
        var scheduled = Sgd.of(1).scheduled(Schedule.constant(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> LearningRateRange.of(1, 2, 3).run(model(), Loss.crossEntropy(), scheduled, DATA, 0))
                .withMessageContaining("expected a rule without a schedule");
    }
}
