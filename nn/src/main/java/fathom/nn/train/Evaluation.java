package fathom.nn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// How good a model is on some data.
///
/// @param values loss and metrics, by name
/// @param samples how many samples there were
/// @param seconds how long it took
public record Evaluation(Map<String, Double> values, long samples, double seconds) {
    public Evaluation {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// The mean loss.
    public double loss() {
        return get("loss");
    }

    /// The accuracy.
    ///
    /// @throws IllegalArgumentException if it was not among the metrics
    public double accuracy() {
        return get("accuracy");
    }

    /// The loss or a metric.
    ///
    /// @throws IllegalArgumentException if there is none of that name
    public double get(String name) {
        Double value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("evaluation: no " + name + ", expected one of " + values.keySet());
        }
        return value;
    }

    /// `loss 0.0301 accuracy 0.9912 (10000 samples)`.
    @Override
    public String toString() {
        return Text.measures("", values) + "  (" + samples + " samples)";
    }
}
