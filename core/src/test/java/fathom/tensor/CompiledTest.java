package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.autodiff.Gradients;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CompiledTest {
    private int calls;

    /// Counts how often the function is called.
    private Compiled compiled(Function<List<Tensor>, List<Tensor>> function, Variable... variables) {
        return Compiled.of(
                in -> {
                    calls++;
                    return function.apply(in);
                },
                List.of(variables));
    }

    private static Tensor ramp(int... shape) {
        return Tensor.arange(Shape.of(shape).size())
                .cast(DType.F32)
                .reshape(shape)
                .mul(0.37)
                .sub(1.3);
    }

    @Test
    void givesTheSameBitsAndIsRecordedOnceForEachShape() {
        Function<List<Tensor>, List<Tensor>> function = in -> {
            Tensor y = in.get(0).matmul(in.get(1)).mul(0.7).exp();
            return List.of(y.sum(1), y.add(3.1), in.get(0));
        };
        Compiled compiled = compiled(function);
        for (int turn = 0; turn < 3; turn++) {
            for (int rows : new int[] {1, 5, 0, 17}) {
                List<Tensor> arguments =
                        List.of(ramp(rows, 8).add(turn), ramp(8, 3).mul(0.1 * turn));
                List<Tensor> expected = function.apply(arguments);
                List<Tensor> found = compiled.call(arguments);
                for (int i = 0; i < 3; i++) {
                    assertThat(found.get(i).node().isEvaluated()).isTrue();
                    assertThat(found.get(i).type()).isEqualTo(expected.get(i).type());
                    assertThat(found.get(i).toFloats())
                            .isEqualTo(expected.get(i).toFloats());
                }
            }
        }
        assertThat(calls).isEqualTo(4);
    }

    @Test
    void typesAreToldApart() {
        Compiled twice = compiled(in -> List.of(in.getFirst().mul(2)));
        assertThat(twice.call(List.of(Tensor.of(1.5f, 2))).getFirst().toFloats())
                .containsExactly(3, 4);
        assertThat(twice.call(List.of(Tensor.of(new int[] {3, 4}))).getFirst().toInts())
                .containsExactly(6, 8);
        assertThat(calls).isEqualTo(2);
    }

    @Test
    void argumentsMayBeUnusedTheSameOrNotComputedYet() {
        Compiled difference = compiled(in -> List.of(in.get(0).sub(in.get(2)), Tensor.of(4f)));
        Tensor x = Tensor.of(1f, 2f);
        Tensor lazy = x.mul(10);
        assertThat(difference.call(List.of(lazy, x, x)).getFirst().toFloats()).containsExactly(9, 18);
        assertThat(difference.call(List.of(x, x, x)).getFirst().toFloats()).containsExactly(0, 0);
        assertThat(difference.call(List.of(x, x, lazy)).getLast().toFloats()).containsExactly(4);
        assertThat(calls).isEqualTo(1);
    }

    @Test
    void variablesHaveTheirPresentValues() {
        Variable weight = Variable.of(Tensor.of(2f));
        Compiled scaled = compiled(
                in -> List.of(
                        in.getFirst().mul(weight.value()).add(weight.value().detach())),
                weight);
        for (int update = 0; update < 4; update++) {
            assertThat(scaled.call(List.of(Tensor.of(10f))).getFirst().item()).isEqualTo(11.0 * (2 + update));
            weight.set(weight.value().add(1));
        }
        assertThat(calls).isEqualTo(1);
    }

    @Test
    void variablesThatWereNotNamedAreRefused() {
        Variable weight = Variable.of(Tensor.of(2f));
        Compiled scaled = compiled(in -> List.of(in.getFirst().mul(weight.value())));
        assertThatThrownBy(() -> scaled.call(List.of(Tensor.of(10f))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("compiled: the function uses a variable F32[1] that was not named");
    }

    @Test
    void whatReadsElementsIsCalledEachTime() {
        Compiled signed = compiled(in -> {
            Tensor x = in.getFirst();
            return List.of(x.sum().item() > 0 ? x : x.neg());
        });
        for (float v : new float[] {3, -4, 5}) {
            assertThat(signed.call(List.of(Tensor.of(v))).getFirst().item()).isEqualTo(Math.abs(v));
        }
        // Once in vain.
        assertThat(calls).isEqualTo(4);

        Variable weight = Variable.of(Tensor.of(2f));
        Compiled chosen = compiled(
                in -> List.of(
                        weight.value().item() > 1
                                ? in.getFirst()
                                : in.getFirst().neg()),
                weight);
        assertThat(chosen.call(List.of(Tensor.of(1f))).getFirst().item()).isEqualTo(1);
        weight.set(Tensor.of(0f));
        assertThat(chosen.call(List.of(Tensor.of(1f))).getFirst().item()).isEqualTo(-1);
    }

    @Test
    void whatUpdatesVariablesIsCalledEachTime() {
        Variable count = Variable.of(Tensor.of(0f));
        Compiled counting = compiled(
                in -> {
                    count.set(count.value().add(1));
                    return List.of(in.getFirst().add(count.value()));
                },
                count);
        for (int i = 1; i < 4; i++) {
            assertThat(counting.call(List.of(Tensor.of(10f))).getFirst().item()).isEqualTo(10 + i);
        }
    }

    @Test
    void resultsHaveNoHistory() {
        Variable weight = Variable.of(Tensor.of(2f));
        Compiled scaled = compiled(in -> List.of(in.getFirst().mul(weight.value())), weight);
        Tensor y = scaled.call(List.of(Tensor.of(10f))).getFirst().sum();
        assertThatThrownBy(() -> Gradients.of(y, weight.value())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyDeviceHasItsOwnProgram() {
        Compiled twice = compiled(in -> List.of(in.getFirst().mul(2)));
        List<Double> found = new ArrayList<>();
        for (int turn = 0; turn < 2; turn++) {
            try (Device one = Device.cpu(1);
                    Device reference = Device.reference()) {
                for (Device device : List.of(one, reference, one)) {
                    found.add(device.call(
                            () -> twice.call(List.of(Tensor.of(21f))).getFirst().item()));
                }
            }
        }
        assertThat(found).hasSize(6).containsOnly(42.0);
        assertThat(calls).isEqualTo(1);
    }

    @Test
    void manyShapesAreRecordedAnew() {
        Compiled twice = compiled(in -> List.of(in.getFirst().mul(2)));
        for (int turn = 0; turn < 2; turn++) {
            for (int n = 1; n <= 40; n++) {
                assertThat(twice.call(List.of(ramp(n))).getFirst().size()).isEqualTo(n);
            }
        }
        assertThat(calls).isEqualTo(80);
    }

    @Test
    void errorsOfTheFunctionAreThoseOfTheCall() {
        Compiled product = compiled(in -> List.of(in.get(0).matmul(in.get(1))));
        assertThatThrownBy(() -> product.call(List.of(ramp(2, 3), ramp(2, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("matMul");
    }
}
