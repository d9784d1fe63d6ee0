package fathom.nn.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class MetricTest {
    private static final Tensor LOGITS = Tensor.of(new float[] {1, 2, 3, 3, 2, 1, 0, 5, 4, 9, 8, 7}, 4, 3);

    @Test
    void accuracyCountsTheGreatest() {
        Tensor labels = Tensor.of(new int[] {2, 0, 2, 1}, 4);
        assertThat(Metric.accuracy().total(LOGITS, labels).item()).isEqualTo(2);
        assertThat(Metric.accuracy().count(LOGITS, labels)).isEqualTo(4);
        Tensor sequence = LOGITS.reshape(2, 2, 3);
        assertThat(Metric.accuracy().total(sequence, labels.reshape(2, 2)).item())
                .isEqualTo(2);
        assertThat(Metric.accuracy().count(sequence, labels.reshape(2, 2))).isEqualTo(4);
        Tensor soft = Tensor.of(new float[] {0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0}, 4, 3);
        assertThat(Metric.accuracy().total(LOGITS, soft).item()).isEqualTo(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metric.accuracy().total(LOGITS, Tensor.of(new int[3], 3)))
                .withMessageContaining("predictions F32[4, 3] and targets I32[3]");
    }

    @Test
    void topAccuracyCountsTheGreatestFew() {
        Tensor labels = Tensor.of(new int[] {0, 0, 2, 1}, 4);
        assertThat(Metric.topAccuracy(1).total(LOGITS, labels).item()).isEqualTo(1);
        assertThat(Metric.topAccuracy(2).total(LOGITS, labels).item()).isEqualTo(3);
        assertThat(Metric.topAccuracy(3).total(LOGITS, labels).item()).isEqualTo(4);
    }

    @Test
    void otherMetrics() {
        Tensor p = Tensor.of(1f, -1f, 2f, -3f);
        Tensor t = Tensor.of(1f, 1f, 0f, 0f);
        assertThat(Metric.binaryAccuracy().total(p, t).item()).isEqualTo(2);
        assertThat(Metric.meanAbsoluteError().total(p, t).item()).isEqualTo(7);
        assertThat(Metric.meanAbsoluteError().count(p, t)).isEqualTo(4);
    }

    @Test
    void aConfusionMatrixTellsPrecisionAndRecall() {
        ConfusionMatrix m = ConfusionMatrix.of(3);
        m.add(LOGITS, Tensor.of(new int[] {2, 0, 2, 1}, 4));
        m.add(Tensor.of(new int[] {0, 1}, 2), Tensor.of(new int[] {0, 1}, 2));
        assertThat(m.total()).isEqualTo(6);
        assertThat(m.count(2, 1)).isEqualTo(1);
        assertThat(m.count(0, 0)).isEqualTo(2);
        assertThat(m.accuracy()).isCloseTo(4.0 / 6, within(1e-12));
        assertThat(m.precision(0)).isCloseTo(2.0 / 3, within(1e-12));
        assertThat(m.recall(0)).isEqualTo(1);
        assertThat(m.f1(0)).isCloseTo(0.8, within(1e-12));
        assertThat(m.recall(2)).isEqualTo(0.5);
        assertThat(m.support(2)).isEqualTo(2);
        assertThat(m.macroF1()).isCloseTo((m.f1(0) + m.f1(1) + m.f1(2)) / 3, within(1e-12));
        assertThat(m.toString())
                .startsWith("class  precision  recall      f1  samples\n    0     0.6667  1.0000")
                .endsWith("accuracy 0.6667, macro F1 0.6556, 6 samples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> m.add(LOGITS, Tensor.of(new int[] {0, 1, 2, 3}, 4)))
                .withMessageContaining("target 3 at position 3, expected 0 to 2");
        assertThat(m.total()).isEqualTo(6);
    }
}
