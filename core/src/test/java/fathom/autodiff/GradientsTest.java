package fathom.autodiff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientsTest {
    @Test
    void derivativesOfACube() {
        Tensor x = Tensor.scalar(3);
        Tensor y = x.mul(x).mul(x);
        Tensor slope = Gradients.of(y, x);
        Tensor curvature = Gradients.of(slope, x);
        Tensor third = Gradients.of(curvature, x);
        assertThat(slope.item()).isEqualTo(27);
        assertThat(curvature.item()).isEqualTo(18);
        assertThat(third.item()).isEqualTo(6);
        assertThat(Gradients.ofUsed(third, List.of(x))).containsExactly((Tensor) null);
    }

    @Test
    void aValueThatWasReadCanStillBeDifferentiated() {
        Tensor x = Tensor.of(1, 2, 3);
        Tensor y = x.square();
        Tensor loss = y.sum();
        assertThat(y.toFloats()).containsExactly(1, 4, 9);
        assertThat(loss.item()).isEqualTo(14);
        assertThat(Gradients.of(loss, x).toFloats()).containsExactly(2, 4, 6);
    }

    @Test
    void gradientsOfWhatIsOnTheWay() {
        Tensor x = Tensor.of(1, 2);
        Tensor h = x.mul(3);
        Tensor loss = h.square().sum().add(h.sum());
        List<Tensor> g = Gradients.of(loss, List.of(x, h, loss));
        assertThat(g.get(0).toFloats()).containsExactly(21, 39);
        assertThat(g.get(1).toFloats()).containsExactly(7, 13);
        assertThat(g.get(2).item()).isEqualTo(1);
    }

    @Test
    void sumsOverAllUses() {
        Tensor x = Tensor.scalar(5);
        assertThat(Gradients.of(x.add(x).add(x.mul(x)), x).item()).isEqualTo(12);
    }

    @Test
    void broadcastOperandsGetSums() {
        Tensor bias = Tensor.of(1, 2, 3);
        Tensor x = Tensor.ones(4, 3);
        assertThat(Gradients.of(x.add(bias).sum(), bias).toFloats()).containsExactly(4, 4, 4);
        Tensor scale = Tensor.scalar(2);
        assertThat(Gradients.of(x.mul(scale).sum(), scale).item()).isEqualTo(12);
    }

    @Test
    void nothingPassesADetachedTensor() {
        Tensor x = Tensor.scalar(2);
        assertThat(Gradients.of(x.mul(x.detach()), x).item()).isEqualTo(2);
        Tensor read = x.square();
        read.evaluate();
        assertThat(Gradients.of(x.mul(read.detach()), x).item()).isEqualTo(4);
        assertThat(Gradients.ofUsed(x.square().detach(), List.of(x))).containsExactly((Tensor) null);
    }

    @Test
    void gradientsHaveTheOperandsDtype() {
        Tensor x = Tensor.of(1, 2);
        Tensor g = Gradients.of(x.cast(DType.F64).square().sum(), x);
        assertThat(g.dtype()).isEqualTo(DType.F32);
        assertThat(g.toFloats()).containsExactly(2, 4);
        Tensor half = x.cast(DType.BF16);
        assertThat(Gradients.of(half.cast(DType.F32).square().sum(), half).dtype())
                .isEqualTo(DType.BF16);
        assertThat(Gradients.ofUsed(x.cast(DType.I32).cast(DType.F32).sum(), List.of(x)))
                .containsExactly((Tensor) null);
    }

    @Test
    void equalMaximaShareTheGradient() {
        Tensor x = Tensor.of(1, 3, 3);
        assertThat(Gradients.of(x.max(), x).toFloats()).containsExactly(0, 0.5f, 0.5f);
        assertThat(Gradients.of(x.min(), x).toFloats()).containsExactly(1, 0, 0);
    }

    @Test
    void theRectifierIsFlatAtZero() {
        Tensor x = Tensor.of(-1, 0, 2);
        assertThat(Gradients.of(x.relu().sum(), x).toFloats()).containsExactly(0, 0, 1);
        assertThat(Gradients.of(x.clamp(-0.5, 1).sum(), x).toFloats()).containsExactly(0, 1, 0);
    }

    @Test
    void powersOfZeroAndOfNegativeNumbers() {
        Tensor x = Tensor.of(0, -2, 3);
        assertThat(Gradients.of(x.pow(4.0).sum(), x).toFloats())
                .containsExactly(new float[] {0, -32, 108}, within(1e-4f));
        Tensor zero = Tensor.scalar(0);
        Tensor exponent = Tensor.scalar(2);
        assertThat(Gradients.of(zero.pow(exponent), exponent).item()).isZero();
    }

    @Test
    void productsWithZerosHaveGradients() {
        Tensor x = Tensor.of(0, 2, 3);
        assertThat(Gradients.of(x.prod(), x).toFloats()).containsExactly(6, 0, 0);
        Tensor two = Tensor.of(0, 2, 0);
        assertThat(Gradients.of(two.prod(), two).toFloats()).containsExactly(0, 0, 0);
    }

    @Test
    void theHessianOfSoftmaxCrossEntropy() {
        Tensor x = Tensor.of(new double[] {0.3, -1.2, 0.7}, 3);
        Tensor loss = x.logSoftmax(0).slice(0, 1, 2).sum().neg();
        Tensor g = Gradients.of(loss, x);
        double[] p = x.softmax(0).toDoubles();
        assertThat(g.toDoubles()).containsExactly(new double[] {p[0], p[1] - 1, p[2]}, within(1e-14));
        for (int i = 0; i < 3; i++) {
            double[] row = Gradients.of(g.slice(0, i, i + 1).sum(), x).toDoubles();
            for (int j = 0; j < 3; j++) {
                assertThat(row[j]).isCloseTo((i == j ? p[i] : 0) - p[i] * p[j], within(1e-14));
            }
        }
    }

    @Test
    void aVectorTimesTheJacobian() {
        Tensor x = Tensor.of(1, 2);
        Tensor y = x.square();
        assertThat(Gradients.vectorJacobian(y, Tensor.of(10, 100), List.of(x))
                        .getFirst()
                        .toFloats())
                .containsExactly(20, 400);
        assertThatThrownBy(() -> Gradients.vectorJacobian(y, Tensor.of(1, 2, 3), List.of(x)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("vectorJacobian: a cotangent of F32[3], expected F32[2]");
    }

    @Test
    void mistakesAreNamed() {
        Tensor x = Tensor.of(1, 2);
        assertThatThrownBy(() -> Gradients.of(x.square(), x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[2]")
                .hasMessageContaining("one element")
                .hasMessageContaining("vectorJacobian");
        assertThatThrownBy(() -> Gradients.of(x.cast(DType.I32).sum(), x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("I32")
                .hasMessageContaining("F32 or F64");
        Tensor other = Tensor.of(1, 2, 3);
        assertThatThrownBy(() -> Gradients.of(x.sum(), List.of(x, other)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("does not depend on tensor 1")
                .hasMessageContaining("F32[3]");
        assertThat(Gradients.ofUsed(x.sum(), List.of(other))).containsExactly((Tensor) null);
        Tensor constant = Tensor.ones(1);
        // Used twice, once where the product with 1 is dropped: a part would be missing.
        assertThatThrownBy(() -> Gradients.of(x.mul(constant).add(constant).sum(), constant))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a constant; copy() it");
    }

    @Test
    void longChainsBelowAVariable() {
        Variable v = Variable.of(Tensor.scalar(1));
        Tensor y = v.value();
        for (int i = 0; i < 50_000; i++) {
            y = y.add(1e-3);
        }
        assertThat(Gradients.of(y, v.value()).item()).isEqualTo(1);
        assertThat(y.item()).isCloseTo(51, within(0.05));
    }

    @Test
    void aLostHistoryIsAnErrorNotAWrongGradient() {
        Tensor x = Tensor.scalar(1);
        Tensor y = x;
        for (int i = 0; i < 25_000; i++) {
            y = y.add(1);
        }
        Tensor end = y;
        assertThat(end.item()).isEqualTo(25_001);
        assertThatThrownBy(() -> Gradients.of(end, x))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("history");
    }
}
