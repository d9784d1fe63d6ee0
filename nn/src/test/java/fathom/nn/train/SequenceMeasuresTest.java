package fathom.nn.train;

import static fathom.nn.train.AccumulatorChecks.empty;
import static fathom.nn.train.AccumulatorChecks.ints;
import static fathom.nn.train.AccumulatorChecks.mergesAsTheWhole;
import static fathom.nn.train.AccumulatorChecks.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Measures of sequences of tokens, against examples done by hand and the definitions written out.
class SequenceMeasuresTest {
    @Test
    void editDistanceByHand() {
        assertThat(ErrorRate.editDistance(letters("kitten"), letters("sitting")))
                .isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters(""), letters("abc"))).isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters("abc"), letters(""))).isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters("abc"), letters("abc"))).isZero();
    }

    private static List<Integer> letters(String word) {
        return word.chars().boxed().toList();
    }

    private static int editDistance(List<?> a, List<?> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.size() + b.size();
        }
        List<?> shorterA = a.subList(1, a.size());
        List<?> shorterB = b.subList(1, b.size());
        if (a.getFirst().equals(b.getFirst())) {
            return editDistance(shorterA, shorterB);
        }
        return 1
                + Math.min(
                        editDistance(shorterA, shorterB),
                        Math.min(editDistance(a, shorterB), editDistance(shorterA, b)));
    }

    @Test
    void editDistanceIsWhatItsRecursionSays() {
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            List<Integer> a = random.ints(random.nextInt(7), 0, 3).boxed().toList();
            List<Integer> b = random.ints(random.nextInt(7), 0, 3).boxed().toList();
            assertThat(ErrorRate.editDistance(a, b)).isEqualTo(editDistance(a, b));
        }
    }

    @Test
    void wordErrorRateCountsAllWordsTogether() {
        ErrorRate rate = new ErrorRate(0);
        rate.addWords("the cat  sat", "the cat sat on");
        rate.addWords("a", "one two");
        assertThat(rate.value()).isCloseTo(3.0 / 6, within(1e-15));
        Tensor predicted = Tensor.of(new int[] {1, 2, 0, 9, 3, 3, 3, 0}, 2, 4);
        Tensor actual = Tensor.of(new int[] {1, 2, 4, 3, 0, 7}, 2, 3);
        ErrorRate ofTokens = new ErrorRate(0);
        ofTokens.add(predicted, actual);
        assertThat(ofTokens.value()).isCloseTo((1 + 2) / 4.0, within(1e-15));
        ErrorRate ofScores = new ErrorRate(0);
        ofScores.add(predicted.oneHot(10, DType.F32), actual);
        assertThat(ofScores.value()).isEqualTo(ofTokens.value());
        mergesAsTheWhole(() -> new ErrorRate(0), ErrorRate::value, tokens(6, 30), tokens(7, 30));
        empty(() -> new ErrorRate(0).value(), "error rate: references without tokens");
        refused(() -> rate.add(ints(1), ints(1)), "error rate: I32[1], expected tokens [N, T] or scores [N, T, C]");
        refused(() -> rate.add(predicted, tokens(1, 3)), "expected equal numbers of samples");
    }

    private static Tensor tokens(long seed, int rows) {
        return Tensor.of(new Random(seed).ints(rows * 12L, 1, 4).toArray(), rows, 12);
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    @Test
    void bleuByHand() {
        // The paper's example of runs that are counted no oftener than in a reference: 2 of 7.
        Bleu clipped = Bleu.of(1, 0);
        clipped.add(
                words("the the the the the the the"),
                List.of(words("the cat is on the mat"), words("there is a cat on the mat")));
        assertThat(clipped.value()).isCloseTo(2.0 / 7, within(1e-15));
        // 5 of 5 words, 3 of 4 pairs, and one word too short.
        Bleu two = Bleu.of(2, 0);
        two.add(words("the cat on the mat"), List.of(words("the cat is on the mat")));
        assertThat(two.value()).isCloseTo(Math.sqrt(3.0 / 4) * Math.exp(1 - 6.0 / 5), within(1e-15));
        Bleu same = Bleu.of(4, 0);
        same.add(tokens(8, 3), tokens(8, 3));
        assertThat(same.value()).isCloseTo(1, within(1e-15));
        Bleu never = Bleu.of(4, 0);
        never.add(words("a b"), List.of(words("a b")));
        assertThat(never.value()).isZero();
        Bleu nothing = Bleu.of(1, 0);
        nothing.add(List.of(), List.of(words("a")));
        assertThat(nothing.value()).isZero();
        empty(() -> Bleu.of(4, 0).value(), "bleu: references without tokens");
        refused(() -> Bleu.of(0, 0), "bleu: order 0, expected at least 1");
        refused(() -> never.add(words("a"), List.of()), "bleu: no references");
        refused(() -> never.merge(two), "order 2 merged into 4");
    }

    @Test
    void bleuIsWhatItsDefinitionSays() {
        Tensor predicted = tokens(9, 30);
        Tensor actual = tokens(10, 30);
        int[] p = predicted.toInts();
        int[] a = actual.toInts();
        double logs = 0;
        for (int n = 1; n <= 3; n++) {
            int hits = 0;
            int total = 0;
            for (int row = 0; row < 30; row++) {
                List<String> left = new ArrayList<>();
                for (int i = 0; i + n <= 12; i++) {
                    left.add(Arrays.toString(Arrays.copyOfRange(a, row * 12 + i, row * 12 + i + n)));
                }
                for (int i = 0; i + n <= 12; i++) {
                    total++;
                    hits += left.remove(Arrays.toString(Arrays.copyOfRange(p, row * 12 + i, row * 12 + i + n))) ? 1 : 0;
                }
            }
            logs += Math.log((double) hits / total) / 3;
        }
        Bleu bleu = Bleu.of(3, 0);
        bleu.add(predicted, actual);
        assertThat(bleu.value()).isCloseTo(Math.exp(logs), within(1e-12));
        mergesAsTheWhole(() -> Bleu.of(3, 0), Bleu::value, predicted, actual);
    }
}
