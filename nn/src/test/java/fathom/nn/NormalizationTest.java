package fathom.nn;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.layerNorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class NormalizationTest {
    private static final float[] VALUES = {1, 10, 2, 20, 3, 60, 6, 30};

    private static BatchNorm norm() {
        return batchNorm().build(Shape.of(2), RandomStream.of(0));
    }

    private static Tensor batch() {
        return Tensor.of(VALUES, 4, 2);
    }

    @Test
    void inTrainingTheBatchIsNormalised() {
        BatchNorm norm = norm();
        norm.weight().set(Tensor.of(2f, 1f));
        norm.bias().set(Tensor.of(0f, 5f));
        float[] y =
                Context.training(RandomStream.of(0), () -> norm.apply(batch()).toFloats());
        double mean = 3;
        double deviation = Math.sqrt(3.5 + 1e-5);
        for (int i = 0; i < 4; i++) {
            assertThat((double) y[2 * i]).isCloseTo(2 * (VALUES[2 * i] - mean) / deviation, within(1e-5));
            assertThat((double) y[2 * i + 1]).isCloseTo(5 + (VALUES[2 * i + 1] - 30) / Math.sqrt(350), within(1e-4));
        }
    }

    @Test
    void runningStatisticsFollowTheBatches() {
        BatchNorm norm = norm();
        Context.training(RandomStream.of(0), () -> {
            norm.apply(batch()).evaluate();
        });
        // The variances over n - 1 are 14 / 3 and 1400 / 3.
        near(norm.runningMean().value(), 0.1 * 3, 0.1 * 30);
        near(norm.runningVariance().value(), 0.9 + 1.4 / 3, 0.9 + 140.0 / 3);
        Context.training(RandomStream.of(0), () -> {
            norm.apply(batch());
            norm.apply(batch());
        });
        near(norm.runningMean().value(), 3 * (1 - 0.729), 30 * (1 - 0.729));
    }

    @Test
    void inInferenceTheRunningStatisticsCount() {
        BatchNorm norm = norm();
        norm.runningMean().set(Tensor.of(1f, 2f));
        norm.runningVariance().set(Tensor.of(4f, 9f));
        float[] y = norm.apply(batch()).toFloats();
        for (int i = 0; i < 4; i++) {
            assertThat((double) y[2 * i]).isCloseTo((VALUES[2 * i] - 1) / 2, within(1e-4));
            assertThat((double) y[2 * i + 1]).isCloseTo((VALUES[2 * i + 1] - 2) / 3, within(1e-4));
        }
        near(norm.runningMean().value(), 1, 2);
    }

    @Test
    void imagesAreNormalisedByChannel() {
        BatchNorm norm = batchNorm().build(Shape.of(3, 3, 5), RandomStream.of(0));
        Tensor x = RandomStream.of(1).normal(Shape.of(4, 3, 3, 5)).mul(3).add(7);
        Tensor y = Context.training(RandomStream.of(0), () -> norm.apply(x).evaluate());
        for (float m : y.mean(0, 1, 2).toFloats()) {
            assertThat((double) m).isCloseTo(0, within(1e-5));
        }
        for (float v : y.variance(0, 1, 2).toFloats()) {
            assertThat((double) v).isCloseTo(1, within(1e-3));
        }
    }

    @Test
    void gradientsGoThroughTheBatchStatistics() {
        BatchNorm norm = norm();
        // Normalised values do not depend on a shift, so the gradient along it is zero.
        Tensor x = batch();
        Tensor g = Context.training(RandomStream.of(0), () -> {
            Tensor y = norm.apply(x);
            return Gradients.of(y.mul(y).mul(y).sum(), x).evaluate();
        });
        near(g.sum(0), 0, 0);
        assertThat(g.abs().sum().item()).isGreaterThan(0.01);
    }

    @Test
    void oneValuePerChannelCannotBeNormalised() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Context.training(RandomStream.of(0), () -> norm().apply(Tensor.zeros(1, 2))))
                .withMessageContaining("more than one value per channel");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batchNorm().momentum(0))
                .withMessageContaining("momentum 0.0, expected above 0 to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> norm().apply(Tensor.zeros(4, 3)))
                .withMessageContaining("expected [N, ..., 2]");
    }

    @Test
    void layerNormTreatsEverySampleByItself() {
        LayerNorm norm = layerNorm().build(Shape.of(4), RandomStream.of(0));
        norm.weight().set(Tensor.of(1f, 1f, 2f, 1f));
        norm.bias().set(Tensor.of(0f, 0f, 0f, 3f));
        float[] y = norm.apply(Tensor.of(new float[] {1, 2, 3, 6, -1, -1, -1, -1}, 2, 4))
                .toFloats();
        double d = Math.sqrt(3.5 + 1e-5);
        double[] expected = {-2 / d, -1 / d, 0, 3 / d + 3, 0, 0, 0, 3};
        for (int i = 0; i < 8; i++) {
            assertThat((double) y[i]).isCloseTo(expected[i], within(1e-5));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> norm.apply(Tensor.zeros(2, 5)))
                .withMessageContaining("expected last axes [4]");
    }

    @Test
    void dropoutKeepsTheMeanInTrainingAndEverythingInInference() {
        Tensor x = Tensor.ones(100, 1000);
        assertThat(dropout(0.3).apply(x).toFloats()).containsOnly(1);
        float[] y =
                Context.training(RandomStream.of(5), () -> dropout(0.3).apply(x).toFloats());
        int zeros = 0;
        for (float v : y) {
            zeros += v == 0 ? 1 : 0;
            assertThat(v == 0 || Math.abs(v - 1 / 0.7) < 1e-6).isTrue();
        }
        // Five standard deviations of a binomial distribution.
        assertThat(zeros / 100_000.0).isCloseTo(0.3, within(5 * Math.sqrt(0.21 / 100_000)));
        float[] again =
                Context.training(RandomStream.of(5), () -> dropout(0.3).apply(x).toFloats());
        float[] other =
                Context.training(RandomStream.of(6), () -> dropout(0.3).apply(x).toFloats());
        assertThat(again).isEqualTo(y);
        assertThat(other).isNotEqualTo(y);
    }

    @Test
    void dropoutGradientIsZeroWhereTheOutputIs() {
        Tensor x = Tensor.ones(50).copy();
        Context.training(RandomStream.of(1), () -> {
            Tensor y = dropout(0.5).apply(x);
            Tensor g = Gradients.of(y.sum(), x);
            assertThat(g.toFloats()).isEqualTo(y.toFloats());
        });
    }

    @Test
    void dropoutHasAProbabilityBelowOne() {
        for (double p : new double[] {1, -0.1, Double.NaN}) {
            assertThatIllegalArgumentException().isThrownBy(() -> dropout(p)).withMessageContaining("dropout: p " + p);
        }
        assertThat(dropout(0).apply(Tensor.ones(3)).toFloats()).containsOnly(1);
    }

    @Test
    void randomNumbersBelongToTraining() {
        assertThatIllegalStateException().isThrownBy(Context::random).withMessageContaining("Context.training");
        assertThat(Context.isTraining()).isFalse();
        Context.training(RandomStream.of(0), () -> {
            assertThat(Context.isTraining()).isTrue();
            assertThat(Context.<Boolean>inference(Context::isTraining)).isFalse();
        });
    }

    private static void near(Tensor t, double... expected) {
        float[] actual = t.toFloats();
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-4 * Math.max(1, Math.abs(expected[i]))));
        }
    }
}
