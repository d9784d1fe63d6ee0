package fathom.nn;

import static fathom.nn.Layers.checkpoint;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;
import static fathom.nn.Layers.spectralNorm;
import static fathom.nn.Layers.weightNorm;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.nn.optim.Optimizer;
import fathom.nn.optim.Sgd;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class WeightNormalizationTest {
    private static final Shape INPUT = Shape.of(5);
    private static final Tensor X = RandomStream.of(1).normal(Shape.of(33, 5));

    @Test
    void weightNormStartsAsTheLayerItself() {
        float[] plain = linear(3).build(INPUT, RandomStream.of(2)).apply(X).toFloats();
        WeightNorm norm = weightNorm(linear(3)).build(INPUT, RandomStream.of(2));
        assertThat(norm.apply(X).toFloats()).containsExactly(plain, within(1e-6f));
        assertThat(Modules.parameters(norm).keySet()).containsExactly("layer.weight", "layer.bias", "magnitude");
        assertThat(weightNorm(linear(3)).output(INPUT)).isEqualTo(Shape.of(3));
    }

    @Test
    void onlyTheDirectionOfTheWeightCounts() {
        WeightNorm norm = weightNorm(linear(3)).build(INPUT, RandomStream.of(2));
        Tensor before = norm.apply(X).copy();
        norm.weight().set(norm.weight().value().mul(Tensor.of(2f, 0.5f, 10f)));
        assertThat(norm.apply(X).toFloats()).containsExactly(before.toFloats(), within(1e-5f));
        norm.magnitude().set(norm.magnitude().value().mul(Tensor.of(2f, 3f, 0f)));
        float[] scaled = before.mul(Tensor.of(2f, 3f, 0f)).toFloats();
        assertThat(norm.apply(X).toFloats()).containsExactly(scaled, within(1e-5f));
    }

    @Test
    void spectralNormDividesByTheGreatestSingularValue() {
        SpectralNorm norm = spectralNorm(linear(3).withoutBias()).build(INPUT, RandomStream.of(2));
        // Singular values 4, 2 and 1, apart enough for 15 steps.
        Tensor left = Initializer.orthogonal().create(Shape.of(5, 3), RandomStream.of(3));
        Tensor right = Initializer.orthogonal().create(Shape.of(3, 3), RandomStream.of(4));
        Tensor w = left.mul(Tensor.of(4f, 2f, 1f)).matmul(right).copy();
        norm.weight().set(w);
        for (int i = 0; i < 15; i++) {
            Context.training(RandomStream.of(0), () -> {
                norm.apply(X);
            });
        }
        float[] expected = X.matmul(w.div(4)).toFloats();
        assertThat(norm.apply(X).toFloats()).containsExactly(expected, within(1e-5f));
        assertThat(norm.outputVector().value().square().sum().item()).isCloseTo(1, within(1e-6));
        assertThat(norm.inputVector().value().square().sum().item()).isCloseTo(1, within(1e-6));
        assertThat(Modules.buffers(norm).keySet()).containsExactly("outputVector", "inputVector");
    }

    @Test
    void thePowerIterationGoesOnInTrainingOnly() {
        SpectralNorm norm = spectralNorm(linear(3)).build(INPUT, RandomStream.of(2));
        norm.weight().set(RandomStream.of(9).normal(Shape.of(5, 3)));
        float[] before = norm.outputVector().value().toFloats();
        norm.apply(X).evaluate();
        assertThat(norm.outputVector().value().toFloats()).isEqualTo(before);
        SpectralNorm twice = spectralNorm(linear(3)).iterations(2).build(INPUT, RandomStream.of(2));
        Modules.load(twice, Modules.state(norm));
        Context.training(RandomStream.of(0), () -> {
            norm.apply(X);
            norm.apply(X);
            twice.apply(X);
        });
        assertThat(norm.outputVector().value().toFloats()).isNotEqualTo(before);
        // Two calls in one step go on from each other, and are two iterations.
        assertThat(norm.outputVector().value().toFloats())
                .isEqualTo(twice.outputVector().value().toFloats());
        assertThat(norm.inputVector().value().toFloats())
                .isEqualTo(twice.inputVector().value().toFloats());
    }

    @Test
    void anyLayerCanBeWrapped() {
        Tensor images = RandomStream.of(1).normal(Shape.of(1, 5, 7, 2));
        Shape image = Shape.of(5, 7, 2);
        float[] plain =
                conv2d(4, 3).build(image, RandomStream.of(2)).apply(images).toFloats();
        assertThat(weightNorm(conv2d(4, 3))
                        .build(image, RandomStream.of(2))
                        .apply(images)
                        .toFloats())
                .containsExactly(plain, within(1e-6f));
        SpectralNorm spectral = spectralNorm(conv2d(4, 3)).build(image, RandomStream.of(2));
        assertThat(spectral.inputVector().shape()).isEqualTo(Shape.of(18));
        assertThat(spectral.apply(images).shape()).isEqualTo(Shape.of(1, 3, 5, 4));

        Tensor sequences = RandomStream.of(1).normal(Shape.of(3, 6, 2));
        Shape sequence = Shape.of(6, 2);
        float[] states =
                lstm(4).build(sequence, RandomStream.of(2)).apply(sequences).toFloats();
        WeightNorm recurrent = weightNorm(lstm(4)).path("recurrentWeight").build(sequence, RandomStream.of(2));
        assertThat(recurrent.apply(sequences).toFloats()).containsExactly(states, within(1e-6f));
    }

    /// What the outer norm makes of the weight is what the inner one starts from.
    @Test
    void oneNormCanBePutAroundAnother() {
        WeightNorm inner = weightNorm(linear(3).withoutBias()).build(INPUT, RandomStream.of(2));
        inner.magnitude().set(Tensor.of(1f, 2f, 3f));
        SpectralNorm seed = spectralNorm(linear(3)).build(INPUT, RandomStream.of(2));
        SpectralNorm outer = new SpectralNorm(inner, inner.weight(), seed.outputVector(), seed.inputVector(), 1, 1e-12);
        // The columns' lengths are those of the inner norm, whatever the outer one divides by.
        float[] expected = inner.apply(X).toFloats();
        assertThat(outer.apply(X).toFloats()).containsExactly(expected, within(1e-5f));
    }

    @Test
    void trainedSavedAndLoadedTheyComputeTheSame() {
        for (Layer layer : new Layer[] {weightNorm(linear(3)), spectralNorm(linear(3))}) {
            Module model = layer.build(INPUT, RandomStream.of(2));
            Optimizer optimizer = Sgd.of(0.1).on(model);
            Tensor target =
                    X.matmul(RandomStream.of(5).normal(Shape.of(5, 3)).mul(0.3)).evaluate();
            float[] losses = new float[30];
            Context.training(RandomStream.of(0), () -> {
                for (int i = 0; i < losses.length; i++) {
                    Tensor loss = model.apply(X).sub(target).square().mean();
                    optimizer.step(loss);
                    losses[i] = (float) loss.item();
                }
            });
            assertThat(losses[29]).as(layer.toString()).isLessThan(0.5f * losses[0]);
            Module loaded = layer.build(INPUT, RandomStream.of(3));
            assertThat(loaded.apply(X).toFloats()).isNotEqualTo(model.apply(X).toFloats());
            Modules.load(loaded, Modules.state(model));
            assertThat(loaded.apply(X).toFloats()).isEqualTo(model.apply(X).toFloats());
        }
    }

    @Test
    void aMarkedLayerComputesTheNormalisedWeightAnew() {
        WeightNorm plain = weightNorm(linear(3)).build(INPUT, RandomStream.of(2));
        WeightNorm marked =
                weightNorm(checkpoint(linear(3))).path("module.weight").build(INPUT, RandomStream.of(2));
        List<float[]> expected = gradients(plain);
        List<float[]> actual = gradients(marked);
        for (int i = 0; i < 2; i++) {
            assertThat(actual.get(i)).containsExactly(expected.get(i), within(1e-5f));
        }
    }

    private static List<float[]> gradients(WeightNorm norm) {
        norm.magnitude().set(Tensor.of(1f, 2f, 3f));
        return Context.training(RandomStream.of(0), () -> {
            Tensor loss = norm.apply(X).square().mean();
            return List.of(
                    Gradients.of(loss, norm.weight().value()).toFloats(),
                    Gradients.of(loss, norm.magnitude().value()).toFloats());
        });
    }

    @Test
    void outsideOfTheCallTheWeightIsItself() {
        WeightNorm norm = weightNorm(linear(3)).build(INPUT, RandomStream.of(2));
        norm.magnitude().set(Tensor.of(7f, 7f, 7f));
        norm.apply(X);
        assertThat(norm.weight().value()).isSameAs(norm.weight().variable().value());
    }

    @Test
    void badArgumentsAreErrors() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weightNorm(lstm(4)).build(Shape.of(6, 2), RandomStream.of(0)))
                .withMessageContaining("weightNorm: no parameter weight in Lstm, expected one of"
                        + " [inputWeight, recurrentWeight, bias]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spectralNorm(linear(3)).path("bias").build(INPUT, RandomStream.of(0)))
                .withMessageContaining("spectralNorm: weight of shape [3], expected [..., in, out]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weightNorm(linear(3)).path("bias").build(INPUT, RandomStream.of(0)))
                .withMessageContaining("weightNorm: weight of shape [3], expected [..., in, out]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spectralNorm(linear(3)).iterations(0))
                .withMessageContaining("spectralNorm: iterations 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> spectralNorm(linear(3)).epsilon(-1))
                .withMessageContaining("spectralNorm: epsilon -1.0, expected a number above 0");
        Linear one = linear(3).build(INPUT, RandomStream.of(0));
        Linear other = linear(3).build(INPUT, RandomStream.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WeightNorm(one, other.weight(), Init.ones(3)))
                .withMessageContaining("weightNorm: weight of shape [5, 3], expected a parameter of Linear");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WeightNorm(one, one.weight(), Init.ones(5)))
                .withMessageContaining("weightNorm: magnitude of shape [5], expected [3]");
        SpectralNorm norm = spectralNorm(linear(3)).build(INPUT, RandomStream.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new SpectralNorm(one, one.weight(), norm.inputVector(), norm.outputVector(), 1, 1e-12))
                .withMessageContaining("spectralNorm: vectors of shapes [5] and [3] for weight [5, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> norm.apply(Tensor.zeros(2, 4)))
                .withMessageContaining("layer layer (Linear): input F32[2, 4], expected [..., 5]");
    }
}
