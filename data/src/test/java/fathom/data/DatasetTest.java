package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class DatasetTest {
    /// `n` samples whose input is `[i, 10 i]` and whose target is `i`.
    static Dataset counting(int n) {
        float[] x = new float[2 * n];
        for (int i = 0; i < n; i++) {
            x[2 * i] = i;
            x[2 * i + 1] = 10 * i;
        }
        return Dataset.of(Tensor.of(x, n, 2), Tensor.of(IntStream.range(0, n).toArray(), n));
    }

    private static int[] targets(Dataset dataset) {
        return dataset.all().y().toInts();
    }

    @Test
    void holdsRowsOfTensors() {
        Dataset dataset = counting(5);
        assertThat(dataset.size()).isEqualTo(5);
        assertThat(dataset.inputShape()).isEqualTo(Shape.of(2));
        assertThat(dataset.targetType()).isEqualTo(DType.I32);
        Batch batch = dataset.get(4, 1);
        assertThat(batch.x().shape()).isEqualTo(Shape.of(2, 2));
        assertThat(batch.x().toFloats()).containsExactly(4, 40, 1, 10);
        assertThat(batch.y().toInts()).containsExactly(4, 1);
        assertThat(dataset).hasToString("5 samples: inputs F32[2], targets I32[]");
    }

    @Test
    void holdsArrays() {
        float[][] rows = {{1, 2}, {3, 4}};
        assertThat(Dataset.of(rows, new int[] {7, 8}).get(1).y().toInts()).containsExactly(8);
        assertThat(Dataset.of(rows, new float[][] {{5}, {6}}).get(1).y().shape())
                .isEqualTo(Shape.of(1, 1));
        assertThat(Dataset.of(new float[][] {{1}}, new int[] {7}).size()).isEqualTo(1);
    }

    @Test
    void everyDtypeIsReadAsItIs() {
        Tensor y = Tensor.of(new long[] {1L << 40, 2}, 2);
        Tensor x = Tensor.of(new byte[] {(byte) 200, 1}, 2, 1);
        Batch batch = Dataset.of(x, y).get(1, 0);
        assertThat(batch.x().toBytes()).containsExactly(1, (byte) 200);
        assertThat(batch.y().toLongs()).containsExactly(2, 1L << 40);
    }

    @Test
    void countsThatDifferAreAnError() {
        assertThatThrownBy(() -> Dataset.of(Tensor.of(new float[6], 3, 2), Tensor.of(new int[4], 4)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dataset: 3 inputs [2] and 4 targets [], expected as many");
        assertThatThrownBy(() -> Dataset.of(Tensor.of(1f), Tensor.scalar(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("samples: a scalar");
        assertThatThrownBy(() -> Samples.ofPixels(new byte[5], Shape.of(2, 2, 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("samples: 5 bytes, expected a multiple of 4 for images of shape [2, 2, 1]");
    }

    @Property(tries = 50)
    void anyShuffleIsAPermutationOfItsOwn(@ForAll long seed, @ForAll @IntRange(min = 0, max = 40) int n) {
        Dataset shuffled = counting(n).shuffle(seed);
        for (int epoch = 0; epoch < 3; epoch++) {
            assertThat(shuffled.order(epoch))
                    .containsExactlyInAnyOrder(IntStream.range(0, n).toArray())
                    .isEqualTo(counting(n).shuffle(seed).order(epoch));
        }
    }

    @Test
    void everyEpochAndSeedHasAnOrderOfItsOwn() {
        Set<List<Integer>> orders = new HashSet<>();
        for (long seed = 0; seed < 3; seed++) {
            for (int epoch = 0; epoch < 3; epoch++) {
                int[] order = counting(50).shuffle(seed).order(epoch);
                orders.add(IntStream.of(order).boxed().toList());
            }
        }
        assertThat(orders).hasSize(9);
    }

    @Test
    void takeAndSkipShareOutTheSamples() {
        assertThat(targets(counting(5).take(2))).containsExactly(0, 1);
        assertThat(targets(counting(5).skip(2))).containsExactly(2, 3, 4);
        assertThat(targets(counting(5).skip(0))).hasSize(5);
        assertThat(targets(counting(9).skip(2).take(3).skip(1))).containsExactly(3, 4);
        assertThatThrownBy(() -> counting(5).take(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("take: 6 samples, expected 1 to 5");
        assertThatThrownBy(() -> counting(5).skip(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("skip: 5 samples, expected 1 to 4");
        assertThatThrownBy(() -> counting(5).take(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> counting(5).skip(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void splitSharesOutTheSamples() {
        List<Dataset> parts = counting(10).split(0.7, 0.2, 0.1);
        assertThat(parts).extracting(Dataset::size).containsExactly(7, 2, 1);
        assertThat(targets(parts.get(1))).containsExactly(7, 8);
        assertThat(counting(3).split(0.5, 0.5)).extracting(Dataset::size).containsExactly(2, 1);
    }

    @Test
    void whatASplitOfAShuffledSetHoldsOutStaysHeldOut() {
        List<Dataset> parts = counting(20).shuffle(1).split(0.8, 0.2);
        for (int epoch = 0; epoch < 4; epoch++) {
            Set<Integer> seen = new HashSet<>();
            for (Dataset part : parts) {
                for (int index : part.order(epoch)) {
                    assertThat(seen.add(index)).isTrue();
                }
            }
            assertThat(seen).hasSize(20);
            assertThat(parts.get(1).order(epoch))
                    .containsExactlyInAnyOrder(parts.get(1).order(0));
        }
        assertThat(parts.getFirst().order(0)).isNotEqualTo(parts.getFirst().order(1));
    }

    @Test
    void badSharesAreAnError() {
        assertThatThrownBy(() -> counting(10).split(0.5, 0.4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("split: shares [0.5, 0.4] add up to 0.9, expected 1");
        assertThatThrownBy(() -> counting(10).split(1.5, -0.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> counting(10).split(Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> counting(10).split(0.999, 0.001))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "split: a share of 0.001 of 10 samples, expected each part to have at least" + " one sample");
    }

    @Test
    void normaliseSubtractsAndDivides() {
        assertThat(counting(3).normalise(1, 2).all().x().toFloats()).containsExactly(-0.5f, -0.5f, 0, 4.5f, 0.5f, 9.5f);
        assertThatThrownBy(() -> counting(3).normalise(0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("normalise: mean 0.0 and standard deviation 0.0, expected");
        assertThatThrownBy(() -> counting(3).normalise(Double.NaN, 1)).isInstanceOf(IllegalArgumentException.class);
        Dataset bytes = Dataset.of(Tensor.of(new byte[4], 4), Tensor.of(new int[4], 4));
        assertThatThrownBy(() -> bytes.normalise(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("normalise: the inputs are U8, expected F32 or F64");
    }

    @Test
    void standardiseWorksChannelByChannel() {
        float[][] rows = {{1, 1e6f, 5}, {2, 1e6f + 2, 5}, {3, 1e6f + 4, 5}};
        Dataset dataset = Dataset.of(rows, new int[3]);
        Statistics statistics = dataset.statistics();
        assertThat(statistics.mean()).containsExactly(2.0, 1_000_002.0, 5.0);
        assertThat(statistics.deviation().get(0)).isCloseTo(Math.sqrt(2.0 / 3), within(1e-12));
        assertThat(statistics.deviation().get(1)).isCloseTo(Math.sqrt(8.0 / 3), within(1e-9));
        assertThat(statistics.deviation().get(2)).isZero();

        float far = (float) Math.sqrt(1.5);
        assertThat(dataset.standardise().all().x().toFloats())
                .containsExactly(new float[] {-far, -far, 0, 0, 0, 0, far, far, 0}, within(1e-6f));
        // The statistics of one part serve another.
        assertThat(dataset.skip(2).standardise(statistics).all().x().toFloats())
                .containsExactly(new float[] {far, far, 0}, within(1e-6f));
        assertThatThrownBy(() -> counting(3).standardise(statistics))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("standardise: statistics of 3 channels, expected 2 for inputs of shape [2]");
    }

    @Test
    void statisticsOfChunksAreThoseOfTheWhole() {
        int n = 5000;
        double[] values = new double[n * 300 * 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 2 == 0 ? 1e8 + i % 7 : i;
        }
        Dataset dataset = Dataset.of(Tensor.of(values, n, 300, 2), Tensor.of(new int[n], n));
        Statistics statistics = dataset.statistics();
        double m = values.length / 2.0;
        double evens = 0;
        for (int i = 0; i < values.length; i += 2) {
            evens += i % 7;
        }
        double mean = evens / m;
        double squares = 0;
        for (int i = 0; i < values.length; i += 2) {
            squares += (i % 7 - mean) * (i % 7 - mean);
        }
        assertThat(statistics.mean().getFirst()).isCloseTo(1e8 + mean, within(1e-6));
        assertThat(statistics.deviation().getFirst()).isCloseTo(Math.sqrt(squares / m), within(1e-6));
        // 1, 3, 5, ..., 2 m - 1: variance (m² - 1) / 3.
        assertThat(statistics.deviation().getLast()).isCloseTo(Math.sqrt((m * m - 1) / 3), within(1e-3));
        float[] standard = Dataset.of(Tensor.of(new float[] {3, 5}, 2), Tensor.of(new int[2], 2))
                .standardise()
                .all()
                .x()
                .toFloats();
        assertThat(standard).containsExactly(-1, 1);
        assertThat(dataset.standardise(statistics).get(0).x().toDoubles()[1])
                .isCloseTo(-(m - 1) / Math.sqrt((m * m - 1) / 3), within(1e-9));
    }

    @Test
    void statisticsAreChecked() {
        assertThatThrownBy(() -> counting(0).statistics())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("statistics: no values");
        assertThatThrownBy(() -> new Statistics(List.of(1.0), List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Statistics(List.of(1.0), List.of(-1.0)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void mapMakesNewInputs() {
        Dataset sums = counting(4).map(Shape.of(1), (sample, result) -> result[0] = sample[0] + sample[1]);
        assertThat(sums.inputShape()).isEqualTo(Shape.of(1));
        assertThat(sums.shuffle(3).take(4).get(0, 1, 2, 3).x().toFloats()).containsExactlyInAnyOrder(0, 11, 22, 33);
        // A result that a transform leaves alone is zero, whatever the sample before it wrote.
        Dataset sparse = counting(3).map(Shape.of(3), (sample, result) -> result[(int) sample[0]] = 1);
        assertThat(sparse.all().x().toFloats()).containsExactly(1, 0, 0, 0, 1, 0, 0, 0, 1);
        Dataset bytes = Dataset.of(Tensor.of(new byte[4], 4), Tensor.of(new int[4], 4));
        assertThatThrownBy(() -> bytes.map(Shape.SCALAR, (sample, result) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("map: the inputs are U8, expected F32");
    }

    @Test
    void placesOutsideAreAnError() {
        assertThatThrownBy(() -> counting(3).get(3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("get: sample 3, expected 0 to 2");
        assertThatThrownBy(() -> counting(3).get(-1)).isInstanceOf(IllegalArgumentException.class);
    }
}
