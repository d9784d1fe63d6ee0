package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecurrenceTest {
    private static final Recurrence.Cell TANH =
            (x, p, s) -> List.of(x.get(0).add(p.get(0)).tanh());

    private static Tensor normal(int seed, int... shape) {
        return RandomStream.of(seed).normal(Shape.of(shape)).copy();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isWhatStepByStepIs(boolean reverse) {
        Tensor x = normal(1, 7, 3, 5);
        Tensor w = normal(2, 5, 5);
        Tensor initial = normal(3, 3, 5);
        Tensor cotangent = normal(4, 7, 3, 5);
        Tensor states = Recurrence.of(TANH, 5, List.of(x), w, initial, reverse).sequence(0);
        Tensor unrolled = unrolled(x, w, initial, reverse);
        assertThat(states.toFloats()).containsExactly(unrolled.toFloats(), within(1e-6f));
        List<Tensor> given = List.of(x, w, initial);
        List<Tensor> gradients = Gradients.vectorJacobian(states, cotangent, given);
        List<Tensor> expected = Gradients.vectorJacobian(unrolled, cotangent, given);
        for (int i = 0; i < given.size(); i++) {
            assertThat(gradients.get(i).toFloats())
                    .as("gradient %d", i)
                    .containsExactly(expected.get(i).toFloats(), within(1e-5f));
        }
    }

    private static Tensor unrolled(Tensor x, Tensor w, Tensor initial, boolean reverse) {
        List<Tensor> states = new ArrayList<>();
        Tensor h = initial;
        for (int i = 0; i < x.dim(0); i++) {
            int t = reverse ? x.dim(0) - 1 - i : i;
            h = x.at(0, t).add(h.matmul(w)).tanh();
            states.add(reverse ? 0 : i, h);
        }
        return Tensor.stack(0, states);
    }

    @ParameterizedTest
    @EnumSource(TestDevice.class)
    void lastIsTheStateAfterTheLastStep(TestDevice device) {
        device.run(() -> {
            Tensor x = normal(1, 4, 2, 3);
            Recurrence forwards = Recurrence.of(TANH, 3, List.of(x), normal(2, 3, 3), normal(3, 2, 3), false);
            Recurrence backwards = Recurrence.of(TANH, 3, List.of(x), normal(2, 3, 3), normal(3, 2, 3), true);
            assertThat(forwards.last(0).toFloats())
                    .isEqualTo(forwards.sequence(0).at(0, 3).toFloats());
            assertThat(backwards.last(0).toFloats())
                    .isEqualTo(backwards.sequence(0).at(0, 0).toFloats());
        });
    }

    @Test
    void mistakesAreExplained() {
        Tensor x = normal(1, 4, 2, 3);
        Tensor w = normal(2, 3, 3);
        Tensor s = normal(3, 2, 3);
        Recurrence.Cell outside = (in, p, state) -> List.of(in.get(0).add(s));
        assertThatThrownBy(() -> Recurrence.of(outside, 3, List.of(x), w, s, false))
                .hasMessageContaining("only what is given may be used");
        Recurrence.Cell two = (in, p, state) -> List.of(in.get(0), in.get(0));
        assertThatThrownBy(() -> Recurrence.of(two, 3, List.of(x), w, s, false))
                .hasMessageContaining("2 blocks of state, expected 1");
        Recurrence.Cell sum = (in, p, state) -> List.of(in.get(0).sum(true, 1).broadcastTo(Shape.of(2, 3)));
        assertThatThrownBy(() -> Recurrence.of(sum, 3, List.of(x), w, s, false))
                .hasMessageContaining("elementwise operations, given");
        assertThatThrownBy(() -> Recurrence.of(TANH, 2, List.of(x), w, s, false))
                .hasMessageContaining("H = 2");
        assertThatThrownBy(() -> Recurrence.of(TANH, 3, List.of(normal(1, 4, 2, 4)), w, s, false))
                .hasMessageContaining("F32[4, 2, 4]");
    }

    @Test
    void whatStandsForABlockIsNotUsedOutside() {
        List<Tensor> leaked = new ArrayList<>();
        Recurrence.Cell cell = (in, p, state) -> {
            leaked.add(in.get(0));
            return List.of(in.get(0));
        };
        Recurrence.of(cell, 3, List.of(normal(1, 4, 2, 3)), normal(2, 3, 3), normal(3, 2, 3), false);
        assertThatThrownBy(() -> leaked.getFirst().exp().toFloats()).hasMessageContaining("used outside");
    }
}
