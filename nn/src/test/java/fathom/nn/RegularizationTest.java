package fathom.nn;

import static fathom.nn.Layers.alphaDropout;
import static fathom.nn.Layers.dropPath;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.gaussianNoise;
import static fathom.nn.Layers.spatialDropout1d;
import static fathom.nn.Layers.spatialDropout2d;
import static fathom.nn.Layers.spatialDropout3d;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.DoubleFunction;
import org.junit.jupiter.api.Test;

/// What is chance is held against five standard deviations of its distribution.
class RegularizationTest {
    private static final double P = 0.3;

    @Test
    void spatialDropoutTakesWholeChannels() {
        Tensor images = training(spatialDropout2d(P), Tensor.ones(50, 3, 5, 40));
        whole(images.permute(0, 3, 1, 2).reshape(2000, 15));
        Tensor volumes = training(spatialDropout3d(P), Tensor.ones(50, 3, 5, 2, 40));
        whole(volumes.permute(0, 4, 1, 2, 3).reshape(2000, 30));
        Tensor sequences = training(spatialDropout1d(P), Tensor.ones(50, 7, 40));
        whole(sequences.permute(0, 2, 1).reshape(2000, 7));
    }

    @Test
    void dropPathTakesWholeSamples() {
        whole(training(dropPath(P), Tensor.ones(2000, 3, 5)).reshape(2000, 15));
        assertThat(training(dropPath(P), Tensor.ones(2000)).shape()).isEqualTo(Shape.of(2000));
    }

    /// Each row is zero or `1 / (1 - P)` throughout, as many of them as the probability says.
    private static void whole(Tensor rows) {
        int n = rows.dim(0);
        assertThat(rows.max(1).toFloats()).isEqualTo(rows.min(1).toFloats());
        int zeros = 0;
        for (float v : rows.max(1).toFloats()) {
            zeros += v == 0 ? 1 : 0;
            assertThat(v == 0 || Math.abs(v - 1 / (1 - P)) < 1e-6).isTrue();
        }
        assertThat((double) zeros / n).isCloseTo(P, within(5 * Math.sqrt(P * (1 - P) / n)));
    }

    @Test
    void alphaDropoutKeepsMeanAndVariance() {
        int n = 200_000;
        Tensor x = RandomStream.of(1).normal(Shape.of(n));
        for (double p : new double[] {0.05, 0.3, 0.7}) {
            Tensor y = training(alphaDropout(p), x);
            // The value of what is dropped is the one that is there again and again.
            double q = 1 - p;
            double low = -1.0507009873554805 * 1.6732632423543772;
            double scale = 1 / Math.sqrt(q * (1 + p * low * low));
            double dropped = scale * (low - p * low);
            double share =
                    y.sub(dropped).abs().less(1e-6).cast(DType.F32).mean().item();
            assertThat(share).isCloseTo(p, within(5 * Math.sqrt(p * q / n) + 1e-5));
            assertThat(y.mean().item()).isCloseTo(0, within(5 / Math.sqrt(n)));
            double fourth = q * scale * scale * scale * scale * normalFourth(-p * low) + p * Math.pow(dropped, 4);
            assertThat(y.square().mean().item()).isCloseTo(1, within(5 * Math.sqrt((fourth - 1) / n)));
        }
    }

    /// The mean of `(z + shift)⁴` for a standard normal z.
    private static double normalFourth(double shift) {
        return 3 + 6 * shift * shift + Math.pow(shift, 4);
    }

    @Test
    void gaussianNoiseHasItsMoments() {
        int n = 100_000;
        Tensor x = Tensor.full(Shape.of(n), DType.F64, 7);
        Tensor noise = training(gaussianNoise(0.5), x).sub(7);
        assertThat(noise.dtype()).isEqualTo(DType.F64);
        assertThat(noise.mean().item()).isCloseTo(0, within(5 * 0.5 / Math.sqrt(n)));
        assertThat(noise.square().mean().item()).isCloseTo(0.25, within(5 * 0.25 * Math.sqrt(2.0 / n)));
        assertThat(noise.abs().less(0.5).cast(DType.F64).mean().item())
                .isCloseTo(0.6826894921370859, within(5 * Math.sqrt(0.6827 * 0.3173 / n)));
    }

