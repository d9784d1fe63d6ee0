package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Batch;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SequencesTest {
    private static final List<int[]> TOKENS = List.of(new int[] {1, 2, 3}, new int[] {4}, new int[] {5, 6});

    @Test
    void fillsUpToTheLongestOfABatch() {
        Iterator<Batch> batches =
                SequenceDataset.of(TOKENS, new int[] {7, 8, 9}).batch(2).epoch(0, 0);
        Batch first = batches.next();
        assertThat(first.x().shape()).isEqualTo(Shape.of(2, 3));
        assertThat(first.x().toInts()).containsExactly(1, 2, 3, 4, 0, 0);
        assertThat(first.get("lengths").toInts()).containsExactly(3, 1);
        assertThat(first.y().toInts()).containsExactly(7, 8);
        Batch second = batches.next();
        assertThat(second.x().shape()).isEqualTo(Shape.of(1, 2));
        assertThat(second.y().toInts()).containsExactly(9);
        assertThat(batches.hasNext()).isFalse();
    }

    @Test
    void fillsUpTargetsAndRoundsLengthsUp() {
        List<int[]> tags = List.of(new int[] {1}, new int[] {1, 1}, new int[] {1, 2, 3});
        SequenceLoader loader =
                SequenceDataset.of(TOKENS, tags).batch(3).padding(9, -1).lengthsMultipleOf(4);
        Batch batch = loader.epoch(0, 0).next();
        assertThat(batch.x().toInts()).containsExactly(1, 2, 3, 9, 4, 9, 9, 9, 5, 6, 9, 9);
        assertThat(batch.y().toInts()).containsExactly(1, -1, -1, -1, 1, 1, -1, -1, 1, 2, 3, -1);
    }

    @Test
    void carriesFurtherSequencesAndValues() {
        SequenceDataset more = SequenceDataset.of(TOKENS, new int[] {7, 8, 9})
                .with("written", List.of(new int[] {1}, new int[] {1, 2}, new int[] {3}))
                .with("weights", Samples.of(Tensor.of(0.5f, 1, 2)));
        SequenceLoader loader = more.batch(2).padding(-5, 0);
        Batch first = loader.epoch(0, 0).next();
        assertThat(first.others()).containsOnlyKeys("lengths", "written", "weights");
        assertThat(first.get("written").toInts()).containsExactly(1, -5, 1, 2);
        assertThat(first.get("weights").toFloats()).containsExactly(0.5f, 1);
        Batch second = loader.epoch(0, 1).next();
        assertThat(second.get("lengths").toInts()).containsExactly(2);
        assertThat(second.get("weights").toFloats()).containsExactly(2);
        assertThatThrownBy(() -> more.with("lengths", Samples.of(Tensor.ones(3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: a second lengths, expected a name of its own");
        assertThatThrownBy(() -> more.with("age", Samples.of(Tensor.ones(2))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: 3 inputs and 2 age, expected as many");
    }

    @Test
    void holdsVectors() {
        List<float[][]> vectors = List.of(new float[][] {{1, 2}}, new float[][] {{3, 4}, {5, 6}});
        Samples targets = Samples.of(Tensor.of(0.5f, 0.25f));
        Batch batch =
                SequenceDataset.ofVectors(vectors, targets).batch(2).epoch(0, 0).next();
        assertThat(batch.x().shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(batch.x().toFloats()).containsExactly(1, 2, 0, 0, 3, 4, 5, 6);
        assertThat(batch.y().toFloats()).containsExactly(0.5f, 0.25f);
        List<float[][]> bad = List.of(new float[][] {{1, 2}}, new float[][] {{3}});
        assertThatThrownBy(() -> SequenceDataset.ofVectors(bad, targets))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: step 0 of input 1 has 1 values, expected 2");
    }

    /// 101 sequences, the i-th of `1 + i * 37 % 50` steps, with target i.
    private static SequenceDataset many() {
        List<int[]> tokens = IntStream.range(0, 101)
                .mapToObj(i ->
                        IntStream.generate(() -> i + 1).limit(1 + i * 37 % 50).toArray())
                .toList();
        return SequenceDataset.of(tokens, IntStream.range(0, 101).toArray());
    }

    private static List<int[]> targets(SequenceLoader loader, int epoch, int skip) {
        List<int[]> all = new ArrayList<>();
        loader.epoch(epoch, skip).forEachRemaining(batch -> all.add(batch.y().toInts()));
        return all;
    }

    @Test
    void bucketsReadEachSampleOnceWithLessFilling() {
        SequenceLoader plain = many().batch(8).shuffle(3);
        SequenceLoader bucketed = plain.bucketed(100);
        assertThat(bucketed.count()).isEqualTo(13);
        assertThat(bucketed.samples()).isEqualTo(101);
        List<int[]> batches = targets(bucketed, 1, 0);
        assertThat(batches).hasSize(13);
        assertThat(batches.stream().flatMapToInt(Arrays::stream).toArray())
                .containsExactlyInAnyOrder(IntStream.range(0, 101).toArray());
        assertThat(places(bucketed)).isLessThan(places(plain) * 3 / 4);
        assertThat(targets(bucketed, 1, 5)).containsExactlyElementsOf(batches.subList(5, 13));
        assertThat(targets(bucketed.prefetch(0), 1, 0)).containsExactlyElementsOf(batches);
        assertThat(targets(bucketed, 2, 0).getFirst()).isNotEqualTo(batches.getFirst());
    }

    private static int places(SequenceLoader loader) {
        int places = 0;
        for (Batch batch : loader) {
            places += batch.x().shape().size();
        }
        return places;
    }

    @Test
    void badSequencesAreAnError() {
        assertThatThrownBy(() -> SequenceDataset.of(TOKENS, new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: 3 inputs and 2 targets, expected as many");
        assertThatThrownBy(() -> SequenceDataset.of(List.of(new int[] {1}, new int[0]), new int[2]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: input 1 has no steps, expected at least one");
        assertThatThrownBy(() -> many().batch(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("batch size 0, expected at least 1");
        assertThatThrownBy(() -> many().batch(5).epoch(0, 22))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("epoch: skip 22 batches, expected 0 to 21");
    }
}
