package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class LossTest {
    private static final double[] LOGITS = {1, 2, 0.5, -1, 0, 3};

    private static double logProbability(int row, int label) {
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            sum += Math.exp(LOGITS[row * 3 + c]);
        }
        return LOGITS[row * 3 + label] - Math.log(sum);
    }

    private static Tensor logits() {
        return Tensor.of(LOGITS, 2, 3);
    }

    private static Tensor labels(int... labels) {
        return Tensor.of(labels, labels.length);
    }

    @Test
    void crossEntropyIsTheMeanOfNegativeLogProbabilities() {
        double expected = -(logProbability(0, 2) + logProbability(1, 0)) / 2;
        assertThat(Loss.crossEntropy(logits(), labels(2, 0)).item()).isCloseTo(expected, within(1e-12));
        assertThat(Loss.crossEntropy(logits(), labels(2, 0).cast(DType.I64)).item())
                .isCloseTo(expected, within(1e-12));
        Tensor soft = Tensor.of(new double[] {0, 0, 1, 1, 0, 0}, 2, 3);
        assertThat(Loss.crossEntropy(logits(), soft).item()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void crossEntropyGradientIsProbabilityMinusTarget() {
        Tensor x = logits();
        double[] g = Gradients.of(Loss.crossEntropy(x, labels(2, 0)), x).toDoubles();
        for (int row = 0; row < 2; row++) {
            for (int c = 0; c < 3; c++) {
                double p = Math.exp(logProbability(row, c));
                double hit = c == (row == 0 ? 2 : 0) ? 1 : 0;
                assertThat(g[row * 3 + c]).isCloseTo((p - hit) / 2, within(1e-12));
            }
        }
    }

    @Test
    void labelSmoothingMovesTargetsTowardsUniform() {
        double e = 0.1;
        double expected = 0;
        int[] label = {2, 0};
        for (int row = 0; row < 2; row++) {
            for (int c = 0; c < 3; c++) {
                double target = (c == label[row] ? 1 - e : 0) + e / 3;
                expected -= target * logProbability(row, c) / 2;
            }
        }
        assertThat(Loss.crossEntropy(e).of(logits(), labels(label)).item()).isCloseTo(expected, within(1e-12));
        Tensor soft = Tensor.of(new double[] {0, 0, 1, 1, 0, 0}, 2, 3);
        assertThat(Loss.crossEntropy(e).of(logits(), soft).item()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void sequencesHaveALabelAtEveryPlace() {
        Tensor x = RandomStream.of(1).normal(Shape.of(2, 4, 5));
        Tensor y = Tensor.of(new int[] {0, 1, 2, 3, 4, 0, 1, 2}, 2, 4);
        double flat = Loss.crossEntropy(x.reshape(8, 5), y.reshape(8)).item();
        assertThat(Loss.crossEntropy(x, y).item()).isCloseTo(flat, within(1e-6));
    }

    @Test
    void crossEntropyStaysFiniteForHugeLogits() {
        Tensor x = Tensor.of(new float[] {1e4f, -1e4f, 0}, 1, 3);
        assertThat(Loss.crossEntropy(x, labels(1)).item()).isEqualTo(2e4);
    }

    @Test
    void aLabelOutOfRangeIsNamedWithTheClasses() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(logits(), labels(0, 3)))
                .withMessageContaining("crossEntropy: label 3 at position 1, expected 0 to 2");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(logits(), labels(-1, 0)))
                .withMessageContaining("label -1 at position 0");
    }

    @Test
    void targetsThatDoNotFitAreErrors() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(logits(), labels(0, 1, 2)))
                .withMessageContaining("logits F64[2, 3] and targets I32[3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(logits(), Tensor.of(new double[4], 2, 2)))
                .withMessageContaining("probabilities of the logits' shape");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(logits(), Tensor.of(new byte[] {0, 1}, 2)))
                .withMessageContaining("U8[2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.meanSquaredError(Tensor.zeros(3, 1), Tensor.zeros(3)))
                .withMessageContaining("predictions F32[3, 1] and targets F32[3], expected equal");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.crossEntropy(1))
                .withMessageContaining("label smoothing 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Loss.huber(Double.NaN))
                .withMessageContaining("delta NaN");
    }

    @Test
    void regressionLosses() {
        Tensor p = Tensor.of(new double[] {0, 1, 5, -4}, 4);
        Tensor t = Tensor.of(new double[] {0.5, 1, 2, -1}, 4);
        assertThat(Loss.meanSquaredError(p, t).item()).isCloseTo((0.25 + 9 + 9) / 4, within(1e-12));
        assertThat(Loss.meanAbsoluteError().of(p, t).item()).isCloseTo(6.5 / 4, within(1e-12));
        assertThat(Loss.huber(2).of(p, t).item()).isCloseTo((0.125 + 2 * (3 - 1) + 2 * (3 - 1)) / 4, within(1e-12));
        double[] g = Gradients.of(Loss.huber(2).of(p, t), p).toDoubles();
        assertThat(g).containsExactly(new double[] {-0.125, 0, 0.5, -0.5}, within(1e-12));
    }

    @Test
    void binaryCrossEntropyOfLogits() {
        double[] logits = {0, 2, -3, 500, -500};
        double[] targets = {1, 0, 0.25, 0, 0};
        double expected = 0;
        for (int i = 0; i < 3; i++) {
            double p = 1 / (1 + Math.exp(-logits[i]));
            expected -= targets[i] * Math.log(p) + (1 - targets[i]) * Math.log(1 - p);
        }
        expected += 500;
        Tensor x = Tensor.of(logits, 5);
        Tensor loss = Loss.binaryCrossEntropy(x, Tensor.of(targets, 5));
        assertThat(loss.item()).isCloseTo(expected / 5, within(1e-10));
        double[] g = Gradients.of(loss, x).toDoubles();
        for (int i = 0; i < 5; i++) {
            double p = 1 / (1 + Math.exp(-logits[i]));
            assertThat(g[i]).isCloseTo((p - targets[i]) / 5, within(1e-12));
        }
    }
}
