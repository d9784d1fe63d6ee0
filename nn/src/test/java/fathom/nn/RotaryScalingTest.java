package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RotaryScalingTest {
    private static final double[] RATES = {1, 0.1, 0.01, 0.001};

    @Test
    void noScalingChangesNothing() {
        assertThat(RotaryScaling.none().rates(RATES)).containsExactly(RATES);
    }

    @Test
    void linearScalingBringsPlacesTogether() {
        Tensor x = RandomStream.of(1).normal(Shape.of(1, 8));
        RotaryPositions plain = RotaryPositions.of().inHalves();
        RotaryPositions scaled = plain.scaling(RotaryScaling.linear(4));
        assertThat(scaled.apply(x, Tensor.of(new int[] {12}, 1)).toFloats())
                .containsExactly(plain.apply(x, Tensor.of(new int[] {3}, 1)).toFloats(), within(1e-6f));
    }

    /// In 1000 places the pairs turn 159, 15.9, 1.59 and 0.159 times.
    @Test
    void pairsThatTurnOftenStayAsTheyAre() {
        double[] scaled = RotaryScaling.byTurns(8, 1, 4, 1000).rates(RATES);
        double turns = 10 / (2 * Math.PI);
        double kept = (turns - 1) / 3;
        assertThat(scaled)
                .containsExactly(new double[] {1, 0.1, kept * 0.01 + (1 - kept) * 0.01 / 8, 0.001 / 8}, within(1e-15));
    }

    @Test
    void pairsCanHaveDivisorsOfTheirOwn() {
        RotaryScaling scaling = RotaryScaling.divided(List.of(1.0, 1.0, 2.0, 8.0));
        assertThat(scaling.rates(RATES)).containsExactly(1, 0.1, 0.005, 0.000125);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> scaling.rates(new double[] {1}))
                .withMessageContaining("4 divisors, expected one for each of 1 pairs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RotaryScaling.divided(List.of(0.0)))
                .withMessageContaining("divisor 0.0");
    }

    @Test
    void boundsAreChecked() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RotaryScaling.linear(0))
                .withMessageContaining("factor 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RotaryScaling.byTurns(8, 4, 4, 100))
                .withMessageContaining("4.0 and 4.0 turns in 100 places");
    }
}
