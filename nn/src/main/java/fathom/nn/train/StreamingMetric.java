package fathom.nn.train;

import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/// A measure that is no mean, such as the area under a curve: it is computed outside of the
/// program, from what an [Accumulator] keeps.
///
/// It is measured in evaluations, those of validation data included. While a model is trained it is
/// not, because the scores of different steps are those of different models.
///
/// ```java
/// trainer.metrics(Metric.accuracy(),
///         StreamingMetric.of("kappa", () -> ConfusionMatrix.of(10), ConfusionMatrix::kappa));
/// ```
///
/// @param name what it is called in progress lines and histories
/// @param start makes an empty accumulator
/// @param value reads the measure from it
/// @param <A> what keeps note of batches
public record StreamingMetric<A extends Accumulator<A>>(String name, Supplier<A> start, ToDoubleFunction<A> value)
        implements Measure {
    /// A measure of what accumulators keep.
    public static <A extends Accumulator<A>> StreamingMetric<A> of(
            String name, Supplier<A> start, ToDoubleFunction<A> value) {
        return new StreamingMetric<>(name, start, value);
    }

    /// [BinaryScores#rocAuc].
    public static StreamingMetric<BinaryScores> rocAuc() {
        return of("rocAuc", BinaryScores::new, BinaryScores::rocAuc);
    }

    /// [BinaryScores#averagePrecision].
    public static StreamingMetric<BinaryScores> averagePrecision() {
        return of("averagePrecision", BinaryScores::new, BinaryScores::averagePrecision);
    }

    /// [ConfusionMatrix#f1(ConfusionMatrix.Average)] over classes of equal weight.
    ///
    /// @throws IllegalArgumentException when it is measured, if there are fewer than 2 classes
    public static StreamingMetric<ConfusionMatrix> macroF1(int classes) {
        return of("macroF1", () -> ConfusionMatrix.of(classes), ConfusionMatrix::macroF1);
    }

    /// [RSquared#value].
    public static StreamingMetric<RSquared> rSquared() {
        return of("rSquared", RSquared::new, RSquared::value);
    }

    /// [CalibrationError#value] with 15 bins.
    public static StreamingMetric<CalibrationError> calibrationError() {
        return of("calibrationError", () -> CalibrationError.of(15), CalibrationError::value);
    }

    /// One measurement under way.
    ///
    /// @param of the metric and its output
    record Running<A extends Accumulator<A>>(Measured<?> of, A state, ToDoubleFunction<A> read) {
        void add(Outcome.Output output) {
            state.add(output.prediction(), output.target());
        }

        double value() {
            return read.applyAsDouble(state);
        }
    }

    Running<A> begin(Measured<?> of) {
        return new Running<>(of, start.get(), value);
    }
}
