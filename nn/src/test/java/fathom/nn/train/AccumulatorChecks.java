package fathom.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// What tests of accumulators have in common.
final class AccumulatorChecks {
    private AccumulatorChecks() {}

    static void refused(Runnable what, String message) {
        assertThatIllegalArgumentException().isThrownBy(what::run).withMessageContaining(message);
    }

    static void empty(Runnable what, String message) {
        assertThatIllegalStateException().isThrownBy(what::run).withMessageContaining(message);
    }

    static Tensor doubles(double... values) {
        return Tensor.of(values, values.length);
    }

    static Tensor ints(int... values) {
        return Tensor.of(values, values.length);
    }

    /// That parts accumulated apart, one of them empty, give what the whole does.
    static <A extends Accumulator<A>> void mergesAsTheWhole(
            Supplier<A> start, ToDoubleFunction<A> value, Tensor prediction, Tensor target) {
        A whole = start.get();
        whole.add(prediction, target);
        A first = start.get();
        A second = start.get();
        A nothing = start.get();
        int n = target.dim(0);
        int[] cuts = {0, 1, n / 3, n / 3 + 1, n};
        for (int i = 0; i + 1 < cuts.length; i++) {
            A to = i < 2 ? first : second;
            to.add(prediction.slice(0, cuts[i], cuts[i + 1]), target.slice(0, cuts[i], cuts[i + 1]));
        }
        first.merge(nothing);
        first.merge(second);
        nothing.merge(first);
        double expected = value.applyAsDouble(whole);
        assertThat(value.applyAsDouble(first)).isCloseTo(expected, within(1e-12));
        assertThat(value.applyAsDouble(nothing)).isCloseTo(expected, within(1e-12));
    }
}
