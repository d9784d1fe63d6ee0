package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/// How often each class was taken for each: rows are the true classes, columns the predicted ones.
///
/// ```java
/// var matrix = ConfusionMatrix.of(10);
/// trainer.evaluate(test, (prediction, batch) -> matrix.add(prediction, batch.y()));
/// ```
public final class ConfusionMatrix implements Accumulator<ConfusionMatrix> {
    /// How the measures of single classes make one.
    public enum Average {
        /// Every class has the same weight.
        MACRO,
        /// Every sample has: hits and errors are added before they are divided. With one label a
        /// sample, precision, recall and F1 are all the accuracy then.
        MICRO,
        /// Every class has as much weight as it has samples.
        WEIGHTED
    }

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
    @Override
    public void add(Tensor prediction, Tensor target) {
        int[] predicted = labels("prediction", prediction);
        int[] actual = labels("target", target);
        String message = "confusion matrix: %s predictions and %s targets, expected equal numbers";
        Require.that(predicted.length == actual.length, message, predicted.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            counts[actual[i]][predicted[i]]++;
        }
    }

    @Override
    public void merge(ConfusionMatrix other) {
        String message = "confusion matrix: %s classes merged into %s, expected the same number";
        Require.that(other.classes() == classes(), message, other.classes(), classes());
        for (int i = 0; i < classes(); i++) {
            for (int j = 0; j < classes(); j++) {
                counts[i][j] += other.counts[i][j];
            }
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

    /// [#precision(int)] of all classes.
    ///
    /// @throws IllegalStateException if there are no samples
    public double precision(Average how) {
        return average(this::precision, how);
    }

    /// [#recall(int)] of all classes.
    ///
    /// @throws IllegalStateException if there are no samples
    public double recall(Average how) {
        return average(this::recall, how);
    }

    /// [#f1(int)] of all classes.
    ///
    /// @throws IllegalStateException if there are no samples
    public double f1(Average how) {
        return average(this::f1, how);
    }

    /// The mean of [#f1(int)] over the classes.
    public double macroF1() {
        return IntStream.range(0, classes()).mapToDouble(this::f1).sum() / classes();
    }

    private double average(IntToDoubleFunction ofClass, Average how) {
        long all = samples();
        return switch (how) {
            case MICRO -> accuracy();
            case MACRO -> IntStream.range(0, classes()).mapToDouble(ofClass).sum() / classes();
            case WEIGHTED ->
                IntStream.range(0, classes())
                                .mapToDouble(i -> support(i) * ofClass.applyAsDouble(i))
                                .sum()
                        / all;
        };
    }

    private long samples() {
        long all = total();
        if (all == 0) {
            throw new IllegalStateException("confusion matrix: no samples, expected at least one");
        }
        return all;
    }

    /// The correlation of true and predicted classes, from -1 to 1; 0 if either are all the same.
    /// Matthews (1975), for more than two classes Gorodkin (2004).
    ///
    /// @throws IllegalStateException if there are no samples
    public double matthews() {
        double all = samples();
        double right = accuracy();
        double chance = 0;
        double actualSquares = 0;
        double predictedSquares = 0;
        for (int i = 0; i < classes(); i++) {
            double a = support(i) / all;
            double p = predicted(i) / all;
            chance += a * p;
            actualSquares += a * a;
            predictedSquares += p * p;
        }
        double spread = Math.sqrt((1 - actualSquares) * (1 - predictedSquares));
        return spread == 0 ? 0 : (right - chance) / spread;
    }

    /// The accuracy beyond chance, over the most that it could be beyond chance; NaN if chance alone
    /// gives all. Cohen (1960).
    ///
    /// @throws IllegalStateException if there are no samples
    public double kappa() {
        double all = samples();
        double chance = 0;
        for (int i = 0; i < classes(); i++) {
            chance += (support(i) / all) * (predicted(i) / all);
        }
        return chance == 1 ? Double.NaN : (accuracy() - chance) / (1 - chance);
    }

    /// Samples of a class predicted right, over those that are or were predicted of it (Jaccard's
    /// index); 0 if there are none. With the places of images as samples, the overlap of a
    /// segmentation.
    public double intersectionOverUnion(int label) {
        long right = counts[label][label];
        return ratio(right, support(label) + predicted(label) - right);
    }

    /// The mean of [#intersectionOverUnion(int)] over the classes that occur, truly or predicted.
    ///
    /// @throws IllegalStateException if there are no samples
    public double meanIntersectionOverUnion() {
        samples();
        return IntStream.range(0, classes())
                .filter(i -> support(i) + predicted(i) > 0)
                .mapToDouble(this::intersectionOverUnion)
                .average()
                .orElseThrow();
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
