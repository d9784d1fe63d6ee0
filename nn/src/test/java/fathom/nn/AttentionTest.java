package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {
    static Stream<AttentionMask> masks() {
        AttentionMask none = AttentionMask.none();
        Tensor lengths = Tensor.of(new int[] {50, 13}, 2);
        Tensor seen = RandomStream.of(7).bernoulli(Shape.of(50, 50), 0.8).evaluate();
        return Stream.of(
                none,
                none.causal(),
                none.lengths(lengths, 50),
                none.causal().lengths(lengths, 50).where(seen),
                none.causal().alibi(3),
                none.bias(RandomStream.of(8).normal(Shape.of(3, 1, 50)).copy())
                        .bias(RandomStream.of(9).normal(Shape.of(50, 1)).copy()));
    }

    @ParameterizedTest
    @MethodSource("masks")
    void inPartsIsTheSame(AttentionMask mask) {
        List<Tensor> x = inputs(2, 3, 50, 8);
        List<Tensor> whole = results(x, mask, 50);
        List<Tensor> parts = results(x, mask, 16);
        for (int i = 0; i < whole.size(); i++) {
            assertThat(parts.get(i).toFloats())
                    .as("result %d", i)
                    .containsExactly(whole.get(i).toFloats(), within(1e-5f));
        }
    }

    /// The result and its gradients.
    private static List<Tensor> results(List<Tensor> x, AttentionMask mask, int each) {
        Tensor y = inParts(x, mask, each);
        List<Tensor> all = new ArrayList<>(List.of(y));
        all.addAll(gradients(y, x));
        Tensor.evaluateAll(all.toArray(Tensor[]::new));
        return all;
    }

    /// Neither their results nor any gradient is NaN.
    @Test
    void queriesThatSeeNothingHaveZeros() {
        List<Tensor> x = inputs(2, 1, 5, 4);
        AttentionMask mask = AttentionMask.none().lengths(Tensor.of(new int[] {0, 3}, 2), 5);
        for (Tensor result : results(x, mask, 5)) {
            assertThat(result.at(0, 0).toFloats()).containsOnly(0);
            assertThat(result.at(0, 1).toFloats()).doesNotContain(Float.NaN);
        }
    }

    private static Tensor inParts(List<Tensor> x, AttentionMask mask, int each) {
        return Attention.inParts(x.get(0), x.get(1), x.get(2), mask, new Dropout(0), each);
    }

    @Test
    void longSequencesNeedNoMatrixOfScores() {
        int time = 8192;
        List<Tensor> x = inputs(1, 1, time, 16);
        Tensor y = Attention.scaledDotProduct(x.get(0), x.get(1), x.get(2), true);
        Tensor whole = inParts(x, AttentionMask.none().causal(), time);
        assertThat(memory(gradients(whole, x))).isGreaterThan(2L * Float.BYTES * time * time);
        List<Tensor> gradients = gradients(y, x);
        assertThat(memory(gradients)).isLessThan((long) Float.BYTES * time * time / 3);
        assertThat(gradients.getFirst().toFloats()).doesNotContain(Float.NaN);
    }

    private static List<Tensor> gradients(Tensor y, List<Tensor> x) {
        return Gradients.vectorJacobian(y, x.get(3), x.subList(0, 3));
    }

    private static long memory(List<Tensor> tensors) {
        return Device.current()
                .program(tensors.toArray(Tensor[]::new))
                .orElseThrow()
                .memory()
                .peak();
    }

    private static List<Tensor> inputs(int samples, int heads, int time, int width) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            all.add(RandomStream.of(i)
                    .normal(Shape.of(samples, heads, time, width))
                    .copy());
        }
        return all;
    }

    @Test
    void misfitsAreExplained() {
        assertThatThrownBy(() -> Attention.scaledDotProduct(
                        Tensor.zeros(2, 5, 4), Tensor.zeros(2, 6, 3), Tensor.zeros(2, 6, 4), false))
                .hasMessageContaining("F32[2, 5, 4]")
                .hasMessageContaining("[..., S, d]");
        assertThatThrownBy(() -> Attention.scaledDotProduct(
                        Tensor.zeros(2, 5, 4), Tensor.zeros(2, 6, 4), Tensor.zeros(2, 6, 4), true))
                .hasMessageContaining("T = S");
    }
}
