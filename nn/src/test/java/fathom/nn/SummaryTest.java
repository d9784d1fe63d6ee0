package fathom.nn;

import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class SummaryTest {
    private record Residual(Linear first, Linear second, Parameter scale) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return second.apply(first.apply(x).relu()).mul(scale.value()).add(x);
        }
    }

    @Test
    void theKerasNetworkHasItsKnownSizes() {
        Summary s = Summary.of(
                Sequential.of(
                        conv2d(32, 3),
                        relu(),
                        maxPool2d(2),
                        conv2d(64, 3),
                        relu(),
                        maxPool2d(2),
                        flatten(),
                        linear(128),
                        relu(),
                        linear(10)),
                Shape.of(28, 28, 1));
        assertThat(s.parameters()).isEqualTo(320 + 18_496 + 204_928 + 1_290);
        assertThat(s.multiplyAdds()).isEqualTo(26L * 26 * 9 * 32 + 11L * 11 * 9 * 32 * 64 + 1600 * 128 + 1280);
        assertThat(s.rows())
                .hasSize(10)
                .element(3)
                .isEqualTo(new Summary.Row("3 (Conv2d)", Shape.of(11, 11, 64), 18_496, 121L * 9 * 32 * 64));
        assertThat(s.toString()).isEqualTo("""
                        layer          output        parameters  multiply-adds
                        ------------------------------------------------------
                        0 (Conv2d)     [26, 26, 32]         320        194,688
                        1 (relu)       [26, 26, 32]           0              0
                        2 (MaxPool2d)  [13, 13, 32]           0              0
                        3 (Conv2d)     [11, 11, 64]      18,496      2,230,272
                        4 (relu)       [11, 11, 64]           0              0
                        5 (MaxPool2d)  [5, 5, 64]             0              0
                        6 (Flatten)    [1600]                 0              0
                        7 (Linear)     [128]            204,928        204,800
                        8 (relu)       [128]                  0              0
                        9 (Linear)     [10]               1,290          1,280
                        ------------------------------------------------------
                        total                           225,034      2,631,040
                        """);
    }

    @Test
    void aRecordIsShownByItsLayersAndItsOwnParameters() {
        RandomStream random = RandomStream.of(0);
        Linear shared = linear(4).build(Shape.of(4), random);
        Residual model =
                new Residual(shared, shared, Parameter.of(Tensor.ones(4)).frozen());
        Summary s = Summary.of(model, Shape.of(4));
        assertThat(s.rows()).extracting(Summary.Row::parameters).containsExactly(20L, 0L, 4L);
        assertThat(s.rows().getLast().name()).isEqualTo("Residual");
        assertThat(s.parameters()).isEqualTo(24);
        assertThat(s.trainable()).isEqualTo(20);
        assertThat(s.multiplyAdds()).isEqualTo(32);
        assertThat(s.toString()).endsWith("trainable parameters: 20\n");
    }

    @Test
    void indicesAreSamplesToo() {
        Module model = Sequential.of(embedding(50, 8), linear(3)).build(Shape.of(6), RandomStream.of(0));
        Summary s = Summary.of(model, Shape.of(6), DType.I32);
        assertThat(s.parameters()).isEqualTo(400 + 27);
        assertThat(s.multiplyAdds()).isEqualTo(6 * 8 * 3);
    }
}
