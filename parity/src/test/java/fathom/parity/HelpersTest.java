package fathom.parity;

import static fathom.parity.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A comparison that always agrees would prove nothing.
@RequiresLibtorch
class HelpersTest {
    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F16", "BF16"},
            mode = EnumSource.Mode.EXCLUDE)
    void tensorsGoThereAndBack(DType dtype) {
        try (var _ = new PointerScope()) {
            Tensor t = Tensor.arange(6).cast(dtype).reshape(2, 3);
            Tensor back = Torch.back(Torch.of(t));
            assertThat(back.dtype()).isEqualTo(dtype);
            assertClose("values", back, t, 0);
            Tensor transposed = Torch.back(Torch.of(t).t());
            assertClose("transposed", transposed, t.transpose(), 0);
            Tensor empty = Tensor.full(fathom.tensor.Shape.of(0, 3), dtype, 0);
            assertThat(Torch.back(Torch.of(empty)).shape()).isEqualTo(empty.shape());
        }
    }

    @Test
    void layoutsMoveEachAxisToItsPlace() {
        assertThat(moved(Layouts::channelsFirst, 2, 3, 4, 5)).containsExactly(2, 5, 3, 4);
        assertThat(moved(Layouts::channelsLast, 2, 5, 3, 4)).containsExactly(2, 3, 4, 5);
        assertThat(moved(Layouts::kernel, 2, 3, 4, 5)).containsExactly(5, 4, 2, 3);
        assertThat(moved(Layouts::kernel1d, 2, 4, 5)).containsExactly(5, 4, 2);
        assertThat(moved(Layouts::sequence, 2, 3, 4)).containsExactly(2, 4, 3);
        assertThat(moved(Layouts::linear, 2, 3)).containsExactly(3, 2);
    }

    @Test
    void elementsMoveWithTheAxes() {
        try (var _ = new PointerScope()) {
            Tensor x = Tensor.arange(2 * 3 * 4 * 5).cast(DType.F32).reshape(2, 3, 4, 5);
            Tensor first = Torch.back(Layouts.channelsFirst(Torch.of(x)));
            Tensor kernel = Torch.back(Layouts.kernel(Torch.of(x)));
            double element = x.at(0, 1).at(0, 2).at(0, 3).at(0, 4).item();
            assertThat(first.at(0, 1).at(0, 4).at(0, 2).at(0, 3).item()).isEqualTo(element);
            assertThat(kernel.at(0, 4).at(0, 3).at(0, 1).at(0, 2).item()).isEqualTo(element);
        }
    }

    private static int[] moved(UnaryOperator<org.bytedeco.pytorch.Tensor> layout, int... shape) {
        try (var _ = new PointerScope()) {
            int n = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            Tensor x = Tensor.arange(n).reshape(shape);
            return Torch.back(layout.apply(Torch.of(x))).shape().dims();
        }
    }

    @Test
    void differencesAreFound() {
        Tensor one = Tensor.of(1f, 2f, 3f);
        assertClose("within tolerance", Tensor.of(1f, 2f, 3.00001f), one, 1);
        differs(Tensor.of(1f, 2f, 3.0001f), one);
        differs(Tensor.of(1f, 2f, Float.NaN), one);
        differs(one, Tensor.of(1f, 2f, Float.NaN));
        differs(one, Tensor.of(1f, 2f, Float.POSITIVE_INFINITY));
        differs(Tensor.of(1f, Float.NEGATIVE_INFINITY), Tensor.of(1f, Float.POSITIVE_INFINITY));
        differs(one.reshape(1, 3), one);
        differs(one.cast(DType.F64), one);
        differs(Tensor.of(new int[] {1, 2}), Tensor.of(new int[] {1, 3}));
        Tensor precise = Tensor.of(new double[] {1, 2});
        assertClose("within tolerance", Tensor.of(new double[] {1, 2 + 1e-10}), precise, 1);
        differs(Tensor.of(new double[] {1, 2 + 1e-9}), precise);
    }

    @Test
    void otherPlatformsSkipWithAMessage() {
        var result = RequiresLibtorch.Condition.evaluate("macosx-arm64");
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).hasValueSatisfying(r -> assertThat(r).contains("macosx-arm64"));
        assertThat(RequiresLibtorch.Condition.evaluate("linux-x86_64").isDisabled())
                .isFalse();
    }

    private static void differs(Tensor actual, Tensor expected) {
        assertThatThrownBy(() -> assertClose("values", actual, expected, 1)).isInstanceOf(AssertionError.class);
    }
}
