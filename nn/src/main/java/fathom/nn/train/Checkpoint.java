package fathom.nn.train;

import fathom.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Everything a training is made of at one moment: weights, running statistics, the optimiser's
/// slots, the random stream's position, the place in the data, sums and history.
///
/// @param tensors values of their own, by name: `model.0.weight`, `optimizer.momentum.0.weight`,
///   ...
/// @param metadata numbers and names, as text that gives them back exactly
public record Checkpoint(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /// What the names of the model's parameters and buffers begin with.
    public static final String MODEL = "model.";

    static final String HISTORY_COUNT = "history.count";

    public Checkpoint {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// The model's parameters and buffers, for [fathom.nn.Modules#load].
    public Map<String, Tensor> model() {
        return under(MODEL);
    }

    /// The epoch at whose end it was made. Empty if that was within an epoch, or at the end of a
    /// training that gave the model its best weights back.
    ///
    /// @throws IllegalArgumentException if the metadata are not those of a training
    public Optional<EpochResult> finishedEpoch() {
        Metadata texts = new Metadata(metadata);
        int count = metadata.containsKey(HISTORY_COUNT) ? texts.small(HISTORY_COUNT) : 0;
        if (count == 0 || texts.small("position") > 0 || metadata.containsKey(Patience.RESTORED)) {
            return Optional.empty();
        }
        return Optional.of(EpochResult.read(texts, history(count - 1)));
    }

    /// What the names of an epoch's numbers begin with.
    static String history(int i) {
        return "history." + i + ".";
    }

    /// The tensors whose names begin with the prefix, without it.
    Map<String, Tensor> under(String prefix) {
        Map<String, Tensor> found = new LinkedHashMap<>();
        tensors.forEach((name, t) -> {
            if (name.startsWith(prefix)) {
                found.put(name.substring(prefix.length()), t);
            }
        });
        return found;
    }
}
