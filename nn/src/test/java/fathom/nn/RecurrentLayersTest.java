package fathom.nn;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.gru;
import static fathom.nn.Layers.lastStep;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;
import static fathom.nn.Layers.rnn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
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
        assertThatThrownBy(() -> gru(4).build(Shape.of(7), RandomStream.of(1))).hasMessageContaining("[T, in]");
    }
}
