package fathom.nn;

import static fathom.nn.Layers.graphAttention;
import static fathom.nn.Layers.graphConv;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

class GraphsTest {
    private static final Shape VERTEX = Shape.of(3);

    /// A line of four vertices, in both directions.
    private static final Tensor LINE = Tensor.of(new int[] {0, 1, 1, 0, 1, 2, 2, 1, 2, 3, 3, 2}, 6, 2);

    /// Two classes on a line, told by the ends alone: what the ends know has to come along the edges.
    @Test
    void whatVerticesKnowGoesAlongEdges() {
        GraphConv first = graphConv(8).build(Shape.of(2), RandomStream.of(1));
        GraphConv second = graphConv(2).build(Shape.of(8), RandomStream.of(2));
        assertLearned((x, e) -> second.apply(first.apply(x, e).relu(), e), Chain.of(first, second));
        GraphAttention third = graphAttention(4, 2).build(Shape.of(2), RandomStream.of(3));
        GraphAttention fourth = graphAttention(2, 2).averaged().build(Shape.of(8), RandomStream.of(4));
        assertLearned((x, e) -> fourth.apply(third.apply(x, e).relu(), e), Chain.of(third, fourth));
    }

    private static void assertLearned(BinaryOperator<Tensor> model, Module parameters) {
        Tensor x = Tensor.of(new float[] {1, 0, 0, 0, 0, 0, 0, 1}, 4, 2);
        Tensor classes = Tensor.of(new int[] {0, 0, 1, 1}, 4);
        Optimizer optimizer = Adam.of(0.05).on(parameters);
        Context.training(RandomStream.of(1), () -> {
            for (int step = 0; step < 60; step++) {
                optimizer.step(Loss.crossEntropy(model.apply(x, LINE), classes));
            }
        });
        assertThat(model.apply(x, LINE).argmax(1).toInts()).containsExactly(0, 0, 1, 1);
    }

    @Test
    void graphsSideBySideAreTheSameAsAlone() {
        GraphAttention layer = graphAttention(2, 2).build(VERTEX, RandomStream.of(1));
        GraphConv conv = graphConv(2).build(VERTEX, RandomStream.of(1));
        Tensor x = RandomStream.of(1).normal(Shape.of(8, 3)).copy();
        Tensor both = Tensor.concat(0, LINE, LINE.add(4));
        assertThat(layer.apply(x, both).slice(0, 4, 8).toFloats())
                .isEqualTo(layer.apply(x.slice(0, 4, 8), LINE).toFloats());
        assertThat(conv.apply(x, both).slice(0, 0, 4).toFloats())
                .isEqualTo(conv.apply(x.slice(0, 0, 4), LINE).toFloats());
    }

    @Test
    void dropsSharesInTrainingOnly() {
        GraphAttention layer = graphAttention(2, 2).dropout(0.5).build(VERTEX, RandomStream.of(1));
        Tensor x = RandomStream.of(1).normal(Shape.of(4, 3)).copy();
        float[] sure = layer.apply(x, LINE).toFloats();
        assertThat(layer.apply(x, LINE).toFloats()).isEqualTo(sure);
        assertThat(Context.training(
                        RandomStream.of(2), () -> layer.apply(x, LINE).toFloats()))
                .isNotEqualTo(sure);
    }

    @Test
    void theSameOnAnyNumberOfThreads() {
        assertThat(result(1)).isEqualTo(result(3));
    }

    private static float[] result(int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(() -> {
                int vertices = 500;
                Tensor x = RandomStream.of(1).normal(Shape.of(vertices, 3));
                Tensor edges = RandomStream.of(2)
                        .uniform(Shape.of(4000, 2))
                        .mul(vertices)
                        .cast(DType.I32)
                        .copy();
                GraphAttention layer = graphAttention(4, 2).build(VERTEX, RandomStream.of(1));
                return layer.apply(x, edges).toFloats();
            });
        }
    }

    @Test
    void areSavedAndLoaded() {
        GraphAttention layer = graphAttention(2, 2).build(VERTEX, RandomStream.of(1));
        GraphAttention other = graphAttention(2, 2).build(VERTEX, RandomStream.of(2));
        assertThat(Modules.state(layer).keySet()).containsExactly("weight", "source", "target", "bias");
        Modules.load(other, Modules.state(layer));
        Tensor x = RandomStream.of(1).normal(Shape.of(4, 3)).copy();
        assertThat(other.apply(x, LINE).toFloats())
                .isEqualTo(layer.apply(x, LINE).toFloats());
    }

    @Test
    void misfitsAreExplained() {
        GraphConv layer = graphConv(2).build(VERTEX, RandomStream.of(1));
        assertThat(graphConv(2).output(VERTEX)).isEqualTo(Shape.of(2));
        assertThat(graphAttention(2, 4).output(VERTEX)).isEqualTo(Shape.of(8));
        assertThat(graphAttention(2, 4).averaged().output(VERTEX)).isEqualTo(Shape.of(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.ones(4, 3)))
                .withMessage("GraphConv: input F32[4, 3] alone, expected apply(x, edges)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.ones(4, 2), LINE))
                .withMessage("GraphConv: input F32[4, 2], expected vertices [V, 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.ones(3, 3), LINE))
                .withMessageContaining("edges: vertex 3 at position 9, expected 0 to 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layer.apply(Tensor.ones(4, 3), LINE.reshape(12)))
                .withMessageContaining("I32[12], expected [E, 2] of source, target");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graphAttention(0, 1))
                .withMessageContaining("units 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> graphConv(2).output(Shape.of(4, 3)))
                .withMessageContaining("samples of shape [4, 3], expected vertices [in]");
    }
}
