package fathom.nn.train;

/// Something to be measured besides the loss: by a [Metric] in the program of each step, or by a
/// [StreamingMetric] from evaluated batches.
public sealed interface Measure permits Metric, StreamingMetric {
    /// What it is called in progress lines and histories.
    String name();
}
