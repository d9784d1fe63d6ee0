package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ActivationsTest {
    private static final double[] POINTS = {-30, -6.5, -2.5, -1, -0.25, 0.25, 1, 2.5, 6.5, 30};

    @Test
    void valuesAndSlopesAreThoseOfTheFormulas() {
        check(Activations::relu, x -> Math.max(x, 0));
        check(Activations::relu6, x -> Math.clamp(x, 0, 6));
        check(x -> Activations.leakyRelu(x, 0.1), x -> x > 0 ? x : 0.1 * x);
        check(x -> Activations.elu(x, 1.5), x -> x > 0 ? x : 1.5 * Math.expm1(x));
        check(Activations::selu, x -> 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)));
        check(Activations::gelu, x -> x * normal(x));
        check(
                Activations::geluTanh,
                x -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
        check(Activations::silu, x -> x / (1 + Math.exp(-x)));
        check(Activations::mish, x -> x * Math.tanh(Math.log1p(Math.exp(x))));
        check(Activations::softplus, x -> Math.log1p(Math.exp(x)));
        check(Activations::softsign, x -> x / (1 + Math.abs(x)));
        check(Activations::sigmoid, x -> 1 / (1 + Math.exp(-x)));
        check(Activations::logSigmoid, x -> -Math.log1p(Math.exp(-x)));
        check(Activations::hardSigmoid, x -> Math.clamp(x / 6 + 0.5, 0, 1));
        check(Activations::hardSwish, x -> x * Math.clamp(x / 6 + 0.5, 0, 1));
        check(Activations::tanh, Math::tanh);
        check(x -> Activations.celu(x, 1.5), x -> x > 0 ? x : 1.5 * Math.expm1(x / 1.5));
        check(x -> Activations.threshold(x, 0.5, -3), x -> x > 0.5 ? x : -3);
        check(x -> Activations.hardTanh(x.mul(0.9)), x -> Math.clamp(0.9 * x, -1, 1));
        check(x -> Activations.hardShrink(x, 0.5), x -> Math.abs(x) > 0.5 ? x : 0);
        check(x -> Activations.softShrink(x, 0.5), x -> Math.signum(x) * Math.max(Math.abs(x) - 0.5, 0));
        check(Activations::tanhShrink, x -> x - Math.tanh(x));
    }

    @Test
    void slopesAtZeroAreOneSidedOrRight() {
        assertThat(slope(Activations::softplus, 0)).isEqualTo(0.5);
        assertThat(slope(Activations::logSigmoid, 0)).isEqualTo(0.5);
        assertThat(slope(x -> Activations.elu(x, 1), 0)).isEqualTo(1);
        assertThat(slope(x -> Activations.leakyRelu(x, 0.1), 0)).isCloseTo(0.1, within(1e-9));
        assertThat(slope(Activations::relu, 0)).isEqualTo(0);
        assertThat(slope(x -> Activations.celu(x, 2), 0)).isEqualTo(1);
    }

    @Test
    void farOutNothingOverflows() {
        for (double x : new double[] {-1000, 1000}) {
            for (UnaryOperator<Tensor> f : java.util.List.<UnaryOperator<Tensor>>of(
                    Activations::softplus,
                    Activations::logSigmoid,
                    Activations::selu,
                    x1 -> Activations.celu(x1, 0.1),
                    Activations::mish,
                    Activations::silu,
                    Activations::gelu)) {
                assertThat(value(f, x)).isFinite();
                assertThat(slope(f, x)).isFinite();
            }
        }
        assertThat(value(Activations::softplus, 1000)).isEqualTo(1000);
    }

    @Test
    void softmaxSumsToOne() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 1000, 1000, -1000}, 2, 3);
        Tensor y = Activations.softmax(x, -1);
        assertThat(y.sum(-1).toFloats()).containsExactly(new float[] {1, 1}, within(1e-6f));
        assertThat(Activations.logSoftmax(x, -1).exp().toFloats()).containsExactly(y.toFloats(), within(1e-6f));
    }

    @Test
    void gatesAndMaxoutTakeChannelsTogether() {
        Tensor x = Tensor.of(new double[] {1, 2, -3, 0, 5, 6, 0, 1}, 2, 4);
        double[] y = Activations.glu(x, -1).toDoubles();
        double[] expected = {1 / (1 + Math.exp(3)), 1, 2.5, 6 / (1 + Math.exp(-1))};
        assertThat(y).containsExactly(expected, within(1e-12));
        assertThat(Activations.glu(x, 0).shape()).isEqualTo(Shape.of(1, 4));
        assertThat(Activations.maxout(x, 2).toDoubles()).containsExactly(2, 0, 6, 1);
        assertThat(Activations.maxout(x, 4).toDoubles()).containsExactly(2, 6);
    }

    @Test
    void badArgumentsAreErrors() {
        Tensor x = Tensor.zeros(2, 5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Layers.glu().apply(x))
                .withMessageContaining("glu: glu: F32[2, 5] along axis -1, expected an even size");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.maxout(x, 2))
                .withMessageContaining("maxout: F32[2, 5], expected [..., units * 2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.celu(x, 0))
                .withMessageContaining("celu: alpha 0.0, expected a number above 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.hardShrink(x, -1))
                .withMessageContaining("hardShrink: lambda -1.0, expected 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Activations.softShrink(x, Double.NaN))
                .withMessageContaining("softShrink: lambda NaN, expected 0 or more");
    }

    private static void check(UnaryOperator<Tensor> f, DoubleUnaryOperator expected) {
        for (double x : POINTS) {
            double y = expected.applyAsDouble(x);
            assertThat(value(f, x)).isCloseTo(y, within(1e-6 * Math.max(1, Math.abs(y))));
            double h = 1e-4;
            double slope = (expected.applyAsDouble(x + h) - expected.applyAsDouble(x - h)) / (2 * h);
            assertThat(slope(f, x)).isCloseTo(slope, within(1e-5));
        }
    }

    private static double value(UnaryOperator<Tensor> f, double x) {
        return f.apply(Tensor.of(new double[] {x}, 1)).item();
    }

    private static double slope(UnaryOperator<Tensor> f, double x) {
        Tensor t = Tensor.of(new double[] {x}, 1);
        return Gradients.of(f.apply(t).sum(), t).item();
    }

    /// The normal distribution function by Simpson's rule.
    private static double normal(double x) {
        int n = 2000;
        double h = x / n;
        double sum = 0;
        for (int i = 0; i <= n; i++) {
            double weight = i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2;
            sum += weight * Math.exp(-0.5 * (i * h) * (i * h));
        }
        return Math.clamp(0.5 + sum * h / 3 / Math.sqrt(2 * Math.PI), 0, 1);
    }
}
