package fathom.nn.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.generate.BeamSearch.Found;
import fathom.nn.generate.BeamSearch.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BeamSearchTest {
    private static final int TOKENS = 4;

    /// A model whose next logits depend on all tokens so far.
    private static Reading<List<Integer>> read(List<Integer> tokens) {
        Random random = new Random(tokens.hashCode());
        float[] logits = new float[TOKENS];
        for (int i = 0; i < TOKENS; i++) {
            logits[i] = (float) random.nextGaussian() * 2;
        }
        return new Reading<>(logits, tokens);
    }

    private static Reading<List<Integer>> next(List<Integer> state, int token) {
        return read(with(state, token));
    }

    private static List<Integer> with(List<Integer> tokens, int token) {
        List<Integer> more = new ArrayList<>(tokens);
        more.add(token);
        return more;
    }

    /// All sequences that end with token 0 or have `most` tokens.
    private static List<Found> all(List<Integer> tokens, double logProbability, int most, double penalty) {
        List<Found> found = new ArrayList<>();
        double[] p = Sampling.of().probabilities(read(tokens).logits());
        for (int token = 0; token < TOKENS; token++) {
            List<Integer> more = with(tokens, token);
            double sum = logProbability + Math.log(p[token]);
            if (token == 0 || more.size() == most) {
                found.add(new Found(more, sum, sum / Math.pow(more.size(), penalty)));
            } else {
                found.addAll(all(more, sum, most, penalty));
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.7, 1, 2})
    void aWideBeamFindsTheBestOfAll(double penalty) {
        int most = 5;
        List<Found> all = all(List.of(), 0, most, penalty);
        all.sort(Comparator.comparingDouble(Found::score).reversed());
        int width = 256;
        List<Found> found =
                BeamSearch.of(width, most).ends(0).lengthPenalty(penalty).search(read(List.of()), BeamSearchTest::next);
        assertThat(found).hasSize(width);
        for (int i = 0; i < 20; i++) {
            assertThat(found.get(i).tokens()).isEqualTo(all.get(i).tokens());
            assertThat(found.get(i).logProbability()).isCloseTo(all.get(i).logProbability(), within(1e-9));
        }
    }

    @Test
    void aBeamOfOneIsGreedy() {
        List<Integer> greedy = new ArrayList<>();
        while (greedy.size() < 6) {
            greedy.add(Sampling.greedy().choose(read(greedy).logits(), new Random(1)));
        }
        assertThat(BeamSearch.of(1, 6).search(read(List.of()), BeamSearchTest::next))
                .singleElement()
                .satisfies(found -> assertThat(found.tokens()).isEqualTo(greedy));
    }

    /// 0.6 and then 0.4 is less than 0.4 and then 0.9.
    @Test
    void theBestBeginningIsNotAlwaysTheBest() {
        BeamSearch.Model<Integer> model = (state, token) -> {
            double p = token == 0 ? 0.4 : 0.9;
            return new Reading<>(new float[] {(float) Math.log(p), (float) Math.log(1 - p)}, state + 1);
        };
        Reading<Integer> start = new Reading<>(new float[] {(float) Math.log(0.6), (float) Math.log(0.4)}, 0);
        // 0.24, 0.36 and 0.36: the first token alone decides nothing.
        assertThat(BeamSearch.of(2, 2).search(start, model).getFirst().logProbability())
                .isCloseTo(Math.log(0.36), within(1e-6));
        assertThat(BeamSearch.of(2, 2).search(start, model)).hasSize(2);
    }

    @Test
    void ofThoseThatEndTheBestAreGiven() {
        List<Found> found = BeamSearch.of(3, 8).ends(0, 1).search(read(List.of()), BeamSearchTest::next);
        assertThat(found)
                .hasSize(3)
                .isSortedAccordingTo(Comparator.comparingDouble(Found::score).reversed());
        assertThat(found).allSatisfy(f -> {
            assertThat(f.tokens().subList(0, f.tokens().size() - 1)).doesNotContain(0, 1);
            assertThat(f.tokens().size() == 8 || f.tokens().getLast() < 2).isTrue();
        });
    }
}
