package fathom.compile;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.autodiff.Gradients;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
    private static void step(Variable w, Tensor x, double learningRate) {
        Tensor loss = x.matmul(w.value()).square().mean();
        Tensor g = Gradients.of(loss, w.value());
        Device.current().commit(List.of(loss), List.of(w.to(w.value().sub(g.mul(learningRate)))));
    }

    @Test
    void stepsOfOneStructureAreCompiledOnce() {
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Variable w = Variable.of(Tensor.of(new float[] {1, 2, 3}, 3, 1));
                Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
                step(w, x, 0.1);
                int before = device.explainRecompiles().size();
                for (int i = 0; i < 20; i++) {
                    step(w, x, 0.1 / (i + 3));
                }
                // Neither the learning rate nor the data are part of the program.
                step(w, Tensor.of(new float[] {6, 5, 4, 3, 2, 1}, 2, 3), 0.01);
                assertThat(device.explainRecompiles()).hasSize(before);
            });
        }
    }

    @Test
    void anotherShapeIsCompiledAndExplained() {
        try (Device device = Device.reference()) {
            device.run(() -> {
                Variable w = Variable.of(Tensor.of(new float[] {1, 2, 3}, 3, 1));
                step(w, Tensor.of(new float[9], 3, 3), 0.1);
                assertThat(device.explainRecompiles())
                        .singleElement()
                        .asString()
                        .endsWith("the first graph");
                step(w, Tensor.of(new float[12], 4, 3), 0.1);
                assertThat(device.explainRecompiles())
                        .hasSize(2)
                        .last()
                        .asString()
                        .contains("differs")
                        .contains("[4, 3]")
                        .contains("[3, 3]");
            });
        }
    }

    @Test
    void randomDrawsDoNotRecompile() {
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                RandomStream random = RandomStream.of(1);
                random.normal(Shape.of(5)).evaluate();
                random.bernoulli(Shape.of(5), 0.4).evaluate();
                int before = device.explainRecompiles().size();
                random.normal(Shape.of(5)).evaluate();
                random.bernoulli(Shape.of(5), 0.25).evaluate();
                assertThat(device.explainRecompiles()).hasSize(before);
            });
        }
    }

    @Test
    void equalPartsAreComputedOnce() {
        try (Device device = Device.reference()) {
            device.run(() -> {
                Tensor x = Tensor.of(1, 2);
                Tensor y = x.exp().mul(x.exp()).add(x.exp());
                String listing = device.explain(y);
                assertThat(listing.split("exp", -1)).hasSize(2);
                assertThat(device.explain(y.evaluate())).isEqualTo("nothing to compute");
            });
        }
    }

    @Test
    void severalValuesAreComputedTogether() {
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Tensor x = Tensor.of(1, 2, 3);
                Tensor a = x.add(1);
                Tensor b = a.mul(2);
                Tensor same = x.add(1);
                Tensor.evaluateAll(b, a, same, a);
                assertThat(device.explainRecompiles()).hasSize(1);
                assertThat(a.toFloats()).containsExactly(2, 3, 4);
                assertThat(b.toFloats()).containsExactly(4, 6, 8);
                assertThat(same.toFloats()).containsExactly(2, 3, 4);
                assertThat(device.explainRecompiles()).hasSize(1);
            });
        }
    }

    @Test
    void moreProgramsThanAreKept() {
        try (Device device = Device.reference()) {
            device.run(() -> {
                for (int round = 0; round < 2; round++) {
                    for (int n = 1; n <= 300; n++) {
                        assertThat(Tensor.arange(n).sum().item()).isEqualTo((double) (n * (n - 1) / 2));
                    }
                }
                assertThat(device.explainRecompiles()).hasSizeLessThanOrEqualTo(100);
            });
        }
    }
}
