package fathom.nn.search;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.SequencedSet;

/// The outcome of a search.
///
/// @param trials the best first; a larger budget comes before a smaller one, and what failed comes
///   last
public record Results(List<Trial> trials) {
    public Results {
        trials = List.copyOf(trials);
    }

    static Results of(List<Trial> trials, boolean greaterIsBetter) {
        Comparator<Trial> byValue = Comparator.comparingDouble(t -> greaterIsBetter ? -t.value() : t.value());
        List<Trial> ranked = new ArrayList<>(trials);
        ranked.sort(Comparator.<Trial>comparingInt(t -> Double.isNaN(t.value()) ? 1 : 0)
                .thenComparingInt(t -> -t.budget())
                .thenComparing(byValue));
        return new Results(ranked);
    }

    /// The best trial.
    ///
    /// @throws IllegalStateException if all have failed
    public Trial best() {
        Trial first = trials.getFirst();
        if (Double.isNaN(first.value())) {
            throw new IllegalStateException("search: all " + trials.size() + " candidates failed, the first with: "
                    + first.failure().orElse("NaN"));
        }
        return first;
    }

    /// A line for each trial: value, budget, seconds and settings.
    public String table() {
        SequencedSet<String> names = new LinkedHashSet<>();
        trials.forEach(t -> names.addAll(t.candidate().values().keySet()));
        StringBuilder text = new StringBuilder("%12s %8s %8s".formatted("value", "budget", "seconds"));
        names.forEach(n -> text.append(" %14s".formatted(n)));
        text.append('\n');
        for (Trial t : trials) {
            String value = t.failure().isPresent() ? "failed" : String.format(Locale.ROOT, "%.6g", t.value());
            text.append(String.format(Locale.ROOT, "%12s %8d %8.1f", value, t.budget(), t.seconds()));
            names.forEach(n ->
                    text.append(" %14s".formatted(shown(t.candidate().values().getOrDefault(n, "")))));
            text.append('\n');
        }
        return text.toString();
    }

    private static String shown(Object value) {
        return value instanceof Double d ? String.format(Locale.ROOT, "%.5g", d) : String.valueOf(value);
    }
}
