package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Texts, each of one class.
///
/// What is held out is best split off before a tokenizer is trained, so that it has not seen it:
///
/// ```
/// var parts = DataSets.smsSpam().distinct().shuffle(42).stratifiedSplit(0.8, 0.2);
/// var tokenizer = WordTokenizer.train(parts.get(0).texts(), 2, 4000, true);
/// var batches = parts.get(0).sequences(tokenizer::encode).batch(32).shuffle(1);
/// ```
///
/// @param texts the texts
/// @param labels each text's class, an index into `classes`
/// @param classes the classes' names
public record LabelledTexts(List<String> texts, int[] labels, List<String> classes) {
    public LabelledTexts {
        texts = List.copyOf(texts);
        classes = List.copyOf(classes);
        String message = "labelled texts: %s texts and %s labels, expected as many";
        Require.that(texts.size() == labels.length, message, texts.size(), labels.length);
    }

    /// Negative (0) texts, and then positive (1) ones.
    static LabelledTexts ofTwo(List<String> negative, List<String> positive) {
        List<String> texts = new ArrayList<>(negative);
        texts.addAll(positive);
        int[] labels = new int[texts.size()];
        Arrays.fill(labels, negative.size(), labels.length, 1);
        return new LabelledTexts(texts, labels, List.of("negative", "positive"));
    }

    /// The number of texts.
    public int size() {
        return labels.length;
    }

    /// Each pair of a text and its class once, where it comes first.
    public LabelledTexts distinct() {
        record Pair(String text, int label) {}
        Set<Pair> seen = new HashSet<>();
        return at(IntStream.range(0, size())
                .filter(i -> seen.add(new Pair(texts.get(i), labels[i])))
                .toArray());
    }

    /// The same texts in an order that is drawn from the seed.
    public LabelledTexts shuffle(long seed) {
        return at(places(places().shuffle(seed)));
    }

    /// Parts that have no text in common and together have all, each with the classes in the
    /// proportions of the whole, as [Dataset#stratifiedSplit] cuts them. Shuffle before if the texts
    /// are sorted.
    ///
    /// @param shares the parts' sizes as fractions that add up to 1
    /// @throws IllegalArgumentException if they do not, or a part would be empty
    public List<LabelledTexts> stratifiedSplit(double... shares) {
        return places().stratifiedSplit(shares).stream()
                .map(part -> at(places(part)))
                .toList();
    }

    /// The texts as sequences of tokens, with their classes.
    ///
    /// @param encoder makes a text's tokens, such as `tokenizer::encode`
    /// @throws IllegalArgumentException if there are no texts, or one has no tokens
    public SequenceDataset sequences(Function<String, int[]> encoder) {
        return SequenceDataset.of(texts.stream().map(encoder).toList(), labels);
    }

    /// The texts' places from 0 on with their classes, for [Dataset] to put into order.
    private Dataset places() {
        Tensor all = Tensor.of(IntStream.range(0, size()).toArray(), size());
        return Dataset.of(all, Tensor.of(labels, size()));
    }

    private static int[] places(Dataset some) {
        return some.all().x().toInts();
    }

    private LabelledTexts at(int... places) {
        return new LabelledTexts(
                IntStream.of(places).mapToObj(texts::get).toList(),
                IntStream.of(places).map(i -> labels[i]).toArray(),
                classes);
    }
}
