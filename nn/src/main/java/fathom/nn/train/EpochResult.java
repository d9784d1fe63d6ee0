package fathom.nn.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What an epoch has come to.
///
/// @param epoch its number, from 1
/// @param training loss and metrics over its steps, by name
/// @param validation loss and metrics on the validation data after it; empty if there is none
/// @param samples how many samples were trained on
/// @param seconds how long that took, validation not included
public record EpochResult(
        int epoch, Map<String, Double> training, Map<String, Double> validation, long samples, double seconds) {
    public EpochResult {
        training = Collections.unmodifiableMap(new LinkedHashMap<>(training));
        validation = Collections.unmodifiableMap(new LinkedHashMap<>(validation));
    }

    /// The mean loss over the epoch.
    public double loss() {
        return training.getOrDefault("loss", Double.NaN);
    }

    /// Writes it under a prefix.
    void write(Map<String, String> metadata, String prefix) {
        metadata.put(prefix + "epoch", Integer.toString(epoch));
        metadata.put(prefix + "samples", Long.toString(samples));
        metadata.put(prefix + "seconds", Double.toString(seconds));
        Metadata.put(metadata, prefix + "training.", training);
        Metadata.put(metadata, prefix + "validation.", validation);
    }

    /// Reads what [#write] wrote.
    static EpochResult read(Metadata metadata, String prefix) {
        return new EpochResult(
                metadata.small(prefix + "epoch"),
                metadata.numbers(prefix + "training."),
                metadata.numbers(prefix + "validation."),
                metadata.integer(prefix + "samples"),
                metadata.number(prefix + "seconds"));
    }

    /// Whether all but the time is the same, to the last bit.
    public boolean sameAs(EpochResult other) {
        return epoch == other.epoch
                && samples == other.samples
                && training.equals(other.training)
                && validation.equals(other.validation);
    }
}
