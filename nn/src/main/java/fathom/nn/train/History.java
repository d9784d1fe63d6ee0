package fathom.nn.train;

import java.util.ArrayList;
import java.util.List;

/// How a training went, epoch by epoch.
///
/// @param epochs the epochs that were finished, those before a resume included
/// @param interrupted whether it was stopped before the last epoch's end
public record History(List<EpochResult> epochs, boolean interrupted) {
    public History {
        epochs = List.copyOf(epochs);
    }

    /// A training measure over the epochs: `loss` or a metric's name.
    ///
    /// @throws IllegalArgumentException if there is no such measure
    public double[] training(String name) {
        return values(name, false);
    }

    /// A validation measure over the epochs: `loss` or a metric's name.
    ///
    /// @throws IllegalArgumentException if there is no such measure
    public double[] validation(String name) {
        return values(name, true);
    }

    private double[] values(String name, boolean validation) {
        List<Double> values = new ArrayList<>();
        for (EpochResult e : epochs) {
            var measures = validation ? e.validation() : e.training();
            Double value = measures.get(name);
            if (value == null) {
                throw new IllegalArgumentException("history: no "
                        + (validation ? "validation" : "training")
                        + " measure "
                        + name
                        + ", expected one of "
                        + measures.keySet());
            }
            values.add(value);
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /// Whether all but the times is the same, to the last bit.
    public boolean sameAs(History other) {
        boolean same = interrupted == other.interrupted && epochs.size() == other.epochs.size();
        for (int i = 0; same && i < epochs.size(); i++) {
            same = epochs.get(i).sameAs(other.epochs.get(i));
        }
        return same;
    }
}
