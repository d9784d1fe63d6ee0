package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Further inputs and targets stay with their samples.
class ColumnsTest {
    /// Samples whose values all tell their index: i and 10 i as inputs, i as target and weight, -i and
    /// i² as `pair`.
    private static Dataset indexed(int n) {
        float[] weights = new float[n];
        float[][] pairs = new float[n][];
        for (int i = 0; i < n; i++) {
            weights[i] = i;
            pairs[i] = new float[] {-i, i * i};
        }
        return DatasetTest.counting(n).with("weights", Tensor.of(weights, n)).with("pair", Tensor.of(pairs));
    }

    private static void assertTogether(Batch batch) {
        int[] y = batch.y().toInts();
        float[] x = batch.x().toFloats();
        float[] weights = batch.get("weights").toFloats();
        float[] pairs = batch.get("pair").toFloats();
        for (int i = 0; i < y.length; i++) {
            assertThat(x[2 * i]).isEqualTo(y[i]);
            assertThat(weights[i]).isEqualTo(y[i]);
            assertThat(pairs[2 * i]).isEqualTo(-(float) y[i]);
            assertThat(pairs[2 * i + 1]).isEqualTo((float) (y[i] * y[i]));
        }
    }

    @Test
    void everyCombinatorKeepsThemTogether() {
        Dataset all = indexed(23);
        List<Dataset> made = List.of(
                all,
                all.shuffle(3),
                all.shuffle(3).take(9),
                all.skip(4),
                all.shuffle(5).split(0.5, 0.5).get(1),
                all.folds(4).get(2).train(),
                all.filter((x, y) -> y[0] % 3 == 0),
                all.repeat(2).shuffle(1),
                all.shuffle(2).concat(indexed(7)),
                all.skip(3).repeat(2).cache(),
                all.map(Shape.of(2), (sample, result) -> System.arraycopy(sample, 0, result, 0, 2)),
                all.sample(IntStream.range(0, 23).mapToDouble(i -> i).toArray(), 40, 6));
        for (Dataset dataset : made) {
            assertTogether(dataset.all());
            for (int epoch = 0; epoch < 2; epoch++) {
                dataset.batch(5).epoch(epoch, 1).forEachRemaining(ColumnsTest::assertTogether);
            }
        }
    }

    @Test
    void valuesCanBeGivenToAPartOrToShuffledSamples() {
        Dataset shuffled = DatasetTest.counting(9).shuffle(4).skip(2);
        int[] order = shuffled.labels();
        float[] weights = new float[7];
        float[][] pairs = new float[7][];
        for (int i = 0; i < 7; i++) {
            weights[i] = order[i];
            pairs[i] = new float[] {-order[i], order[i] * order[i]};
        }
        Dataset with = shuffled.with("weights", Tensor.of(weights, 7)).with("pair", Tensor.of(pairs));
        assertThat(with.labels()).isEqualTo(order);
        assertTogether(with.all());
        with.batch(3).epoch(2, 0).forEachRemaining(ColumnsTest::assertTogether);
    }

    @Test
    void zipKeepsThoseOfBoth() {
        Dataset ages = DatasetTest.counting(4).with("age", Tensor.of(1f, 2, 3, 4));
        Batch both = indexed(4).zip(ages).all();
        assertThat(both.others().keySet()).containsExactly("weights", "pair", "age");
        assertThat(both.get("age").toFloats()).containsExactly(1, 2, 3, 4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ages.zip(ages))
                .withMessage("zip: a second age, expected a name other than [age]");
    }

    @Test
    void theyAreShown() {
        assertThat(indexed(3)).hasToString("3 samples: inputs F32[2], targets I32[], weights F32[], pair F32[2]");
    }

    @Test
    void badValuesAreAnError() {
        Dataset dataset = DatasetTest.counting(4);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.with("age", Tensor.ones(3)))
                .withMessage("with: 3 age, expected 4 as there are samples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> indexed(4).with("pair", Tensor.ones(4)))
                .withMessage("with: a second pair, expected a name other than [weights, pair]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.repeat(2).with("age", Tensor.ones(8)))
                .withMessage("with: age for samples that are repeated, expected repeat to come after");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.concat(indexed(4)))
                .withMessage("concat: samples with [] and with [weights, pair], expected the same names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> indexed(4).oneHot(4).mixup(1, 0))
                .withMessage("mixup: samples with [weights, pair], of which nothing is mixed, expected with(...) to"
                        + " come after");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> dataset.oneHot(4).labels())
                .withMessage("labels: the targets are F32[4], expected class indices, I32[]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> indexed(4).all().get("age"))
                .withMessage("batch: no age besides inputs and targets, expected one of [weights, pair]");
    }
}
