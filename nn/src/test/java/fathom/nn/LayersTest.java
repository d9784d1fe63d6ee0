package fathom.nn;

import static fathom.nn.Layers.avgPool2d;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.globalAvgPool2d;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.permute;
import static fathom.nn.Layers.relu;
import static fathom.nn.Layers.reshape;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.optim.Optimizer;
import fathom.nn.optim.Sgd;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LayersTest {
    @Test
    void linearIsAMatrixProductPlusBias() {
        Linear layer = new Linear(
                Parameter.of(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)),
                Optional.of(Parameter.of(Tensor.of(10f, 20f, 30f))));
        Tensor x = Tensor.of(new float[] {1, 1, 2, -1}, 2, 2);
        assertThat(layer.apply(x).toFloats()).containsExactly(15, 27, 39, 8, 19, 30);
        assertThat(layer.apply(x.reshape(2, 1, 2)).shape()).isEqualTo(Shape.of(2, 1, 3));
    }

    @Test
    void convolutionAgreesWithItsDefinition() {
        check(conv2d(4, 3), Shape.of(6, 7, 2));
        check(conv2d(4, 3).padding(Padding.same()), Shape.of(6, 7, 2));
        check(conv2d(4, 3).padding(Padding.same()).stride(2), Shape.of(6, 7, 2));
        check(conv2d(3, 2, 4).padding(Padding.of(1, 0, 2, 3)).stride(2, 3), Shape.of(5, 6, 1));
        check(conv2d(4, 3).dilation(2), Shape.of(8, 9, 2));
        check(conv2d(6, 3).groups(2).withoutBias(), Shape.of(5, 5, 4));
        check(conv2d(4, 1), Shape.of(3, 3, 4));
    }

    private static void check(Conv2d.Blueprint blueprint, Shape input) {
        Conv2d layer = blueprint.build(input, RandomStream.of(3));
        layer.bias().ifPresent(b -> b.set(RandomStream.of(4).normal(b.shape())));
        Tensor x = RandomStream.of(5).normal(Shape.of(2, input.dim(0), input.dim(1), input.dim(2)));
        Tensor y = layer.apply(x);
        Shape output = blueprint.output(input);
        assertThat(y.shape()).isEqualTo(Shape.of(2, output.dim(0), output.dim(1), output.dim(2)));
        Shape w = layer.weight().shape();
        Sliding s = layer.sliding();
        var window = s.over(w.dim(0), w.dim(1), input.dim(0), input.dim(1));
        float[] xs = x.toFloats();
        float[] ws = layer.weight().value().toFloats();
        float[] bias = layer.bias().map(b -> b.value().toFloats()).orElse(new float[w.dim(3)]);
        float[] ys = y.toFloats();
        int perGroup = w.dim(3) / layer.groups();
        int at = 0;
        for (int n = 0; n < 2; n++) {
            for (int oy = 0; oy < output.dim(0); oy++) {
                for (int ox = 0; ox < output.dim(1); ox++) {
                    for (int k = 0; k < w.dim(3); k++) {
                        double sum = bias[k];
                        for (int i = 0; i < w.dim(0); i++) {
                            int iy = oy * s.strideHeight() - window.padTop() + i * s.dilationHeight();
                            for (int j = 0; j < w.dim(1); j++) {
                                int ix = ox * s.strideWidth() - window.padLeft() + j * s.dilationWidth();
                                if (iy < 0 || iy >= input.dim(0) || ix < 0 || ix >= input.dim(1)) {
                                    continue;
                                }
                                for (int c = 0; c < w.dim(2); c++) {
                                    int channel = k / perGroup * w.dim(2) + c;
                                    int from = ((n * input.dim(0) + iy) * input.dim(1) + ix) * input.dim(2) + channel;
                                    int tap = ((i * w.dim(1) + j) * w.dim(2) + c) * w.dim(3) + k;
                                    sum += (double) xs[from] * ws[tap];
                                }
                            }
                        }
                        assertThat((double) ys[at++]).isCloseTo(sum, within(1e-4));
                    }
                }
            }
        }
    }

    @Test
    void samePaddingGivesTheSizeDividedByTheStride() {
        for (int size = 1; size < 12; size++) {
            for (int stride = 1; stride < 4; stride++) {
                Shape out = conv2d(1, 3).padding(Padding.same()).stride(stride).output(Shape.of(size, size, 1));
                assertThat(out.dim(0)).isEqualTo(Math.ceilDiv(size, stride));
            }
        }
    }

    @Test
    void poolingTakesTheGreatestOrTheMean() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 1, 4, 4, 1);
        assertThat(maxPool2d(2).apply(x).toFloats()).containsExactly(6, 8, 14, 16);
        assertThat(avgPool2d(2).apply(x).toFloats()).containsExactly(3.5f, 5.5f, 11.5f, 13.5f);
        assertThat(globalAvgPool2d().apply(x).toFloats()).containsExactly(8.5f);
        assertThat(maxPool2d(3).stride(1).apply(x).toFloats()).containsExactly(11, 12, 15, 16);
        assertThat(maxPool2d(2).padding(Padding.of(1)).apply(x.neg()).toFloats())
                .containsExactly(-1, -2, -4, -5, -6, -8, -13, -14, -16);
    }

    @Test
    void flattenKeepsTheBatchAxis() {
        assertThat(flatten().apply(Tensor.zeros(2, 3, 4, 5)).shape()).isEqualTo(Shape.of(2, 60));
    }

    @Test
    void reshapeAndPermuteKeepTheBatchAxis() {
        Tensor x = Tensor.arange(12).reshape(2, 3, 2);
        assertThat(reshape(2, 3).apply(x).toInts()).isEqualTo(x.toInts());
        assertThat(reshape(-1).apply(x).shape()).isEqualTo(Shape.of(2, 6));
        assertThat(reshape(1, -1, 3).output(Shape.of(3, 2))).isEqualTo(Shape.of(1, 2, 3));
        assertThat(permute(2, 1).apply(x).toInts()).containsExactly(0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11);
        assertThat(permute(2, 1).output(Shape.of(3, 2))).isEqualTo(Shape.of(2, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reshape(7).apply(x))
                .withMessageContaining("input I32[2, 3, 2], expected samples with 7 elements");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reshape(-1, -1))
                .withMessage("reshape: sizes [-1, -1], expected numbers above 0, of which one may be -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> permute(2, 0))
                .withMessage("permute: axes [2, 0], expected each of [1, 2] once");
    }

    @Test
    void paddingHasZerosThatDoNotLearn() {
        Embedding layer = embedding(4, 2).padding(1).build(Shape.of(3), RandomStream.of(1));
        float[] before = layer.weight().value().toFloats();
        assertThat(layer.apply(Tensor.of(new int[] {1}, 1)).toFloats()).containsExactly(0, 0);
        assertThat(before[0]).isNotZero();
        Optimizer optimizer = Sgd.of(1).on(layer);
        optimizer.step(layer.apply(Tensor.of(new int[] {0, 1, 1}, 3)).sum());
        float[] after = layer.weight().value().toFloats();
        assertThat(after)
                .containsExactly(before[0] - 1, before[1] - 1, 0, 0, before[4], before[5], before[6], before[7]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> embedding(4, 2).padding(4))
                .withMessage("embedding: padding 4, expected 0 to 3");
    }

    @Test
    void embeddingLooksVectorsUp() {
        Embedding layer = new Embedding(Parameter.of(Tensor.of(new float[] {0, 1, 10, 11, 20, 21}, 3, 2)));
        Tensor ids = Tensor.of(new int[] {2, 0, 1, 2}, 2, 2);
        assertThat(layer.apply(ids).shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(layer.apply(ids).toFloats()).containsExactly(20, 21, 0, 1, 10, 11, 20, 21);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.of(new int[] {0, 3}, 2)))
                .withMessageContaining("index 3 at position 1, expected 0 to 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.of(1f, 2f)))
                .withMessageContaining("expected I32 or I64");
    }

    @Test
    void equalSeedsGiveEqualWeights() {
        Sequential blueprint = Sequential.of(linear(4), relu(), linear(4));
        Linear first = (Linear) built(blueprint, 7).modules().getFirst();
        Linear again = (Linear) built(blueprint, 7).modules().getFirst();
        Linear other = (Linear) built(blueprint, 8).modules().getFirst();
        Linear third = (Linear) built(blueprint, 7).modules().getLast();
        float[] w = first.weight().value().toFloats();
        assertThat(again.weight().value().toFloats()).isEqualTo(w);
        assertThat(other.weight().value().toFloats()).isNotEqualTo(w);
        assertThat(third.weight().value().toFloats()).isNotEqualTo(w);
        assertThat(first.bias().orElseThrow().value().toFloats()).containsOnly(0);
    }

    private static Chain built(Sequential blueprint, long seed) {
        return blueprint.build(Shape.of(4), RandomStream.of(seed));
    }

    @Test
    void badSizesAreErrors() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> linear(0))
                .withMessageContaining("units 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conv2d(6, 3).groups(4))
                .withMessageContaining("6 filters in 4 groups");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conv2d(4, 3).groups(2).output(Shape.of(8, 8, 3)))
                .withMessageContaining("3 channels in 2 groups");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conv2d(4, 5).output(Shape.of(4, 8, 1)))
                .withMessageContaining("smaller than the window of 5x5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> maxPool2d(3).output(Shape.of(2, 2, 1)))
                .withMessageContaining("smaller than the window of 3x3");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conv2d(4, 3).stride(0))
                .withMessageContaining("stride 0x0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Padding.of(-1))
                .withMessageContaining("expected none below 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> conv2d(4, 3)
                        .build(Shape.of(8, 8, 3), RandomStream.of(0))
                        .apply(Tensor.zeros(1, 8, 8, 1)))
                .withMessageContaining("expected images [N, H, W, 3]");
    }
}
