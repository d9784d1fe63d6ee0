package fathom.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import java.util.Random;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SamplingTest {
    /// Probabilities of 0.1, 0.4, 0.2, 0.3 and 0.
    private static final float[] LOGITS = {
        (float) Math.log(0.1),
        (float) Math.log(0.4),
        (float) Math.log(0.2),
        (float) Math.log(0.3),
        Float.NEGATIVE_INFINITY
    };

    private static void check(Sampling sampling, double... expected) {
        assertThat(sampling.probabilities(LOGITS)).containsExactly(expected, within(1e-6));
    }

    @Test
    void probabilitiesAreThoseOfTheModel() {
        check(Sampling.of(), 0.1, 0.4, 0.2, 0.3, 0);
    }

    @Test
    void theTemperatureSharpens() {
        // Squares, whose sum is 0.3.
        check(Sampling.of().temperature(0.5), 0.01 / 0.3, 0.16 / 0.3, 0.04 / 0.3, 0.09 / 0.3, 0);
        check(Sampling.greedy(), 0, 1, 0, 0, 0);
    }

    @Test
    void topKLeavesTheLikeliest() {
        check(Sampling.of().topK(2), 0, 4 / 7.0, 0, 3 / 7.0, 0);
        check(Sampling.of().topK(100), 0.1, 0.4, 0.2, 0.3, 0);
    }

    @Test
    void topPLeavesTheLikeliestThatAddUpToIt() {
        check(Sampling.of().topP(0.3), 0, 1, 0, 0, 0);
        check(Sampling.of().topP(0.69), 0, 4 / 7.0, 0, 3 / 7.0, 0);
        check(Sampling.of().topP(0.71), 0, 4 / 9.0, 2 / 9.0, 3 / 9.0, 0);
        // After top-k: of 4/7 and 3/7 the first is enough.
        check(Sampling.of().topK(2).topP(0.5), 0, 1, 0, 0, 0);
    }

    @Test
    void ofEqualOnesTheFirstAreLeft() {
        assertThat(Sampling.of().topK(2).probabilities(new float[] {1, 3, 3, 3, -0f}))
                .containsExactly(0, 0.5, 0.5, 0, 0);
        assertThat(Sampling.of().topK(1).probabilities(new float[] {-0f, 0f, -1}))
                .containsExactly(1, 0, 0);
        assertThat(Sampling.greedy().choose(new float[] {1, 3, 3}, new Random(1)))
                .isEqualTo(1);
    }

    @Test
    void drawsFollowTheProbabilities() {
        Random random = new Random(5);
        int[] counts = new int[LOGITS.length];
        for (int i = 0; i < 10_000; i++) {
            counts[Sampling.of().choose(LOGITS, random)]++;
        }
        assertThat(counts[0] / 1e4).isCloseTo(0.1, within(0.02));
        assertThat(counts[1] / 1e4).isCloseTo(0.4, within(0.02));
        assertThat(counts[2] / 1e4).isCloseTo(0.2, within(0.02));
        assertThat(counts[3] / 1e4).isCloseTo(0.3, within(0.02));
        assertThat(counts[4]).isZero();
    }

    @Test
    void rowsAreFilteredEachForItself() {
        Tensor logits = Tensor.of(new float[] {1, 2, 3, 6, 5, 4}, 2, 3);
        float never = Float.NEGATIVE_INFINITY;
        assertThat(Sampling.of().temperature(2).topK(2).filtered(logits).toFloats())
                .containsExactly(never, 1, 1.5f, 3, 2.5f, never);
        assertThat(Sampling.greedy().filtered(logits).toFloats()).containsExactly(never, never, 0, 0, never, never);
    }

    /// The smallest set of the likeliest: with its least likely token it reaches the sum, and without it does not.
    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void whatIsLeftIsTheSmallestSet(
            @ForAll @Size(min = 1, max = 40) @FloatRange(min = -9, max = 9) float[] logits,
            @ForAll @IntRange(max = 50) int topK,
            @ForAll @DoubleRange(min = 0.01, max = 1) double topP) {
        double[] all = Sampling.of().topK(topK).probabilities(logits);
        double[] left = Sampling.of().topK(topK).topP(topP).probabilities(logits);
        double sum = 0;
        double kept = 0;
        double least = Double.POSITIVE_INFINITY;
        int count = 0;
        for (int i = 0; i < left.length; i++) {
            sum += left[i];
            if (left[i] > 0) {
                count++;
                kept += all[i];
                least = Math.min(least, all[i]);
            }
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
        assertThat(count).isBetween(1, topK == 0 ? left.length : topK);
        assertThat(kept).isGreaterThanOrEqualTo(topP - 1e-9);
        assertThat(kept - least).isLessThan(topP + 1e-9);
        double others = 0;
        for (int i = 0; i < left.length; i++) {
            others = left[i] > 0 ? others : Math.max(others, all[i]);
        }
        assertThat(others).isLessThanOrEqualTo(least);
    }

    @Property(tries = 50)
    void theSameSeedDrawsTheSame(@ForAll @Size(min = 2, max = 20) @FloatRange(min = -5, max = 5) float[] logits) {
        Sampling sampling = Sampling.of().topP(0.9);
        assertThat(sampling.choose(logits, new Random(3))).isEqualTo(sampling.choose(logits, new Random(3)));
    }

    @Test
    void whatCannotBeDrawnFromIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampling.of().probabilities(new float[] {0, Float.NaN}))
                .withMessage("sampling: logit 1 is not a number");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampling.of().probabilities(new float[] {Float.NEGATIVE_INFINITY}))
                .withMessageContaining("no finite logit among 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampling.of().topP(0))
                .withMessageContaining("topP 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampling.of().topK(-1))
                .withMessageContaining("topK -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampling.of().temperature(-1))
                .withMessageContaining("temperature -1.0");
    }
}
