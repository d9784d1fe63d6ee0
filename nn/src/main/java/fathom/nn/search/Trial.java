package fathom.nn.search;

import java.util.Optional;

/// What came of one candidate.
///
/// @param candidate the settings
/// @param budget what it was given, such as a number of epochs
/// @param value how good it is; NaN if it failed
/// @param seconds how long it took
/// @param failure why it failed, if it did
public record Trial(Candidate candidate, int budget, double value, double seconds, Optional<String> failure) {
    /// Whether this is the trial of a candidate with a budget.
    boolean isOf(Candidate other, int otherBudget) {
        return budget == otherBudget && candidate.equals(other);
    }
}
