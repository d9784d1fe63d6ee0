package fathom.nn.train;

/// Something to be measured besides the loss: by a [Metric] in the program of each step, or by a
/// [StreamingMetric] from evaluated batches.
public sealed interface Measure permits Metric, StreamingMetric, OutputMeasure {
    /// What it is called in progress lines and histories.
    String name();

    /// The same measure of one of several outputs, which the [TrainStep] gives that name; it is called
    /// `output.name`.
    ///
    /// ```java
    /// trainer.metrics(Metric.accuracy().forOutput("digit"), Metric.meanAbsoluteError().forOutput("angle"));
    /// ```
    ///
    /// @throws IllegalArgumentException if it already is of an output
    default Measure forOutput(String output) {
        return new OutputMeasure(output, this);
    }
}
