package fathom.nn.search;

import fathom.ir.Require;
import fathom.nn.train.DivergedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Tries candidates and ranks them.
///
/// ```java
/// var results = Search.of((candidate, epochs) -> {
///             var trainer = Trainer.of(model(candidate.integer("units")))
///                     .loss(Loss.crossEntropy())
///                     .optimizer(Adam.of(candidate.number("learningRate")));
///             trainer.fit(train, Epochs.of(epochs));
///             return trainer.evaluate(validation).loss();
///         })
///         .log(JsonTrialLog.in(Path.of("search.jsonl")))
///         .halving(space.draw(27, 42), 1, 3);
/// System.out.println(results.table());
/// ```
///
/// With the same seed and candidates a search has the same outcome, also if it was interrupted and
/// started again with the same log: what the log has is not tried again. A training that diverges is
/// a failed trial and not the end of the search; any other exception ends it.
public final class Search {
    private final Objective objective;
    private final boolean greaterIsBetter;
    private final TrialLog log;

    /// How good a candidate is.
    @FunctionalInterface
    public interface Objective {
        /// Trains with the candidate's settings and measures the outcome.
        ///
        /// @param budget how much may be spent on it, such as a number of epochs
        double value(Candidate candidate, int budget);
    }

    private Search(Objective objective, boolean greaterIsBetter, TrialLog log) {
        this.objective = objective;
        this.greaterIsBetter = greaterIsBetter;
        this.log = log;
    }

    /// A search for the smallest value, as of a loss.
    public static Search of(Objective objective) {
        return new Search(objective, false, TrialLog.inMemory());
    }

    /// For the greatest value, as of an accuracy.
    public Search greaterIsBetter() {
        return new Search(objective, true, log);
    }

    /// With another log than one in memory.
    public Search log(TrialLog where) {
        return new Search(objective, greaterIsBetter, where);
    }

    /// Tries all candidates with the same budget: a grid ([Space#grid]) or random ones
    /// ([Space#draw]; Bergstra and Bengio: *Random search for hyper-parameter optimization* (2012)).
    ///
    /// @throws IllegalArgumentException if there are none, or the budget is below 1
    public Results run(List<Candidate> candidates, int budget) {
        return Results.of(tried(candidates, budget), greaterIsBetter);
    }

    /// Tries all candidates with a small budget, the best of them with `factor` times as much, and so
    /// on until one is left. Each trial begins anew. Jamieson and Talwalkar: *Non-stochastic best arm
    /// identification and hyperparameter optimization* (2016).
    ///
    /// @param budget of the first round
    /// @param factor by which the candidates become fewer and the budget greater, at least 2
    /// @throws IllegalArgumentException if there are no candidates, the budget is below 1 or the
    ///   factor below 2
    public Results halving(List<Candidate> candidates, int budget, int factor) {
        Require.that(factor >= 2, "halving: a factor of %s, expected at least 2", factor);
        List<Trial> all = new ArrayList<>();
        List<Candidate> left = candidates;
        int given = budget;
        while (true) {
            List<Trial> round = tried(left, given);
            all.addAll(round);
            if (left.size() == 1) {
                return Results.of(all, greaterIsBetter);
            }
            left = Results.of(round, greaterIsBetter).trials().stream()
                    .limit(Math.max(1, left.size() / factor))
                    .map(Trial::candidate)
                    .toList();
            given = Math.multiplyExact(given, factor);
        }
    }

    private List<Trial> tried(List<Candidate> candidates, int budget) {
        Require.that(!candidates.isEmpty(), "search: no candidates, expected at least one");
        Require.positive("search: budget", budget);
        List<Trial> known = log.trials();
        List<Trial> trials = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Optional<Trial> before =
                    known.stream().filter(t -> t.isOf(candidate, budget)).findFirst();
            if (before.isPresent()) {
                trials.add(before.get());
                continue;
            }
            Trial trial = trial(candidate, budget);
            log.add(trial);
            trials.add(trial);
        }
        return trials;
    }

    private Trial trial(Candidate candidate, int budget) {
        long start = System.nanoTime();
        double value = Double.NaN;
        Optional<String> failure = Optional.empty();
        try {
            value = objective.value(candidate, budget);
            if (Double.isNaN(value)) {
                failure = Optional.of("its value is NaN");
            }
        } catch (DivergedException e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
        }
        return new Trial(candidate, budget, value, (System.nanoTime() - start) / 1e9, failure);
    }
}
