package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinearDecayTest {
    private static final Sgd SGD = Sgd.of(0.5);

    @Test
    void stepsKeepTheirSizeThenShrinkEvenlyAndNeverVanish() {
        LinearDecay rule = new LinearDecay(SGD, 2, 5);
        assertThat(rule.learningRate()).isEqualTo(0.5);
        assertThat(rule.learningRate(1)).isEqualTo(0.5);
        assertThat(rule.learningRate(2)).isEqualTo(0.5);
        assertThat(rule.learningRate(3)).isEqualTo(0.375);
        assertThat(rule.learningRate(5)).isEqualTo(0.125);
        assertThat(rule.learningRate(100)).isEqualTo(0.125);
    }

    @Test
    void itChangesParametersAsTheRuleWithThatStepSizeDoes() {
        LinearDecay rule = new LinearDecay(SGD, 1, 4);
        Tensor p = Tensor.of(1f, 2f);
        Tensor g = Tensor.of(1f, -1f);
        float[] third = rule.change(p, g, List.of(), 3).parameter().toFloats();
        assertThat(third).containsExactly(new float[] {0.75f, 2.25f}, within(1e-6f));
    }

    @Test
    void slotsAndStepSizeAreTheRules() {
        LinearDecay rule = new LinearDecay(Adam.of(0.1), 0, 10);
        assertThat(rule.slots()).isEqualTo(Adam.of(0.1).slots());
        assertThat(rule.withLearningRate(0.2)).isEqualTo(new LinearDecay(Adam.of(0.2), 0, 10));
    }

    @Test
    void itEndsAfterItStarts() {
        assertThatThrownBy(() -> new LinearDecay(SGD, 5, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from step 5 to step 4, expected 0 <= start <= end");
        assertThatThrownBy(() -> new LinearDecay(SGD, -1, 4)).isInstanceOf(IllegalArgumentException.class);
    }
}
