package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LabelledTextsTest {
    private static final List<String> CLASSES = List.of("even", "odd", "threefold");

    /// Numbers from 0 on; every third one is of a class of its own.
    private static LabelledTexts numbers(int count) {
        return new LabelledTexts(
                IntStream.range(0, count).mapToObj(Integer::toString).toList(),
                IntStream.range(0, count).map(LabelledTextsTest::label).toArray(),
                CLASSES);
    }

    private static int label(int number) {
        return number % 3 == 0 ? 2 : number % 2;
    }

    private static void assertLabelsBelongToTexts(LabelledTexts texts) {
        for (int i = 0; i < texts.size(); i++) {
            assertThat(texts.labels()[i])
                    .isEqualTo(label(Integer.parseInt(texts.texts().get(i))));
        }
        assertThat(texts.classes()).isEqualTo(CLASSES);
    }

    @Test
    void distinctKeepsTheFirstOfEachPair() {
        LabelledTexts texts =
                new LabelledTexts(List.of("a", "b", "a", "a", "b"), new int[] {0, 1, 0, 1, 1}, List.of("x", "y"));
        LabelledTexts distinct = texts.distinct();
        assertThat(distinct.texts()).containsExactly("a", "b", "a");
        assertThat(distinct.labels()).containsExactly(0, 1, 1);
        assertThat(distinct.classes()).containsExactly("x", "y");
    }

    @Test
    void shuffleKeepsTextsAndLabelsTogether() {
        LabelledTexts shuffled = numbers(100).shuffle(7);
        assertThat(shuffled.texts())
                .containsExactlyInAnyOrderElementsOf(numbers(100).texts())
                .isNotEqualTo(numbers(100).texts())
                .isEqualTo(numbers(100).shuffle(7).texts())
                .isNotEqualTo(numbers(100).shuffle(8).texts());
        assertLabelsBelongToTexts(shuffled);
    }

    @Test
    void stratifiedSplitKeepsTheProportions() {
        List<LabelledTexts> parts = numbers(120).shuffle(1).stratifiedSplit(0.75, 0.25);
        List<String> all = new ArrayList<>();
        for (LabelledTexts part : parts) {
            all.addAll(part.texts());
            assertLabelsBelongToTexts(part);
            int[] labels = part.labels();
            for (int c = 0; c < CLASSES.size(); c++) {
                int label = c;
                assertThat(IntStream.of(labels).filter(l -> l == label).count()).isEqualTo(part.size() / 3);
            }
        }
        assertThat(parts.get(1).size()).isEqualTo(30);
        assertThat(all).containsExactlyInAnyOrderElementsOf(numbers(120).texts());
        assertThatThrownBy(() -> numbers(9).stratifiedSplit(0.5, 0.4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("stratifiedSplit: shares [0.5, 0.4] add up to 0.9, expected 1");
    }

    @Test
    void sequencesHaveTheLabels() {
        Batch batch = numbers(12)
                .sequences(text -> text.chars().map(c -> c - '0' + 1).toArray())
                .batch(12)
                .epoch(0, 0)
                .next();
        assertThat(batch.get("lengths").toInts()).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2);
        assertThat(batch.y().toInts()).containsExactly(numbers(12).labels());
        assertThatThrownBy(() -> numbers(2).sequences(text -> new int[0]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("sequences: input 0 has no steps, expected at least one");
    }

    @Test
    void binaryFindsAClass() {
        int[] labels = {2, 0, 1, 2};
        Dataset dataset = Dataset.of(new float[4][1], labels);
        assertThat(dataset.binary(2).all().y().toFloats()).containsExactly(1, 0, 0, 1);
        assertThat(dataset.binary(2).targetShape().dims()).containsExactly(1);
        assertThatThrownBy(() -> dataset.binary(2).binary(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binary: the targets are F32[1], expected class indices, I32[]");
    }
}
