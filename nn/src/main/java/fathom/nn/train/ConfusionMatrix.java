package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Locale;
import java.util.stream.IntStream;

/// How often each class was taken for each: rows are the true classes, columns the predicted ones.
///
/// ```java
/// var matrix = ConfusionMatrix.of(10);
/// trainer.evaluate(test, (prediction, batch) -> matrix.add(prediction, batch.y()));
/// ```
public final class ConfusionMatrix {
    private final long[][] counts;

    private ConfusionMatrix(int classes) {
        this.counts = new long[classes][classes];
    }

    /// An empty matrix.
    ///
    /// @throws IllegalArgumentException if there are fewer than 2 classes
    public static ConfusionMatrix of(int classes) {
        Require.that(classes >= 2, "confusion matrix: %s classes, expected at least 2", classes);
        return new ConfusionMatrix(classes);
    }

    /// Counts a batch.
    ///
    /// @param prediction logits or probabilities `[..., C]`, or predicted labels `[...]`
    /// @param target true labels `[...]`, or probabilities `[..., C]`
    /// @throws IllegalArgumentException if the numbers of samples differ or a label is out of
    ///   range; nothing is counted then
    public void add(Tensor prediction, Tensor target) {
        int[] predicted = labels("prediction", prediction);
        int[] actual = labels("target", target);
        String message = "confusion matrix: %s predictions and %s targets, expected equal numbers";
        Require.that(predicted.length == actual.length, message, predicted.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            counts[actual[i]][predicted[i]]++;
        }
    }

    private int[] labels(String what, Tensor t) {
        boolean fits = !t.dtype().isFloating() || t.rank() > 0 && t.dim(-1) == classes();
        Require.that(fits, "confusion matrix: %s %s, expected labels or [..., %s]", what, t.type(), classes());
        Tensor indices = t.dtype().isFloating() ? t.argmax(-1) : t;
        if (!indices.dtype().isInteger() || indices.dtype() == DType.U8) {
            indices = indices.cast(DType.I32);
        }
        Buffer buffer = indices.buffer();
        Require.indices("confusion matrix: " + what, buffer, classes());
        return IntStream.range(0, buffer.size())
                .map(i -> (int) buffer.getLong(i))
                .toArray();
    }

    /// The number of classes.
    public int classes() {
        return counts.length;
    }

    /// How often a true class was predicted as another.
    public long count(int actual, int predicted) {
        return counts[actual][predicted];
    }

    /// All samples.
    public long total() {
        long sum = 0;
        for (int i = 0; i < classes(); i++) {
            sum += support(i);
        }
        return sum;
    }

    /// How many samples are truly of a class.
    public long support(int label) {
        long sum = 0;
        for (long c : counts[label]) {
            sum += c;
        }
        return sum;
    }

    private long predicted(int label) {
        long sum = 0;
        for (long[] row : counts) {
            sum += row[label];
        }
        return sum;
    }

    /// The part of all samples that were predicted right; NaN without samples.
    public double accuracy() {
        long right = 0;
        for (int i = 0; i < classes(); i++) {
            right += counts[i][i];
        }
        return (double) right / total();
    }

    /// Of the samples predicted as a class, the part that truly are; 0 if there is none.
    public double precision(int label) {
        return ratio(counts[label][label], predicted(label));
    }

    /// Of the samples truly of a class, the part that were predicted so; 0 if there is none.
    public double recall(int label) {
        return ratio(counts[label][label], support(label));
    }

    /// The harmonic mean of [#precision] and [#recall]; 0 if both are.
    public double f1(int label) {
        return ratio(2 * counts[label][label], support(label) + predicted(label));
    }

    /// The mean of [#f1] over the classes.
    public double macroF1() {
        double sum = 0;
        for (int i = 0; i < classes(); i++) {
            sum += f1(i);
        }
        return sum / classes();
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /// Precision, recall and F1 of every class, as a table.
    @Override
    public String toString() {
        StringBuilder b = new StringBuilder("class  precision  recall      f1  samples\n");
        for (int i = 0; i < classes(); i++) {
            b.append(String.format(
                    Locale.ROOT, "%5d  %9.4f  %6.4f  %6.4f  %7d\n", i, precision(i), recall(i), f1(i), support(i)));
        }
        return b.append(String.format(
                        Locale.ROOT, "accuracy %.4f, macro F1 %.4f, %d samples", accuracy(), macroF1(), total()))
                .toString();
    }
}
