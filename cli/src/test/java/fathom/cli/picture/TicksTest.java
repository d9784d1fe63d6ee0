package fathom.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;

class TicksTest {
    @Test
    void marksAreRound() {
        Ticks t = Ticks.over(0, 0.2412, 6);
        assertThat(t.values().stream().map(t::label)).containsExactly("0.00", "0.05", "0.10", "0.15", "0.20", "0.25");
    }

    @Test
    void wholeStepsHaveNoDecimals() {
        Ticks t = Ticks.over(92.8, 100, 6);
        assertThat(t.values().stream().map(t::label)).containsExactly("92", "94", "96", "98", "100");
    }

    @Test
    void oneValueStillGivesAnAxis() {
        Ticks t = Ticks.over(3, 3, 5);
        assertThat(t.low()).isLessThan(3);
        assertThat(t.high()).isGreaterThan(3);
    }

    @Property
    void theAxisHoldsTheValues(
            @ForAll @DoubleRange(min = -1e4, max = 1e4) double a,
            @ForAll @DoubleRange(min = 0.01, max = 1e6) double span) {
        Ticks t = Ticks.over(a, a + span, 6);
        assertThat(t.low()).isLessThanOrEqualTo(a + t.step() * 1e-6);
        assertThat(t.high()).isGreaterThanOrEqualTo(a + span - t.step() * 1e-6);
        assertThat(t.values()).hasSizeBetween(2, 9);
    }
}
