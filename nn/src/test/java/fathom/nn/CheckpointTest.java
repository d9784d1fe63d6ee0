package fathom.nn;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.checkpoint;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.gelu;
import static fathom.nn.Layers.layerNorm;
import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.compile.Memory;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private static final int WIDTH = 32;
    private static final int BATCH = 256;
    private static final int BLOCKS = 6;

    @Test
    void learnsTheSame() {
        List<float[]> marked = trained(Layers::checkpoint);
        List<float[]> plain = trained(layer -> layer);
        for (int i = 0; i < plain.size(); i++) {
            // Parts of a gradient may be added in another order, and Adam's first steps make much of it.
            assertThat(marked.get(i)).containsExactly(plain.get(i), within(2e-3f));
        }
    }

    private static List<float[]> trained(UnaryOperator<Layer> mark) {
        Module model = model(mark);
        Optimizer optimizer = Adam.of(0.01).on(model);
        Context.training(RandomStream.of(5), () -> {
            for (int step = 0; step < 4; step++) {
                optimizer.step(loss(model, step));
            }
        });
        List<float[]> all = new ArrayList<>();
        Modules.parameters(model).values().forEach(p -> all.add(p.value().toFloats()));
        return all;
    }

    @Test
    void needsLessMemory() {
        Memory kept = memory(layer -> layer);
        Memory anew = memory(Layers::checkpoint);
        // Each block keeps its input instead of that and four wider values.
        assertThat(anew.temporaries()).isLessThan(kept.temporaries() / 2);
    }

    private static Memory memory(UnaryOperator<Layer> mark) {
        Module model = model(mark);
        return Context.training(RandomStream.of(5), () -> {
            Tensor loss = loss(model, 0);
            List<Tensor> all = new ArrayList<>(Gradients.of(
                    loss,
                    Modules.parameters(model).values().stream()
                            .map(Parameter::value)
                            .toList()));
            all.add(loss);
            return Device.current()
                    .program(all.toArray(Tensor[]::new))
                    .orElseThrow()
                    .memory();
        });
    }

    @Test
    void gradientsHaveGradients() {
        Module plain = model(layer -> layer);
        Module marked = model(Layers::checkpoint);
        assertThat(curvature(marked)).containsExactly(curvature(plain), within(1e-8f));
    }

    /// The slope of the squared length of the gradient.
    private static float[] curvature(Module model) {
        Tensor w = Modules.parameters(model).values().iterator().next().value();
        return Context.training(RandomStream.of(5), () -> {
            Tensor gradient = Gradients.of(loss(model, 0), w);
            return Gradients.of(gradient.square().sum(), w).toFloats();
        });
    }

    @Test
    void sharedWeightsAreCountedOnce() {
        Parameter w = Parameter.of(RandomStream.of(1).normal(Shape.of(4, 4)));
        Tensor x = RandomStream.of(2).normal(Shape.of(3, 4));
        UnaryOperator<Tensor> f = t -> t.matmul(w.value()).tanh();
        Tensor plain = f.apply(f.apply(x)).sum();
        Tensor marked = Gradients.checkpoint(f, Gradients.checkpoint(f, x)).sum();
        assertThat(Gradients.of(marked, w.value()).toFloats())
                .isEqualTo(Gradients.of(plain, w.value()).toFloats());
    }

    @Test
    void batchNormalisationIsRefused() {
        Module model = checkpoint(batchNorm()).build(Shape.of(4), RandomStream.of(1));
        assertThatThrownBy(() -> Context.training(RandomStream.of(1), () -> model.apply(Tensor.ones(2, 4))))
                .hasMessageContaining("running statistics");
    }

    private static Tensor loss(Module model, int step) {
        RandomStream data = RandomStream.of(step);
        Tensor x = data.split("x").normal(Shape.of(BATCH, WIDTH));
        return model.apply(x).sub(x.mul(0.5)).square().mean();
    }

    private static Module model(UnaryOperator<Layer> mark) {
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < BLOCKS; i++) {
            blocks.add(mark.apply(Sequential.of(layerNorm(), linear(4 * WIDTH), gelu(), dropout(0.2), linear(WIDTH))));
        }
        return new Sequential(blocks).build(Shape.of(WIDTH), RandomStream.of(3));
    }
}
