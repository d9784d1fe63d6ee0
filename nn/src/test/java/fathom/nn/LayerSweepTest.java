package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.nn.LayerExample.Trait;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is asked of every layer that [Layers] makes.
class LayerSweepTest {
    private static final double STEP = 1e-5;

    static Stream<LayerExample> all() {
        return LayerExamples.all();
    }

    static Stream<LayerExample> ofSamplesApart() {
        return all().filter(example -> !example.is(Trait.SAMPLES_MIX));
    }

    @Test
    void everyFactoryHasAnExample() {
        Set<String> factories = Arrays.stream(Layers.class.getDeclaredMethods())
                .filter(m -> Modifier.isStatic(m.getModifiers()) && Modifier.isPublic(m.getModifiers()))
                .map(Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(all().map(LayerExample::factory)).containsExactlyInAnyOrderElementsOf(factories);
    }

    @ParameterizedTest
    @MethodSource("all")
    void oneSampleAndManyGiveWhatTheBlueprintSays(LayerExample example) {
        for (int samples : new int[] {1, 33}) {
            Shape y =
                    example.call().on(example.build(0), example.batch(samples)).shape();
            assertThat(y.dim(0)).isEqualTo(samples);
            assertThat(Shape.of(y.toList().subList(1, y.rank())))
                    .isEqualTo(example.layer().output(example.sample()));
        }
    }

    /// Results and gradients of samples in a batch are those of the samples alone.
    @ParameterizedTest
    @MethodSource("ofSamplesApart")
    void samplesDoNotKnowOfEachOther(LayerExample example) {
        Module module = example.build(0);
        Tensor x = example.batch(33);
        Tensor[] together = resultAndGradient(example, module, x);
        for (int sample : new int[] {0, 17, 32}) {
            Tensor[] alone = resultAndGradient(
                    example, module, x.slice(0, sample, sample + 1).copy());
            for (int i = 0; i < alone.length; i++) {
                float[] expected = alone[i].toFloats();
                float[] actual = together[i].slice(0, sample, sample + 1).toFloats();
                for (int k = 0; k < expected.length; k++) {
                    assertThat(actual[k]).isCloseTo(expected[k], within(1e-5f + 1e-5f * Math.abs(expected[k])));
                }
            }
        }
    }

    /// The gradient is that of half the sum of squares.
    private static Tensor[] resultAndGradient(LayerExample example, Module module, Tensor x) {
        Tensor y = example.call().on(module, x);
        return x.dtype().isFloating()
                ? new Tensor[] {y, Gradients.of(y.mul(y).sum().mul(0.5), x)}
                : new Tensor[] {y};
    }

    @ParameterizedTest
    @MethodSource("all")
    void gradientsAreDifferenceQuotients(LayerExample example) throws ReflectiveOperationException {
        checkGradients(example, 1);
        checkGradients(example, 3);
    }

    private static void checkGradients(LayerExample example, int samples) throws ReflectiveOperationException {
        Module module = DoubleModules.copy(example.build(1));
        Tensor given = example.batch(samples);
        Parameter x = Parameter.of(given.dtype().isFloating() ? given.cast(DType.F64) : given);
        List<Parameter> leaves = new ArrayList<>(Modules.parameters(module).values());
        // Away from the zeros and ones that layers start with.
        leaves.forEach(p -> p.set(p.value().add(noise(p.shape(), 3).mul(0.1))));
        if (given.dtype().isFloating()) {
            leaves.add(x);
        }
        Supplier<Tensor> loss = () -> {
            Tensor y = example.call().on(module, x.value());
            return y.mul(noise(y.shape(), 4)).sum();
        };
        List<@Nullable Tensor> gradients = inContext(example, () -> {
            List<@Nullable Tensor> found = Gradients.ofUsed(
                    loss.get(), leaves.stream().map(Parameter::value).toList());
            found.stream().filter(g -> g != null).forEach(Tensor::evaluate);
            return found;
        });
        for (int i = 0; i < leaves.size(); i++) {
            Parameter leaf = leaves.get(i);
            Tensor value = leaf.value().copy();
            for (int seed = 10; seed < 12; seed++) {
                Tensor direction = noise(leaf.shape(), seed).copy();
                Tensor g = gradients.get(i);
                double slope = g == null ? 0 : g.mul(direction).sum().item();
                leaf.set(value.add(direction.mul(STEP)));
                double above = inContext(example, () -> loss.get().item());
                leaf.set(value.sub(direction.mul(STEP)));
                double below = inContext(example, () -> loss.get().item());
                double quotient = (above - below) / (2 * STEP);
                assertThat(slope)
                        .as("slope along %s of %s samples", leaf, samples)
                        .isCloseTo(quotient, within(1e-6 * (1 + Math.abs(quotient))));
            }
            leaf.set(value);
        }
    }

    private static Tensor noise(Shape shape, long seed) {
        return RandomStream.of(seed).normal(shape, DType.F64);
    }

    /// In training, with the same random numbers each time.
    private static <T> T inContext(LayerExample example, Supplier<T> body) {
        return example.is(Trait.GRADIENT_IN_INFERENCE)
                ? Context.inference(body)
                : Context.training(RandomStream.of(8), body);
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatIsSavedIsLoaded(LayerExample example) {
        Module one = example.build(1);
        Module other = example.build(2);
        List<Parameter> weights = new ArrayList<>(Modules.parameters(one).values());
        for (int i = 0; i < weights.size(); i++) {
            Parameter p = weights.get(i);
            p.set(p.value().add(RandomStream.of(i).normal(p.shape())));
        }
        Tensor x = example.batch(3);
        // Fills in running statistics, where there are any.
        Context.training(RandomStream.of(6), () -> example.call().on(one, x).evaluate());
        float[] expected = example.call().on(one, x).toFloats();
        if (!weights.isEmpty()) {
            assertThat(example.call().on(other, x).toFloats()).isNotEqualTo(expected);
        }
        Modules.load(other, Modules.state(one));
        assertThat(example.call().on(other, x).toFloats()).isEqualTo(expected);
    }

    /// Names for the path `encoder.1.block3.attention`.
    private record Model(Chain encoder) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return encoder.apply(x);
        }
    }

    private record Blocks(Block block3) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return block3.apply(x);
        }
    }

    private record Block(Module attention, LayerExample.Call call) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return call.on(attention, x);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aWrongInputIsRefusedWithThePathAndBothShapes(LayerExample example) {
        Activation same = Layers.function("same", x -> x);
        Module model = new Model(Chain.of(same, new Blocks(new Block(example.build(0), example.call()))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Context.training(
                        RandomStream.of(0), () -> model.apply(example.wrong()).shape()))
                .withMessageStartingWith("layer encoder.1.block3.attention")
                .withMessageContaining(example.wrong().shape().toString())
                .withMessageContaining("expected")
                .withMessageContaining(example.expected());
    }
}
