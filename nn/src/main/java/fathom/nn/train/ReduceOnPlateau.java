package fathom.nn.train;

import fathom.ir.Require;

/// Makes the step size smaller when nothing gets better any more.
///
/// It changes the learning rate of the rule, so the factors of a schedule still apply to it.
///
/// @param measure `loss` or a metric's name
/// @param validation whether that of the validation data is meant, or that of training
/// @param greaterIsBetter whether it is to become great, as an accuracy, or small, as a loss
/// @param patience how many epochs without a new best are waited for, at least 1
/// @param factor what the learning rate is multiplied by, above 0 and below 1
/// @param minimumChange how much better a new best must be
/// @param cooldown epochs after a change that do not count, 0 or more
/// @param minimum the learning rate that it does not fall below, 0 or more
public record ReduceOnPlateau(
        String measure,
        boolean validation,
        boolean greaterIsBetter,
        int patience,
        double factor,
        double minimumChange,
        int cooldown,
        double minimum) {
    public ReduceOnPlateau {
        Require.positive("reduce on plateau: patience", patience);
        boolean shrinks = factor > 0 && factor < 1;
        Require.that(shrinks, "reduce on plateau: factor %s, expected above 0 and below 1", factor);
        Require.that(minimumChange >= 0, "reduce on plateau: minimum change %s, expected 0 or more", minimumChange);
        Require.that(cooldown >= 0, "reduce on plateau: cooldown %s, expected 0 or more", cooldown);
        Require.notNegative("reduce on plateau: minimum", minimum);
    }

    /// To a tenth when the validation loss has not fallen for as many epochs.
    public static ReduceOnPlateau onValidationLoss(int patience) {
        return new ReduceOnPlateau("loss", true, false, patience, 0.1, 0, 0, 0);
    }

    /// To a tenth when a metric of the validation data has not risen for as many epochs.
    public static ReduceOnPlateau onValidation(String metric, int patience) {
        return new ReduceOnPlateau(metric, true, true, patience, 0.1, 0, 0, 0);
    }

    /// To a tenth when the training loss has not fallen for as many epochs.
    public static ReduceOnPlateau onTrainingLoss(int patience) {
        return new ReduceOnPlateau("loss", false, false, patience, 0.1, 0, 0, 0);
    }

    /// Multiplies the learning rate by this.
    public ReduceOnPlateau factor(double by) {
        return new ReduceOnPlateau(
                measure, validation, greaterIsBetter, patience, by, minimumChange, cooldown, minimum);
    }

    /// Only changes of this size count.
    public ReduceOnPlateau minimumChange(double change) {
        return new ReduceOnPlateau(measure, validation, greaterIsBetter, patience, factor, change, cooldown, minimum);
    }

    /// So many epochs after a change do not count.
    public ReduceOnPlateau cooldown(int epochs) {
        return new ReduceOnPlateau(
                measure, validation, greaterIsBetter, patience, factor, minimumChange, epochs, minimum);
    }

    /// The learning rate does not fall below this.
    public ReduceOnPlateau minimum(double learningRate) {
        return new ReduceOnPlateau(
                measure, validation, greaterIsBetter, patience, factor, minimumChange, cooldown, learningRate);
    }

    Watch watch() {
        return new Watch("reduce on plateau", measure, validation, greaterIsBetter, minimumChange);
    }

    /// How things stand.
    ///
    /// @param best the best value so far, NaN if there is none
    /// @param waited epochs without a new best that count
    /// @param cooling epochs to come that do not count
    /// @param learningRate the learning rate
    public record State(double best, int waited, int cooling, double learningRate) {}

    /// How things stand before the first epoch.
    public State start(double learningRate) {
        return new State(Double.NaN, 0, 0, learningRate);
    }

    /// How things stand after another epoch.
    ///
    /// @param value the measure
    public State next(State before, double value) {
        boolean better = watch().isBetter(value, before.best());
        double best = better ? value : before.best();
        boolean counts = !better && before.cooling() == 0;
        int waited = counts ? before.waited() + 1 : 0;
        if (waited < patience) {
            return new State(best, waited, Math.max(0, before.cooling() - 1), before.learningRate());
        }
        double rate = before.learningRate();
        return new State(best, 0, cooldown, Math.min(rate, Math.max(rate * factor, minimum)));
    }
}