    @Test
    void inInferenceAllIsAsItWas() {
        Tensor x = RandomStream.of(3).normal(Shape.of(2, 3, 4, 5));
        for (Stateless layer : List.of(spatialDropout2d(P), alphaDropout(P), dropPath(P), gaussianNoise(P))) {
            assertThat(layer.apply(x).toFloats()).isEqualTo(x.toFloats());
            assertThat(layer.output(Shape.of(3, 4, 5))).isEqualTo(Shape.of(3, 4, 5));
        }
        for (Stateless layer : List.of(spatialDropout2d(0), alphaDropout(0), dropPath(0), gaussianNoise(0))) {
            assertThat(training(layer, x).toFloats()).isEqualTo(x.toFloats());
        }
    }

    @Test
    void equalSeedsGiveEqualBitsOnAnyNumberOfThreads() {
        Tensor x = RandomStream.of(3).normal(Shape.of(33, 17, 9, 5)).evaluate();
        try (Device first = Device.cpu(1);
                Device second = Device.cpu(3)) {
            for (Stateless layer :
                    List.of(dropout(P), spatialDropout2d(P), alphaDropout(P), dropPath(P), gaussianNoise(P))) {
                float[] one = first.call(() -> training(layer, x).toFloats());
                float[] three = second.call(() -> training(layer, x).toFloats());
                assertThat(three).as(layer.toString()).isEqualTo(one);
                float[] other = Context.training(
                        RandomStream.of(8), () -> layer.apply(x).toFloats());
                assertThat(other).as(layer.toString()).isNotEqualTo(one);
            }
        }
    }

    /// What is multiplied hands the factor on to the gradient; noise that is added leaves it alone.
    @Test
    void gradientsGoThroughWhatIsKept() {
        Tensor x = Tensor.ones(6, 4, 3).copy();
        Context.training(RandomStream.of(1), () -> {
            for (Stateless layer : List.of(spatialDropout1d(0.5), dropPath(0.5))) {
                Tensor y = layer.apply(x);
                assertThat(Gradients.of(y.sum(), x).toFloats()).isEqualTo(y.toFloats());
            }
            Tensor noisy = gaussianNoise(2).apply(x);
            assertThat(Gradients.of(noisy.sum(), x).toFloats()).containsOnly(1);
            Tensor y = alphaDropout(0.5).apply(x);
            float low = y.min().toFloats()[0];
            float[] values = y.toFloats();
            float[] slopes = Gradients.of(y.sum(), x).toFloats();
            for (int i = 0; i < values.length; i++) {
                assertThat(slopes[i] == 0).isEqualTo(values[i] == low);
            }
            assertThat(slopes).contains(0).isNotEqualTo(new float[slopes.length]);
        });
    }

    @Test
    void badArgumentsAreErrors() {
        probability("spatialDropout: p", Layers::spatialDropout1d);
        probability("spatialDropout: p", Layers::spatialDropout2d);
        probability("alphaDropout: p", Layers::alphaDropout);
        probability("dropPath: p", Layers::dropPath);
        for (double deviation : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> gaussianNoise(deviation))
                    .withMessageContaining("gaussianNoise: standard deviation " + deviation + ", expected 0 or more");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spatialDropout2d(P).apply(Tensor.zeros(2, 3, 4)))
                .withMessageContaining("input F32[2, 3, 4], expected 4 axes [N, ..., C]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spatialDropout1d(P).output(Shape.of(3, 4, 5)))
                .withMessageContaining("expected 3 axes [N, ..., C]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dropPath(P).apply(Tensor.scalar(1)))
                .withMessageContaining("input F32[], expected [N, ...]");
    }

    private static void probability(String name, DoubleFunction<Stateless> layer) {
        for (double p : new double[] {1, -0.1, Double.NaN}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.apply(p))
                    .withMessageContaining(name + " " + p + ", expected 0 or more and below 1");
        }
    }

    private static Tensor training(Stateless layer, Tensor x) {
        return Context.training(RandomStream.of(7), () -> layer.apply(x).evaluate());
    }
}
