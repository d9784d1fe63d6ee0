package fathom.nn.train;

/// A measure of every epoch that is to become better.
///
/// @param who watches it, for messages
/// @param measure `loss` or a metric's name
/// @param validation whether that of the validation data is meant, or that of training
/// @param greaterIsBetter whether it is to become great, as an accuracy, or small, as a loss
/// @param minimumChange how much better a new best must be
public record Watch(String who, String measure, boolean validation, boolean greaterIsBetter, double minimumChange) {
    /// The loss on the validation data, which is to fall.
    public static Watch validationLoss() {
        return new Watch("watch", "loss", true, false, 0);
    }

    /// A metric of the validation data, which is to rise.
    public static Watch validation(String metric) {
        return new Watch("watch", metric, true, true, 0);
    }

    /// The loss of training, which is to fall.
    public static Watch trainingLoss() {
        return new Watch("watch", "loss", false, false, 0);
    }

    /// The same measure, which is to fall.
    public Watch falling() {
        return new Watch(who, measure, validation, false, minimumChange);
    }

    /// The measure after an epoch.
    ///
    /// @throws IllegalStateException if the epoch has no such measure
    public double value(EpochResult epoch) {
        var measures = validation ? epoch.validation() : epoch.training();
        Double value = measures.get(measure);
        if (value == null) {
            throw new IllegalStateException(who
                    + ": no "
                    + (validation ? "validation " : "training ")
                    + measure
                    + (validation && measures.isEmpty()
                            ? ", as there is no validation data: call validation(...)"
                            : ", expected one of " + measures.keySet()));
        }
        return value;
    }

    /// Whether a value is better than the best so far, NaN if there is none.
    public boolean isBetter(double value, double best) {
        return Double.isNaN(best) || (greaterIsBetter ? value > best + minimumChange : value < best - minimumChange);
    }
}
