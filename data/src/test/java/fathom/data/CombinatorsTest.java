package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CombinatorsTest {
    private static int[] targets(Dataset dataset) {
        return dataset.all().y().toInts();
    }

    /// `n` samples, of which every tenth is of class 1 and the others of class 0; the input is the
    /// sample's index.
    private static Dataset unbalanced(int n) {
        float[][] rows = new float[n][1];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            rows[i][0] = i;
            labels[i] = i % 10 == 0 ? 1 : 0;
        }
        return Dataset.of(rows, labels);
    }

    @Test
    void filterKeepsWhatPasses() {
        Dataset even = DatasetTest.counting(7).filter((x, y) -> y[0] % 2 == 0);
        assertThat(targets(even)).containsExactly(0, 2, 4, 6);
        assertThat(targets(DatasetTest.counting(7).filter((x, y) -> x[1] > 45))).containsExactly(5, 6);
        Dataset shuffled = DatasetTest.counting(40).shuffle(3).filter((x, y) -> y[0] < 20);
        assertThat(shuffled.order(1)).hasSize(20).isNotEqualTo(shuffled.order(0));
        assertThatThrownBy(() -> DatasetTest.counting(3).filter((x, y) -> false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("filter: no sample of 3 passed, expected at least one");
    }

    @Test
    void takeOfEachTakesTheFirstOfEachClass() {
        Dataset some = unbalanced(30).takeOfEach(2);
        assertThat(some.all().x().toFloats()).containsExactly(1, 2, 0, 10);
        assertThat(targets(some)).containsExactly(0, 0, 1, 1);
        assertThat(unbalanced(30).shuffle(1).takeOfEach(3).labels()).containsExactlyInAnyOrder(0, 0, 0, 1, 1, 1);
        assertThatThrownBy(() -> unbalanced(30).takeOfEach(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("takeOfEach: 4 samples, expected 1 to 3");
    }

    @Test
    void repeatGoesRound() {
        assertThat(targets(DatasetTest.counting(3).repeat(2))).containsExactly(0, 1, 2, 0, 1, 2);
        assertThat(DatasetTest.counting(3).shuffle(1).repeat(2).order(4)).containsExactlyInAnyOrder(0, 0, 1, 1, 2, 2);
        assertThatThrownBy(() -> DatasetTest.counting(3).repeat(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("repeat: times 0, expected at least 1");
    }

    @Test
    void concatPutsOneAfterTheOther() {
        Dataset both = DatasetTest.counting(3).concat(DatasetTest.counting(5).skip(3));
        assertThat(targets(both)).containsExactly(0, 1, 2, 3, 4);
        assertThat(both.get(4, 0, 3).x().toFloats()).containsExactly(4, 40, 0, 0, 3, 30);
        assertThatThrownBy(() -> both.concat(unbalanced(10)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("concat: samples F32[2] and F32[1], expected the same dtype and shape");
    }

    @Test
    void zipPairsInputs() {
        Batch pairs = DatasetTest.counting(3).zip(unbalanced(5).skip(2)).all();
        assertThat(pairs.x().toFloats()).containsExactly(0, 0, 1, 10, 2, 20);
        assertThat(pairs.y().toFloats()).containsExactly(2, 3, 4);
        assertThatThrownBy(() -> DatasetTest.counting(3).zip(unbalanced(5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dataset: 3 inputs [2] and 5 targets [1], expected as many");
    }

    @Test
    void cacheReadsEachSampleOnce() {
        AtomicInteger read = new AtomicInteger();
        Dataset counted = DatasetTest.counting(6).skip(1).repeat(2).map(Shape.of(1), (sample, result) -> {
            read.incrementAndGet();
            result[0] = sample[1];
        });
        Dataset cached = counted.shuffle(8).cache();
        assertThat(read).hasValue(5);
        for (int epoch = 0; epoch < 2; epoch++) {
            cached.batch(2).epoch(epoch, 0).forEachRemaining(batch -> batch.x().toFloats());
        }
        assertThat(read).hasValue(5);
        assertThat(cached.all().x().toFloats())
                .isEqualTo(counted.shuffle(8).all().x().toFloats());
        assertThat(targets(cached)).isEqualTo(targets(counted.shuffle(8)));
    }

    @Test
    void mapTargetsAndOneHotMakeNewTargets() {
        Dataset values = Dataset.of(new float[][] {{1}, {2}}, new float[][] {{3}, {4}});
        Dataset halves = values.mapTargets(Shape.of(1), (sample, result) -> result[0] = sample[0] / 2);
        assertThat(halves.all().y().toFloats()).containsExactly(1.5f, 2);
        assertThat(DatasetTest.counting(2).oneHot(3).all().y().toFloats()).containsExactly(1, 0, 0, 0, 1, 0);
        assertThatThrownBy(() -> DatasetTest.counting(2).mapTargets(Shape.SCALAR, (sample, result) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("mapTargets: the targets are I32, expected F32");
        assertThatThrownBy(() -> DatasetTest.counting(2).oneHot(1).all())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("oneHot: label 1 at position 1, expected 0 to 0");
        assertThatThrownBy(() -> values.oneHot(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("oneHot: the targets are F32[1], expected class indices, I32[]");
    }

    @Test
    void stratifiedSplitKeepsTheProportions() {
        List<Dataset> parts = unbalanced(200).shuffle(1).stratifiedSplit(0.7, 0.2, 0.1);
        assertThat(parts).extracting(Dataset::size).containsExactly(140, 40, 20);
        assertThat(parts).extracting(part -> Arrays.stream(targets(part)).sum()).containsExactly(14, 4, 2);
        int[] all = parts.stream()
                .flatMapToInt(part -> Arrays.stream(part.order(0)))
                .toArray();
        assertThat(all).containsExactlyInAnyOrder(IntStream.range(0, 200).toArray());
        assertThatThrownBy(() -> unbalanced(20).stratifiedSplit(0.5, 0.4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stratifiedSplit: shares [0.5, 0.4] add up to 0.9, expected 1");
        assertThatThrownBy(() -> unbalanced(20).stratifiedSplit(0.999, 0.001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stratifiedSplit: a share of 0.001 of 20 samples, expected each part to have at least"
                        + " one sample");
    }

    @Test
    void foldsShareOutTheSamples() {
        List<Fold> folds = DatasetTest.counting(11).folds(3);
        assertThat(folds).extracting(fold -> fold.validation().size()).containsExactly(4, 4, 3);
        assertThat(targets(folds.get(1).validation())).containsExactly(4, 5, 6, 7);
        assertThat(targets(folds.get(1).train())).containsExactly(0, 1, 2, 3, 8, 9, 10);
        assertThatThrownBy(() -> DatasetTest.counting(3).folds(4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("folds: 4 folds of 3 samples, expected 2 to 3");
    }

    @Test
    void stratifiedFoldsKeepTheProportions() {
        List<Integer> validated = new ArrayList<>();
        for (Fold fold : unbalanced(103).shuffle(2).stratifiedFolds(5)) {
            assertThat(fold.validation().size()).isBetween(20, 21);
            assertThat(Arrays.stream(targets(fold.validation())).sum()).isBetween(2, 3);
            assertThat(fold.train().size() + fold.validation().size()).isEqualTo(103);
            Arrays.stream(fold.validation().order(0)).forEach(validated::add);
        }
        assertThat(validated)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 103).boxed().toList());
    }

    @Test
    void samplingFollowsTheWeights() {
        double[] weights = {0, 1, 0, 3, 0};
        Dataset drawn = DatasetTest.counting(5).sample(weights, 10_000, 7);
        assertThat(drawn.size()).isEqualTo(10_000);
        int[] counts = new int[5];
        for (int i : drawn.order(0)) {
            counts[i]++;
        }
        assertThat(counts[0] + counts[2] + counts[4]).isZero();
        // Four standard deviations of a binomial distribution.
        assertThat((double) counts[3]).isCloseTo(7500, within(4 * Math.sqrt(10_000 * 0.75 * 0.25)));
        assertThat(drawn.order(1)).isNotEqualTo(drawn.order(0));
        assertThat(DatasetTest.counting(5).sample(weights, 10_000, 7).order(1)).isEqualTo(drawn.order(1));
        assertThat(drawn.batch(64).count()).isEqualTo(157);
        assertThat(drawn).hasToString("10000 samples: inputs F32[2], targets I32[], drawn by weight with seed 7");
        assertThatThrownBy(() -> drawn.take(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("part of a data set: the samples are drawn by weight, expected sampling to come last");
    }

    @Test
    void balancedSamplingDrawsClassesAlike() {
        int ones = Arrays.stream(targets(unbalanced(1000).sampleBalanced(3))).sum();
        assertThat((double) ones).isCloseTo(500, within(4 * Math.sqrt(1000 * 0.25)));
    }

    @Test
    void badWeightsAreAnError() {
        Dataset dataset = DatasetTest.counting(2);
        assertThatThrownBy(() -> dataset.sample(new double[] {1}, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sample: 1 weights, expected 2 as there are samples");
        assertThatThrownBy(() -> dataset.sample(new double[] {1, -1}, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sample: a weight of -1.0, expected 0 or more");
        assertThatThrownBy(() -> dataset.sample(new double[2], 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sample: weights that add up to 0.0, expected a number above 0");
    }

    @Test
    void drawsHaveTheirDistributions() {
        int n = 40_000;
        for (double alpha : new double[] {0.2, 1, 3}) {
            Draws draws = Draws.of(5, 0, 1);
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < n; i++) {
                double x = draws.beta(alpha);
                assertThat(x).isBetween(0.0, 1.0);
                sum += x;
                squares += (x - 0.5) * (x - 0.5);
            }
            double variance = 1 / (4 * (2 * alpha + 1));
            assertThat(sum / n).isCloseTo(0.5, within(5 * Math.sqrt(variance / n)));
            assertThat(squares / n).isCloseTo(variance, within(0.03 * variance));
        }
        Draws draws = Draws.of(5, 1, 0);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double x = draws.normal();
            sum += x;
            squares += x * x;
        }
        assertThat(sum / n).isCloseTo(0, within(5 / Math.sqrt(n)));
        assertThat(squares / n).isCloseTo(1, within(5 * Math.sqrt(2.0 / n)));
        assertThatThrownBy(() -> draws.below(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("draws: a bound of 0, expected at least 1");
    }

    @Test
    void batchesOfOneAndOfAnOddNumberReadTheSame() {
        Dataset dataset =
                DatasetTest.counting(70).concat(DatasetTest.counting(3)).shuffle(1);
        for (int size : new int[] {1, 33}) {
            List<Float> seen = new ArrayList<>();
            dataset.batch(size).epoch(2, 0).forEachRemaining(batch -> {
                for (float value : batch.x().toFloats()) {
                    seen.add(value);
                }
            });
            Tensor whole = dataset.columns().inputs().gather(dataset.order(2));
            assertThat(seen).hasSize(146);
            for (int i = 0; i < 146; i++) {
                assertThat(seen.get(i)).isEqualTo(whole.toFloats()[i]);
            }
        }
    }
}
