package fathom.nn;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import fathom.tensor.Compiled;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModulesTest {
    private record Block(Linear first, Optional<Linear> second, double scale) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            Tensor y = first.apply(x).mul(scale);
            return second.isPresent() ? second.get().apply(y) : y;
        }
    }

    private record Net(List<Block> blocks, Map<String, Module> heads, Parameter temperature) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            Tensor y = x;
            for (Block b : blocks) {
                y = b.apply(y);
            }
            for (Module head : heads.values()) {
                y = head.apply(y);
            }
            return y.mul(temperature.value());
        }
    }

    private static Linear dense(int in, int out) {
        return linear(out).build(Shape.of(in), RandomStream.of(in * 31L + out));
    }

    private static Net net() {
        Map<String, Module> heads = new LinkedHashMap<>();
        heads.put("class", dense(4, 2));
        return new Net(
                List.of(
                        new Block(dense(3, 4), Optional.empty(), 1),
                        new Block(dense(4, 5), Optional.of(dense(5, 4)), 2)),
                heads,
                Parameter.of(Tensor.scalar(1)).frozen());
    }

    @Test
    void recordComponentsNameTheParameters() {
        assertThat(Modules.parameters(net()).keySet())
                .containsExactly(
                        "blocks.0.first.weight",
                        "blocks.0.first.bias",
                        "blocks.1.first.weight",
                        "blocks.1.first.bias",
                        "blocks.1.second.weight",
                        "blocks.1.second.bias",
                        "heads.class.weight",
                        "heads.class.bias",
                        "temperature");
        assertThat(Modules.count(net())).isEqualTo(16 + 25 + 24 + 10 + 1);
    }

    @Test
    void layersOfAChainAreNumberedWithTheirBuffers() {
        Chain chain = Sequential.of(conv2d(4, 3), batchNorm(), relu(), flatten(), linear(2))
                .build(Shape.of(5, 5, 1), RandomStream.of(1));
        assertThat(Modules.parameters(chain).keySet())
                .containsExactly("0.weight", "0.bias", "1.weight", "1.bias", "4.weight", "4.bias");
        assertThat(Modules.buffers(chain).keySet()).containsExactly("1.runningMean", "1.runningVariance");
        assertThat(Modules.parameters(chain).get("4.weight"))
                .extracting(Parameter::shape)
                .isEqualTo(Shape.of(36, 2));
    }

    @Test
    void aSharedParameterIsCountedOnce() {
        Linear shared = dense(3, 3);
        assertThat(Modules.parameters(Chain.of(shared, shared)).keySet()).containsExactly("0.weight", "0.bias");
    }

    @Test
    void stateIsRestored() {
        Net net = net();
        Map<String, Tensor> saved = Modules.state(net);
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
        float[] before = net.apply(x).toFloats();
        Modules.parameters(net).values().forEach(p -> p.set(p.value().add(1)));
        assertThat(net.apply(x).toFloats()).isNotEqualTo(before);
        Modules.load(net, saved);
        assertThat(net.apply(x).toFloats()).isEqualTo(before);
    }

    @Test
    void aCompiledFunctionHasThePresentParametersAndIsNotTraining() {
        Chain model = Chain.of(dense(3, 4), dropout(0.5).build(Shape.of(4), RandomStream.of(1)));
        Compiled serve = Modules.compiled(model, in -> List.of(model.apply(in.getFirst())));
        for (int turn = 0; turn < 3; turn++) {
            Tensor x = Tensor.of(new float[] {1, 2, turn}, 1, 3);
            Modules.parameters(model).values().forEach(p -> p.set(p.value().mul(1.5)));
            List<Tensor> found = Context.training(RandomStream.of(1), () -> serve.call(List.of(x)));
            assertThat(found.getFirst().toFloats()).isEqualTo(model.apply(x).toFloats());
        }
    }

    @Test
    void aStateThatDoesNotFitChangesNothing() {
        Linear model = dense(2, 3);
        float[] before = model.weight().value().toFloats();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Modules.load(model, Map.of("weight", Tensor.zeros(2, 3))))
                .withMessageContaining("missing [bias]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Modules.load(model, Map.of("weight", Tensor.zeros(2, 3), "bias", Tensor.zeros(4))))
                .withMessageContaining("bias is F32[4], expected F32[3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Modules.load(
                        model, Map.of("weight", Tensor.zeros(2, 3), "bias", Tensor.zeros(3), "other", Tensor.zeros(3))))
                .withMessageContaining("not in the model [other]");
        assertThat(model.weight().value().toFloats()).isEqualTo(before);
    }

    @Test
    void aClassThatHidesItsParametersIsAnError() {
        Module opaque = new Module() {
            @Override
            public Tensor forward(Tensor x) {
                return x;
            }
        };
        assertThatIllegalStateException()
                .isThrownBy(() -> Modules.parameters(opaque))
                .withMessageContaining("make it a record");
        Module lambda = x -> x.relu();
        assertThat(Modules.parameters(lambda)).isEmpty();
    }

    @Test
    void anErrorNamesTheLayerByItsPath() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> net().apply(Tensor.zeros(2, 7)))
                .withMessageContaining("layer blocks.0.first (Linear): input F32[2, 7]")
                .withMessageContaining("expected [..., 3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Chain.of(relu(), dense(3, 2)).apply(Tensor.zeros(2, 7)))
                .withMessageContaining("layer 1 (Linear): input F32[2, 7]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dense(3, 2).apply(Tensor.zeros(2, 7)))
                .withMessageStartingWith("Linear: input F32[2, 7]");
    }

    @Test
    void aBlueprintThatDoesNotFitNamesTheLayer() {
        Sequential model = Sequential.of(flatten(), relu(), conv2d(8, 3));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.build(Shape.of(28, 28, 1), RandomStream.of(0)))
                .withMessageContaining("layer 2 (Conv2d) for samples of shape [784]")
                .withMessageContaining("expected images [H, W, C]");
    }
}
