package fathom.nn.search;

import fathom.ir.Require;
import fathom.nn.train.Evaluation;
import fathom.tensor.Batches;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The measures of a model that was trained several times, each time without another part of the
/// data, on which it was then measured.
///
/// @param folds what each training came to
public record CrossValidation(List<Evaluation> folds) {
    public CrossValidation {
        folds = List.copyOf(folds);
        Require.that(!folds.isEmpty(), "cross-validation: no folds, expected at least one");
    }

    /// One way to divide the data.
    ///
    /// @param training what is trained on
    /// @param validation what is measured on
    public record Fold(Batches training, Batches validation) {}

    /// Trains and measures once for each fold.
    ///
    /// @param train builds a model of its own, trains it on the fold's first part and evaluates it on
    ///   the second
    /// @throws IllegalArgumentException if there are no folds
    public static CrossValidation over(List<Fold> folds, Function<Fold, Evaluation> train) {
        List<Evaluation> results = new ArrayList<>();
        folds.forEach(fold -> results.add(train.apply(fold)));
        return new CrossValidation(results);
    }

    /// Mean and standard deviation of a measure over the folds, the latter over `folds - 1`, NaN if
    /// there is one fold.
    public record Spread(double mean, double standardDeviation) {}

    /// The spread of a measure: `loss` or a metric's name.
    ///
    /// @throws IllegalArgumentException if there is no such measure
    public Spread spread(String name) {
        double sum = 0;
        for (Evaluation e : folds) {
            sum += e.get(name);
        }
        double mean = sum / folds.size();
        double squares = 0;
        for (Evaluation e : folds) {
            squares += (e.get(name) - mean) * (e.get(name) - mean);
        }
        return new Spread(mean, Math.sqrt(squares / (folds.size() - 1)));
    }

    /// The spread of every measure, by name.
    public Map<String, Spread> spreads() {
        Map<String, Spread> all = new LinkedHashMap<>();
        folds.getFirst().values().keySet().forEach(name -> all.put(name, spread(name)));
        return all;
    }
}
