package fathom.nn;

import static fathom.nn.Layers.glu;
import static fathom.nn.Layers.maxout;
import static fathom.nn.Layers.prelu;
import static fathom.nn.Layers.swiglu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

/// Activations with parameters, or with other shapes than they are given.
class GatedLayersTest {
    private static final Shape SAMPLE = Shape.of(7, 6);

    @Test
    void slopesAreLearntForAllChannelsOrForEach() {
        Tensor x = Tensor.of(new float[] {1, -2, 3, -4, 5, -8}, 3, 2);
        PRelu shared = prelu().build(Shape.of(2), RandomStream.of(0));
        assertThat(shared.apply(x).toFloats()).containsExactly(1, -0.5f, 3, -1, 5, -2);
        PRelu each = prelu().withSlopePerChannel().initial(0.5).build(Shape.of(2), RandomStream.of(0));
        each.weight().set(Tensor.of(9f, 2f));
        assertThat(each.apply(x).toFloats()).containsExactly(1, -4, 3, -8, 5, -16);
    }

    @Test
    void parametersAreNamedAfterTheProjections() {
        assertThat(Modules.parameters(swiglu(5).build(SAMPLE, RandomStream.of(0)))
                        .keySet())
                .containsExactly("gate.weight", "up.weight", "down.weight");
        SwiGlu withBias = swiglu(5).withBias().build(SAMPLE, RandomStream.of(0));
        assertThat(Modules.parameters(withBias).keySet())
                .containsExactly("gate.weight", "gate.bias", "up.weight", "up.bias", "down.weight", "down.bias");
        assertThat(withBias.gate().weight().value().toFloats())
                .isNotEqualTo(withBias.up().weight().value().toFloats());
        assertThat(Modules.parameters(maxout(5, 3).build(SAMPLE, RandomStream.of(0)))
                        .keySet())
                .containsExactly("linear.weight", "linear.bias");
    }

    @Test
    void theShapeABlueprintTellsIsThatOfTheResult() {
        for (Layer layer : new Layer[] {prelu(), prelu().withSlopePerChannel(), swiglu(5), maxout(5, 3), glu()}) {
            Module module = layer.build(SAMPLE, RandomStream.of(0));
            for (int batch : new int[] {1, 33}) {
                Shape y = module.apply(Tensor.zeros(batch, 7, 6)).shape();
                assertThat(Shape.of(y.toList().subList(1, y.rank())))
                        .as(layer.toString())
                        .isEqualTo(layer.output(SAMPLE));
            }
        }
    }

    @Test
    void savedAndLoadedTheyComputeTheSame() {
        Tensor x = RandomStream.of(1).normal(Shape.of(2, 7, 6));
        for (Layer layer : new Layer[] {prelu().withSlopePerChannel(), swiglu(5), maxout(5, 3)}) {
            Module saved = layer.build(SAMPLE, RandomStream.of(1));
            Modules.parameters(saved)
                    .values()
                    .forEach(p -> p.set(RandomStream.of(p.shape().size()).normal(p.shape())));
            Module loaded = layer.build(SAMPLE, RandomStream.of(1));
            assertThat(loaded.apply(x).toFloats()).isNotEqualTo(saved.apply(x).toFloats());
            Modules.load(loaded, Modules.state(saved));
            assertThat(loaded.apply(x).toFloats()).isEqualTo(saved.apply(x).toFloats());
        }
    }

    @Test
    void badInputIsRefused() {
        PRelu each = prelu().withSlopePerChannel().build(SAMPLE, RandomStream.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> each.apply(Tensor.zeros(2, 5)))
                .withMessageContaining("PRelu: input F32[2, 5], expected [..., 6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PRelu(Init.ones(2, 3)))
                .withMessageContaining("prelu: weight [2, 3], expected [C] or [1]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> swiglu(5).build(SAMPLE, RandomStream.of(0)).apply(Tensor.zeros(2, 5)))
                .withMessageContaining("layer gate (Linear): input F32[2, 5], expected [..., 6]");
        Linear in = Layers.linear(5).build(SAMPLE, RandomStream.of(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SwiGlu(in, in, in))
                .withMessageContaining("swiglu: gate [6, 5], up [6, 5] and down [6, 5], expected [in, hidden] twice");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Maxout(in, 3))
                .withMessageContaining("maxout: weight [6, 5], expected [in, units * 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> maxout(5, 0))
                .withMessageContaining("maxout: pieces 0, expected at least 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> swiglu(0))
                .withMessageContaining("swiglu: hidden 0, expected at least 1");
        for (Layer layer : new Layer[] {prelu().withSlopePerChannel(), swiglu(5), maxout(5, 3)}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> layer.output(Shape.of()))
                    .withMessageContaining("samples of shape [], expected a last axis of channels");
        }
    }
}
