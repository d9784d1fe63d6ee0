package fathom.nn.train;

import fathom.ir.Require;

/// When to stop because nothing gets better any more.
///
/// @param measure `loss` or a metric's name
/// @param validation whether that of the validation data is meant, or that of training
/// @param greaterIsBetter whether it is to become great, as an accuracy, or small, as a loss
/// @param patience how many epochs without a new best are waited for, at least 1
/// @param minimumChange how much better a new best must be
/// @param restoreBest whether the model gets the weights of the best epoch back at the end
public record EarlyStopping(
        String measure,
        boolean validation,
        boolean greaterIsBetter,
        int patience,
        double minimumChange,
        boolean restoreBest) {
    public EarlyStopping {
        Require.positive("early stopping: patience", patience);
        Require.that(minimumChange >= 0, "early stopping: minimum change %s, expected 0 or more", minimumChange);
    }

    /// When the validation loss has not fallen for as many epochs.
    public static EarlyStopping onValidationLoss(int patience) {
        return new EarlyStopping("loss", true, false, patience, 0, false);
    }

    /// When a metric of the validation data has not risen for as many epochs.
    public static EarlyStopping onValidation(String metric, int patience) {
        return new EarlyStopping(metric, true, true, patience, 0, false);
    }

    /// When the training loss has not fallen for as many epochs.
    public static EarlyStopping onTrainingLoss(int patience) {
        return new EarlyStopping("loss", false, false, patience, 0, false);
    }

    /// Only changes of this size count.
    public EarlyStopping minimumChange(double change) {
        return new EarlyStopping(measure, validation, greaterIsBetter, patience, change, restoreBest);
    }

    /// The model gets the weights of the best epoch back at the end.
    public EarlyStopping restoringBest() {
        return new EarlyStopping(measure, validation, greaterIsBetter, patience, minimumChange, true);
    }

    Watch watch() {
        return new Watch("early stopping", measure, validation, greaterIsBetter, minimumChange);
    }
}
