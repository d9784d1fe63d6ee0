package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoaderTest {
    private static List<int[]> targets(Iterator<Batch> batches) {
        List<int[]> all = new ArrayList<>();
        batches.forEachRemaining(batch -> all.add(batch.y().toInts()));
        return all;
    }

    @Test
    void cutsAnEpochIntoBatches() {
        Loader loader = DatasetTest.counting(7).batch(3);
        assertThat(loader.count()).isEqualTo(3);
        assertThat(loader.samples()).isEqualTo(7);
        assertThat(loader.batchSize()).isEqualTo(3);
        Iterator<Batch> epoch = loader.epoch(0, 0);
        Batch first = epoch.next();
        assertThat(first.x().shape()).isEqualTo(Shape.of(3, 2));
        assertThat(first.x().toFloats()).containsExactly(0, 0, 1, 10, 2, 20);
        assertThat(targets(epoch)).containsExactly(new int[] {3, 4, 5}, new int[] {6});
        assertThatThrownBy(epoch::next).isInstanceOf(NoSuchElementException.class);
        assertThat(loader).hasToString("3 batches of 3 from 7 samples: inputs F32[2], targets I32[]");
    }

    @Test
    void dropLastKeepsWholeBatches() {
        Loader loader = DatasetTest.counting(7).batch(3).dropLast();
        assertThat(loader.count()).isEqualTo(2);
        assertThat(loader.samples()).isEqualTo(6);
        assertThat(targets(loader.epoch(0, 0))).containsExactly(new int[] {0, 1, 2}, new int[] {3, 4, 5});
        assertThat(DatasetTest.counting(6).batch(3).dropLast().count()).isEqualTo(2);
        assertThatThrownBy(() -> DatasetTest.counting(2).batch(3).dropLast())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dropLast: 2 samples do not fill one batch of 3, expected a batch size of at" + " most 2");
    }

    @Test
    void prefetchingChangesNothing() {
        Dataset dataset = DatasetTest.counting(101).shuffle(5);
        for (int epoch = 0; epoch < 2; epoch++) {
            List<int[]> plain = targets(dataset.batch(4).prefetch(0).epoch(epoch, 0));
            assertThat(targets(dataset.batch(4).epoch(epoch, 0))).containsExactlyElementsOf(plain);
            assertThat(targets(dataset.batch(4).prefetch(100).epoch(epoch, 0))).containsExactlyElementsOf(plain);
        }
    }

    @Test
    void aLoopGoesOverAnyEpoch() {
        Loader loader = DatasetTest.counting(20).shuffle(5).batch(3);
        List<int[]> seen = new ArrayList<>();
        for (Batch batch : loader.epoch(2)) {
            seen.add(batch.y().toInts());
        }
        assertThat(seen).containsExactlyElementsOf(targets(loader.epoch(2, 0)));
    }

    @Test
    void anEpochGoesOnWhereItStopped() {
        Loader loader = DatasetTest.counting(20).shuffle(5).batch(3);
        List<int[]> whole = targets(loader.epoch(2, 0));
        for (int skip = 0; skip <= loader.count(); skip++) {
            assertThat(targets(loader.epoch(2, skip))).containsExactlyElementsOf(whole.subList(skip, whole.size()));
        }
    }

    @Test
    void aBatchOfOneKeepsItsAxes() {
        Batch batch = DatasetTest.counting(1).batch(8).epoch(0, 0).next();
        assertThat(batch.x().shape()).isEqualTo(Shape.of(1, 2));
        assertThat(batch.y().shape()).isEqualTo(Shape.of(1));
    }

    @Test
    void mapAppliesFunctionsInOrder() {
        Loader loader = DatasetTest.counting(2)
                .batch(2)
                .map(b -> new Batch(b.y(), b.x()))
                .map(b -> new Batch(b.x(), b.x()));
        assertThat(loader.epoch(0, 0).next().y().toInts()).containsExactly(0, 1);
    }

    @Test
    void batchesNeverShareElements() {
        Iterator<Batch> epoch = DatasetTest.counting(4).batch(2).epoch(0, 0);
        Batch first = epoch.next();
        Batch second = epoch.next();
        assertThat(first.x().buffer().array()).isNotSameAs(second.x().buffer().array());
        assertThat(first.y().toInts()).containsExactly(0, 1);
    }

    @Test
    void badArgumentsAreNamed() {
        Dataset dataset = DatasetTest.counting(4);
        assertThatThrownBy(() -> dataset.batch(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch size 0, expected at least 1");
        assertThatThrownBy(() -> dataset.batch(2).prefetch(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prefetch: -1 batches, expected 0 or more");
        assertThatThrownBy(() -> dataset.batch(2).epoch(-1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epoch -1, expected 0 or more");
        assertThatThrownBy(() -> dataset.batch(2).epoch(0, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epoch: skip 3 batches, expected 0 to 2");
    }

    @Test
    void anErrorWhileDecodingReachesTheConsumer() {
        Dataset dataset = DatasetTest.counting(6).map(Shape.SCALAR, (sample, result) -> {
            if (sample[0] == 3) {
                throw new IllegalStateException("sample 3 is bad");
            }
            result[0] = sample[0];
        });
        Iterator<Batch> epoch = dataset.batch(1).epoch(0, 0);
        IntStream.range(0, 3).forEach(i -> epoch.next());
        assertThatThrownBy(epoch::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sample 3 is bad");
        assertThat(epoch.next().x().toFloats()).containsExactly(4);
    }
}
