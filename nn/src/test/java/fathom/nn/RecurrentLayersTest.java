package fathom.nn;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.gru;
import static fathom.nn.Layers.lastStep;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;
import static fathom.nn.Layers.rnn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecurrentLayersTest {
    private static final int TIME = 6;

    static Stream<Layer> layers() {
        return Stream.of(lstm(24), gru(24), rnn(24));
    }

    static Stream<Layer> deep() {
        return Stream.of(
                lstm(6).bidirectional(),
                gru(6).layers(2).dropout(0.3),
                rnn(6).layers(3).bidirectional(),
                lstm(6));
    }

    /// What comes after the end of a sequence is not looked at.
    @ParameterizedTest
    @MethodSource("deep")
    void sequencesEndWhereTheySay(Recurrent.Blueprint blueprint) {
        Recurrent layer = blueprint.build(Shape.of(7, 3), RandomStream.of(1));
        Tensor x = RandomStream.of(2).normal(Shape.of(2, 7, 3)).copy();
        Recurrent.Result padded = layer.run(Sequences.of(x).lengths(Tensor.of(new int[] {4, 0}, 2)));
        Recurrent.Result alone = layer.run(Sequences.of(x.slice(0, 0, 1).slice(1, 0, 4)));
        assertThat(padded.outputs().slice(0, 0, 1).slice(1, 0, 4).toFloats())
                .containsExactly(alone.outputs().toFloats(), within(1e-6f));
        assertThat(padded.outputs().slice(1, 4, 7).toFloats()).containsOnly(0);
        assertThat(padded.state()).hasSize(layer.states());
        for (int i = 0; i < layer.states(); i++) {
            assertThat(padded.state().get(i).at(0, 0).toFloats())
                    .containsExactly(alone.state().get(i).at(0, 0).toFloats(), within(1e-6f));
            assertThat(padded.state().get(i).at(0, 1).toFloats()).containsOnly(0);
        }
    }

    /// In two halves, the second from the state after the first.
    @Test
    void statesAreHandedOn() {
        Recurrent layer = lstm(6).layers(2).build(Shape.of(7, 3), RandomStream.of(1));
        Tensor x = RandomStream.of(2).normal(Shape.of(2, 7, 3)).copy();
        Recurrent.Result first = layer.run(Sequences.of(x.slice(1, 0, 3)));
        Recurrent.Result second = layer.run(Sequences.of(x.slice(1, 3, 7)).from(first.state()));
        assertThat(Tensor.concat(1, first.outputs(), second.outputs()).toFloats())
                .containsExactly(layer.apply(x).toFloats(), within(1e-6f));
    }

    /// Backwards is what forwards is of the flipped sequences.
    @Test
    void lengthsMakeAMask() {
        Tensor mask = Sequences.within(Tensor.of(new int[] {3, 0, 1}, 3), 3);
        assertThat(mask.shape()).isEqualTo(Shape.of(3, 3));
        assertThat(mask.toBooleans()).containsExactly(true, true, true, false, false, false, true, false, false);
        assertThatThrownBy(() -> Sequences.within(Tensor.of(new int[] {4}, 1), 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("length 4");
    }

    @Test
    void timeRunsBackwards() {
        for (Layer cell : layers().toList()) {
            Recurrent layer = (Recurrent) cell.build(Shape.of(7, 3), RandomStream.of(1));
            Tensor x = RandomStream.of(2).normal(Shape.of(2, 7, 3)).copy();
            assertThat(layer.run(Sequences.of(x).reverse()).outputs().toFloats())
                    .isEqualTo(layer.apply(x.flip(1)).flip(1).toFloats());
        }
    }

    @Test
    void dropsBetweenLayersInTrainingOnly() {
        Recurrent layer = gru(6).layers(2).dropout(0.4).build(Shape.of(7, 3), RandomStream.of(1));
        Recurrent sure = gru(6).layers(2).build(Shape.of(7, 3), RandomStream.of(1));
        Tensor x = RandomStream.of(2).normal(Shape.of(2, 7, 3)).copy();
        assertThat(layer.apply(x).toFloats()).isEqualTo(sure.apply(x).toFloats());
        float[] trained =
                Context.training(RandomStream.of(3), () -> layer.apply(x).toFloats());
        assertThat(trained).isNotEqualTo(sure.apply(x).toFloats());
        assertThat(Context.training(RandomStream.of(3), () -> layer.apply(x).toFloats()))
                .isEqualTo(trained);
    }

    @ParameterizedTest
    @MethodSource("deep")
    void areSavedAndLoaded(Layer blueprint) {
        Module layer = blueprint.build(Shape.of(7, 3), RandomStream.of(1));
        Module other = blueprint.build(Shape.of(7, 3), RandomStream.of(2));
        Tensor x = RandomStream.of(2).normal(Shape.of(2, 7, 3)).copy();
        assertThat(other.apply(x).toFloats()).isNotEqualTo(layer.apply(x).toFloats());
        Modules.load(other, Modules.state(layer));
        assertThat(other.apply(x).toFloats()).isEqualTo(layer.apply(x).toFloats());
    }

    @Test
    void partsAreNamedByLayerAndDirection() {
        Module layer = gru(6).layers(2).bidirectional().build(Shape.of(7, 3), RandomStream.of(1));
        assertThat(Modules.parameters(layer).keySet())
                .contains("layers.0.forwards.inputWeight", "layers.1.backwards.candidateBias")
                .hasSize(16);
    }

    /// Whether the first of six words was below or above the middle: nothing but the state can
    /// tell at the end.
    @ParameterizedTest
    @MethodSource("layers")
    void rememberTheBeginning(Layer layer) {
        Module model = model(layer);
        Optimizer optimizer = Adam.of(0.01).on(model);
        Random random = new Random(1);
        Context.training(RandomStream.of(2), () -> {
            for (int step = 0; step < 150; step++) {
                int[] words = words(random, 32);
                optimizer.step(Loss.crossEntropy(model.apply(Tensor.of(words, 32, TIME)), labels(words)));
            }
        });
        int[] words = words(random, 200);
        Tensor predicted = model.apply(Tensor.of(words, 200, TIME)).argmax(1);
        double right = predicted.equal(labels(words)).cast(DType.F32).mean().item();
        assertThat(right).as(layer.toString()).isGreaterThan(0.95);
    }

    @ParameterizedTest
    @MethodSource("layers")
    void learnTheSameOnAnyNumberOfThreads(Layer layer) {
        assertThat(trained(layer, 1)).isEqualTo(trained(layer, 3));
    }

    private static float[] trained(Layer layer, int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(() -> {
                Module model = model(layer);
                Optimizer optimizer = Adam.of(0.01).on(model);
                Random random = new Random(1);
                for (int step = 0; step < 3; step++) {
                    int[] words = words(random, 7);
                    optimizer.step(Loss.crossEntropy(model.apply(Tensor.of(words, 7, TIME)), labels(words)));
                }
                return model.apply(Tensor.of(words(random, 5), 5, TIME)).toFloats();
            });
        }
    }

    private static Module model(Layer layer) {
        return Sequential.of(embedding(10, 8), layer, lastStep(), linear(2)).build(Shape.of(TIME), RandomStream.of(42));
    }

    private static int[] words(Random random, int samples) {
        return random.ints((long) samples * TIME, 0, 10).toArray();
    }

    private static Tensor labels(int[] words) {
        int[] labels = new int[words.length / TIME];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = words[i * TIME] / 5;
        }
        return Tensor.of(labels, labels.length);
    }

    @Test
    void forgetGatesMayBeginOpen() {
        Shape input = Shape.of(TIME, 3);
        Recurrent.Blueprint half = lstm(2).bidirectional().layers(2);
        List<Parameter> before = parameters(half, input);
        List<Parameter> after = parameters(half.forgetBias(3), input);
        for (int i = 0; i < before.size(); i++) {
            Tensor added = after.get(i).value().sub(before.get(i).value());
            boolean isBias = added.rank() == 1;
            double[] expected = isBias ? new double[] {0, 0, 3, 3, 0, 0, 0, 0} : new double[added.size()];
            assertThat(added.toDoubles()).containsExactly(expected, within(1e-6));
        }
    }

    private static List<Parameter> parameters(Layer layer, Shape input) {
        return List.copyOf(
                Modules.parameters(layer.build(input, RandomStream.of(1))).values());
    }

    @Test
    void shapesAreThoseOfEachStep() {
        for (Layer layer : layers().toList()) {
            assertThat(layer.output(Shape.of(7, 3))).isEqualTo(Shape.of(7, 24));
            Module module = layer.build(Shape.of(7, 3), RandomStream.of(1));
            assertThat(module.apply(Tensor.zeros(2, 5, 3)).shape()).isEqualTo(Shape.of(2, 5, 24));
        }
    }

    @Test
    void misfitsAreExplained() {
        Module module = lstm(4).build(Shape.of(7, 3), RandomStream.of(1));
        assertThatThrownBy(() -> module.apply(Tensor.zeros(2, 5, 2)))
                .hasMessageContaining("F32[2, 5, 2]")
                .hasMessageContaining("[N, T, 3]");
        assertThatThrownBy(() -> lstm(0)).hasMessageContaining("units 0");
        assertThatThrownBy(() -> lstm(4).layers(0)).hasMessageContaining("lstm: layers 0");
        assertThatThrownBy(() -> gru(4).forgetBias(1))
                .hasMessage("gru: forgetBias 1.0, expected a finite number, and of an lstm");
        assertThatThrownBy(() -> lstm(4).forgetBias(Double.NaN)).hasMessageContaining("lstm: forgetBias NaN");
        Recurrent deep = lstm(4).layers(2).build(Shape.of(7, 3), RandomStream.of(1));
        assertThatThrownBy(() -> deep.run(Sequences.of(Tensor.zeros(2, 5, 2))))
                .hasMessageContaining("layer layers.0 (Lstm): input F32[2, 5, 2]");
        Sequences five = Sequences.of(Tensor.zeros(2, 5, 3));
        assertThatThrownBy(() -> deep.run(five.from(List.of(Tensor.zeros(2, 4)))))
                .hasMessageContaining("RecurrentStack: an initial state of 1 tensors, expected 4");
        assertThatThrownBy(() -> deep.run(five.from(Collections.nCopies(4, Tensor.zeros(1, 4)))))
                .hasMessageContaining("an initial state F32[1, 4], expected [2, 4]");
        assertThatThrownBy(() -> five.lengths(Tensor.of(new int[] {1, 6}, 2)))
                .hasMessageContaining("length 6 at position 1, expected 0 to 5");
        assertThatThrownBy(() -> five.lengths(Tensor.of(new int[] {1}, 1))).hasMessageContaining("expected [2]");
        assertThatThrownBy(() -> Sequences.of(Tensor.zeros(2, 5))).hasMessageContaining("sequences [N, T, in]");
        assertThatThrownBy(() -> gru(4).build(Shape.of(7), RandomStream.of(1))).hasMessageContaining("[T, in]");
    }
}
