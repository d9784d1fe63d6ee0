package fathom.nn;

import static fathom.nn.Layers.gelu;
import static fathom.nn.Layers.learnedPositions;
import static fathom.nn.Layers.multiHeadAttention;
import static fathom.nn.Layers.transformerDecoderLayer;
import static fathom.nn.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MultiHeadAttentionTest {
    private static final Shape SAMPLE = Shape.of(7, 12);

    static Stream<MultiHeadAttention.Blueprint> causal() {
        MultiHeadAttention.Blueprint four = multiHeadAttention(3).causal();
        return Stream.of(
                four,
                four.withoutBias(),
                multiHeadAttention(6).keyHeads(2).causal(),
                four.rotary(RotaryPositions.of()),
                four.rotary(RotaryPositions.of().inHalves()),
                multiHeadAttention(6).keyHeads(3).causal().alibi());
    }

    /// Some steps at once, then one after the other.
    @ParameterizedTest
    @MethodSource("causal")
    void stepByStepIsTheSameAsAtOnce(MultiHeadAttention.Blueprint blueprint) {
        MultiHeadAttention layer = blueprint.build(SAMPLE, RandomStream.of(1));
        Tensor x = normal(2, 2, 7, 12);
        KeyValueCache cache = layer.cache(2, 9);
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < 7; from += from == 0 ? 3 : 1) {
            MultiHeadAttention.Step step = layer.next(x.slice(1, from, from == 0 ? 3 : from + 1), cache);
            parts.add(step.output());
            cache = KeyValueCache.evaluate(step.output(), List.of(step.cache())).getFirst();
        }
        assertThat(cache.length()).isEqualTo(7);
        assertThat(Tensor.concat(1, parts).toFloats())
                .containsExactly(layer.apply(x).toFloats(), within(1e-5f));
    }

    /// The weights, applied by hand to the values, give what the layer gives.
    @ParameterizedTest
    @MethodSource("causal")
    void weightsAreWhatValuesAreMixedBy(MultiHeadAttention.Blueprint blueprint) {
        MultiHeadAttention layer = blueprint.build(SAMPLE, RandomStream.of(1));
        Tensor x = normal(2, 2, 7, 12);
        AttentionMask some = AttentionMask.none().lengths(Tensor.of(new int[] {7, 4}, 2), 7);
        Tensor weights = layer.weights(x, x, some);
        assertThat(weights.shape()).isEqualTo(Shape.of(2, layer.heads(), 7, 7));
        assertThat(weights.sum(3).sub(1).abs().max().item()).isLessThan(1e-6);
        assertThat(weights.at(2, 2).at(2, 3).toFloats()).containsOnly(0);
        assertThat(weights.at(0, 1).slice(2, 4, 7).toFloats()).containsOnly(0);
        int keyHeads = layer.keyHeads();
        Tensor values = layer.value()
                .apply(x)
                .reshape(2, 7, keyHeads, 12 / layer.heads())
                .permute(0, 2, 1, 3);
        int[] owners = IntStream.range(0, layer.heads())
                .map(h -> h / (layer.heads() / keyHeads))
                .toArray();
        Tensor mixed = weights.matmul(values.take(Tensor.of(owners, owners.length), 1));
        assertThat(layer.output().apply(mixed.permute(0, 2, 1, 3).flatten(2)).toFloats())
                .containsExactly(layer.apply(x, some).toFloats(), within(1e-5f));
    }

    @Test
    void layersGenerateWhatTheyGiveAtOnce() {
        var encoder = transformerEncoderLayer(3, 20)
                .attention(a -> a.causal())
                .activation(gelu())
                .preNorm()
                .build(SAMPLE, RandomStream.of(1));
        var decoder = transformerDecoderLayer(3, 20).build(SAMPLE, RandomStream.of(2));
        Tensor x = normal(3, 2, 5, 12);
        Tensor memory = normal(4, 2, 4, 12);
        AttentionMask some = AttentionMask.none().lengths(Tensor.of(new int[] {2, 4}, 2), 4);
        KeyValueCache first = encoder.selfAttention().cache(2, 5);
        KeyValueCache second = decoder.selfAttention().cache(2, 5);
        List<Tensor> parts = new ArrayList<>();
        for (int t = 0; t < 5; t++) {
            MultiHeadAttention.Step low = encoder.next(x.slice(1, t, t + 1), first);
            MultiHeadAttention.Step high = decoder.next(low.output(), memory, some, second);
            List<KeyValueCache> both = KeyValueCache.evaluate(high.output(), List.of(low.cache(), high.cache()));
            first = both.getFirst();
            second = both.getLast();
            parts.add(high.output());
        }
        Tensor whole = decoder.apply(encoder.apply(x), memory, AttentionMask.none(), some);
        assertThat(Tensor.concat(1, parts).toFloats()).containsExactly(whole.toFloats(), within(2e-5f));
    }

    @Test
    void aCacheThatIsFullIsAnError() {
        MultiHeadAttention layer = multiHeadAttention(3).build(SAMPLE, RandomStream.of(1));
        KeyValueCache full = layer.next(normal(1, 1, 4, 12), layer.cache(1, 5)).cache();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.next(normal(1, 1, 2, 12), full))
                .withMessageContaining("MultiHeadAttention: keyValueCache: 2 more steps after 4, expected up to 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.next(normal(1, 2, 1, 12), full))
                .withMessageContaining("F32[2, 3, 1, 4]")
                .withMessageContaining("expected other sizes along axis 2 only");
    }

    @Test
    void aCacheWhoseLengthIsAnElementIsTheSame() {
        MultiHeadAttention layer = multiHeadAttention(3).build(SAMPLE, RandomStream.of(1));
        Tensor x = normal(1, 1, 4, 12);
        MultiHeadAttention.Step known = layer.next(x, layer.cache(1, 9));
        KeyValueCache cache = layer.cache(1, 9);
        MultiHeadAttention.Step unknown = layer.next(x, KeyValueCache.at(cache.keys(), cache.values(), cache.first()));
        assertThat(unknown.output().toFloats()).isEqualTo(known.output().toFloats());
        assertThat(unknown.cache().keys().toFloats())
                .isEqualTo(known.cache().keys().toFloats());
        assertThat(unknown.cache().length()).isEqualTo(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyValueCache.at(cache.keys(), cache.values(), Tensor.scalar(0)))
                .withMessage("keyValueCache: a place F32[] of the next step, expected I32[1]");
    }

    @Test
    void aCacheOfFewerThanNoStepsIsAnError() {
        KeyValueCache cache =
                multiHeadAttention(3).build(SAMPLE, RandomStream.of(1)).cache(1, 9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KeyValueCache(cache.keys(), cache.values(), -1))
                .withMessage("keyValueCache: a length of -1, expected 0 to the capacity");
    }

    @Test
    void aFullCacheCanGrow() {
        MultiHeadAttention layer = multiHeadAttention(3).build(SAMPLE, RandomStream.of(1));
        Tensor x = normal(1, 1, 6, 12);
        var four = layer.next(x.slice(1, 0, 4), layer.cache(1, 4));
        KeyValueCache grown = four.cache().grown(8);
        assertThat(grown.length()).isEqualTo(4);
        assertThat(grown.keys().shape()).isEqualTo(Shape.of(1, 3, 8, 4));
        Tensor rest = layer.next(x.slice(1, 4, 6), grown).output();
        Tensor all = layer.next(x, layer.cache(1, 6)).output();
        assertThat(rest.toFloats()).containsExactly(all.slice(1, 4, 6).toFloats(), within(1e-6f));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> grown.grown(7))
                .withMessageContaining("room for 7 steps, expected at least 8");
    }

    /// What is after a sequence's end changes nothing before it.
    @Test
    void paddingIsNotSeen() {
        var layer = transformerEncoderLayer(3, 20).build(SAMPLE, RandomStream.of(1));
        AttentionMask mask = AttentionMask.none().lengths(Tensor.of(new long[] {4, 0}, 2), 7);
        Tensor x = normal(1, 2, 7, 12);
        Tensor other = Tensor.concat(1, x.slice(1, 0, 4), normal(2, 2, 3, 12));
        float[] first = layer.apply(x, mask).at(0, 0).slice(0, 0, 4).toFloats();
        assertThat(layer.apply(other, mask).at(0, 0).slice(0, 0, 4).toFloats()).isEqualTo(first);
        assertThat(layer.apply(x).at(0, 0).slice(0, 0, 4).toFloats()).isNotEqualTo(first);
        assertThat(layer.apply(x, mask).toFloats()).doesNotContain(Float.NaN);
    }

    @Test
    void turnedProductsDependOnTheDistanceOnly() {
        for (RotaryPositions rotary :
                List.of(RotaryPositions.of(), RotaryPositions.of().inHalves())) {
            Tensor query = normal(1, 1, 8);
            Tensor key = normal(2, 1, 8);
            float near = product(rotary, query, 5, key, 2);
            assertThat(product(rotary, query, 1005, key, 1002)).isCloseTo(near, within(1e-5f));
            assertThat(product(rotary, query, 5, key, 3)).isNotCloseTo(near, within(1e-3f));
        }
    }

    private static float product(RotaryPositions rotary, Tensor query, int t, Tensor key, int s) {
        Tensor q = rotary.apply(query, Tensor.of(new int[] {t}, 1));
        Tensor k = rotary.apply(key, Tensor.of(new int[] {s}, 1));
        return (float) q.mul(k).sum().item();
    }

    @Test
    void dropsInTrainingOnly() {
        var layer = transformerEncoderLayer(3, 20).dropout(0.4).build(SAMPLE, RandomStream.of(1));
        Tensor x = normal(1, 2, 7, 12);
        float[] first = dropped(layer, x, 5);
        assertThat(dropped(layer, x, 5)).isEqualTo(first);
        assertThat(dropped(layer, x, 6)).isNotEqualTo(first);
        assertThat(layer.apply(x).toFloats())
                .isEqualTo(layer.apply(x).toFloats())
                .isNotEqualTo(first);
        var sure = transformerEncoderLayer(3, 20).dropout(0).build(SAMPLE, RandomStream.of(1));
        assertThat(dropped(sure, x, 5)).containsExactly(layer.apply(x).toFloats(), within(1e-6f));
    }

    private static float[] dropped(Module layer, Tensor x, long seed) {
        return Context.training(RandomStream.of(seed), () -> layer.apply(x).toFloats());
    }

    @Test
    void learnsTheSameOnAnyNumberOfThreads() {
        assertThat(trained(1)).isEqualTo(trained(3));
    }

    private static float[] trained(int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(() -> {
                Module model = Sequential.of(
                                learnedPositions(7),
                                transformerEncoderLayer(3, 20)
                                        .attention(a -> a.causal().keyHeads(1)),
                                transformerEncoderLayer(3, 20).preNorm())
                        .build(SAMPLE, RandomStream.of(1));
                Optimizer optimizer = Adam.of(0.01).on(model);
                Context.training(RandomStream.of(2), () -> {
                    for (int step = 0; step < 3; step++) {
                        Tensor x = normal(step, 5, 7, 12);
                        optimizer.step(model.apply(x).sub(x.mul(0.5)).square().mean());
                    }
                });
                return model.apply(normal(9, 2, 7, 12)).toFloats();
            });
        }
    }

    @Test
    void isSavedAndLoaded() {
        var blueprint = transformerDecoderLayer(3, 20).cross(a -> a.memory(6));
        var layer = blueprint.build(SAMPLE, RandomStream.of(1));
        var other = blueprint.build(SAMPLE, RandomStream.of(2));
        Map<String, Tensor> state = Modules.state(layer);
        assertThat(state.keySet())
                .contains(
                        "selfAttention.query.weight",
                        "crossAttention.key.bias",
                        "feedForward.down.weight",
                        "crossNorm.bias");
        assertThat(state.get("crossAttention.key.weight"))
                .extracting(Tensor::shape)
                .isEqualTo(Shape.of(6, 12));
        Tensor x = normal(1, 2, 7, 12);
        Tensor memory = normal(2, 2, 3, 6);
        assertThat(other.apply(x, memory).toFloats())
                .isNotEqualTo(layer.apply(x, memory).toFloats());
        Modules.load(other, state);
        assertThat(other.apply(x, memory).toFloats())
                .isEqualTo(layer.apply(x, memory).toFloats());
    }

    @Test
    void misfitsAreExplained() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multiHeadAttention(5).build(SAMPLE, RandomStream.of(1)))
                .withMessageContaining("samples of shape [7, 12], expected a width that 5 divides");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> multiHeadAttention(4).keyHeads(3))
                .withMessageContaining("4 heads and 3 of keys, expected a divisor");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> multiHeadAttention(4).rotary(RotaryPositions.of()).output(SAMPLE))
                .withMessageContaining("heads of an even width to turn, not 3");
        var layer = transformerDecoderLayer(3, 20).build(SAMPLE, RandomStream.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(normal(1, 2, 7, 12)))
                .withMessage("TransformerDecoderLayer: input F32[2, 7, 12] alone, expected apply(x, memory)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(normal(1, 2, 7, 12), normal(1, 2, 7, 11)))
                .withMessageContaining("layer crossAttention.key (Linear): input F32[2, 7, 11]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(normal(1, 7, 12), normal(1, 2, 7, 12)))
                .withMessageContaining("layer selfAttention (MultiHeadAttention): input F32[7, 12]")
                .withMessageContaining("expected sequences [N, T, in]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttentionMask.none().where(Tensor.ones(2, 2)))
                .withMessageContaining("F32[2, 2], expected BOOL");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AttentionMask.none().lengths(Tensor.of(new int[] {3, 8}, 2), 7))
                .withMessageContaining("length 8 at position 1, expected 0 to 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.selfAttention()
                        .apply(normal(1, 2, 7, 12), AttentionMask.none().bias(Tensor.ones(6, 7))))
                .withMessageContaining("bias F32[6, 7], expected it to broadcast to scores [2, 3, 7, 7]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> learnedPositions(5).build(SAMPLE, RandomStream.of(1)))
                .withMessageContaining("expected T up to 5");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        learnedPositions(7).build(SAMPLE, RandomStream.of(1)).apply(Tensor.zeros(1, 8, 12)))
                .withMessageContaining("LearnedPositions: input F32[1, 8, 12], expected [..., T, 12] with T up to 7");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RotaryPositions.of().apply(Tensor.zeros(2, 3)))
                .withMessageContaining("expected [..., T, d] with an even d");
    }

    @Test
    void positionsHaveTheirShape() {
        assertThat(Layers.sinusoidalPositions().output(SAMPLE)).isEqualTo(SAMPLE);
        assertThat(RotaryPositions.of().output(SAMPLE)).isEqualTo(SAMPLE);
        Tensor odd = Layers.sinusoidalPositions().apply(Tensor.full(Shape.of(1, 3, 5), DType.F32, 0));
        assertThat(odd.at(1, 0).toFloats()).containsExactly(0, 1, 0, 1, 0);
    }

    private static Tensor normal(long seed, int... shape) {
        return RandomStream.of(seed).normal(Shape.of(shape)).copy();
    }
}
