package fathom.data;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/// One step of [Preprocessing]: what it does with a row of features, F32, once it has been fitted.
public sealed interface Step extends Transform {
    /// How many features a row must have.
    int inputs();

    /// How many features it has afterwards.
    int outputs();

    /// Fits a step on training data. The steps have methods that give such functions.
    @FunctionalInterface
    interface Fitting {
        /// The step that suits some rows.
        ///
        /// @param rows `[samples][features]`, at least one
        Step fit(float[][] rows);
    }

    /// Moves and shrinks each feature so that the training data's are from 0 to 1; one that never
    /// varies becomes 0.
    ///
    /// @param least the training data's least values
    /// @param most the greatest
    record MinMax(List<Double> least, List<Double> most) implements Step {
        public MinMax {
            least = List.copyOf(least);
            most = List.copyOf(most);
            Require.that(
                    least.size() == most.size(),
                    "min max: %s and %s limits, expected as many",
                    least.size(),
                    most.size());
        }

        /// Fits to the least and greatest values.
        public static Fitting fitting() {
            return rows -> {
                List<double[]> columns = columns("min max", rows);
                return new MinMax(
                        columns.stream()
                                .map(c -> Arrays.stream(c).min().orElseThrow())
                                .toList(),
                        columns.stream()
                                .map(c -> Arrays.stream(c).max().orElseThrow())
                                .toList());
            };
        }

        @Override
        public int inputs() {
            return least.size();
        }

        @Override
        public int outputs() {
            return least.size();
        }

        @Override
        public void apply(float[] sample, float[] result) {
            for (int i = 0; i < result.length; i++) {
                double range = most.get(i) - least.get(i);
                result[i] = (float) ((sample[i] - least.get(i)) / (range == 0 ? 1 : range));
            }
        }
    }

    /// Subtracts each feature's mean and divides by its standard deviation, so that the training
    /// data's have mean 0 and deviation 1; one that never varies becomes 0.
    ///
    /// @param statistics the training data's
    record Standardise(Statistics statistics) implements Step {
        /// Fits to means and standard deviations.
        public static Fitting fitting() {
            return rows -> {
                columns("standardise", rows);
                return new Standardise(Dataset.of(rows, new int[rows.length]).statistics());
            };
        }

        @Override
        public int inputs() {
            return statistics.mean().size();
        }

        @Override
        public int outputs() {
            return inputs();
        }

        @Override
        public void apply(float[] sample, float[] result) {
            for (int i = 0; i < result.length; i++) {
                double deviation = statistics.deviation().get(i);
                result[i] = (float) ((sample[i] - statistics.mean().get(i)) / (deviation == 0 ? 1 : deviation));
            }
        }
    }

    /// Puts a value in for each one that is missing, which is NaN.
    ///
    /// @param fillers each feature's value
    record Impute(List<Double> fillers) implements Step {
        public Impute {
            fillers = List.copyOf(fillers);
        }

        /// Fits to the mean of what is there.
        public static Fitting mean() {
            return fitting(values -> Arrays.stream(values).average().orElseThrow());
        }

        /// Fits to the middle of what is there; of an even number the mean of both middle ones.
        public static Fitting median() {
            return fitting(values -> {
                double[] sorted = Arrays.stream(values).sorted().toArray();
                return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
            });
        }

        /// Fits to the value that is there most often; of several the least.
        public static Fitting mostFrequent() {
            return fitting(values -> {
                Map<Double, Integer> counts = new HashMap<>();
                Arrays.stream(values).forEach(value -> counts.merge(value, 1, Integer::sum));
                int most = Collections.max(counts.values());
                return counts.entrySet().stream()
                        .filter(entry -> entry.getValue() == most)
                        .mapToDouble(Map.Entry::getKey)
                        .min()
                        .orElseThrow();
            });
        }

        private static Fitting fitting(java.util.function.ToDoubleFunction<double[]> filler) {
            return rows -> {
                List<Double> fillers = new ArrayList<>();
                for (int column = 0; column < rows[0].length; column++) {
                    double[] values = Arrays.stream(column(rows, column))
                            .filter(value -> !Double.isNaN(value))
                            .toArray();
                    Require.that(values.length > 0, "impute: feature %s has no value, expected at least one", column);
                    fillers.add(filler.applyAsDouble(values));
                }
                return new Impute(fillers);
            };
        }

        @Override
        public int inputs() {
            return fillers.size();
        }

        @Override
        public int outputs() {
            return inputs();
        }

        @Override
        public void apply(float[] sample, float[] result) {
            for (int i = 0; i < result.length; i++) {
                result[i] = Float.isNaN(sample[i]) ? fillers.get(i).floatValue() : sample[i];
            }
        }
    }

    /// Makes of some features one for each value that the training data have, 1 where the feature has
    /// that value and 0 elsewhere; a value that the training data lack gives zeros. Other features
    /// stay as they are, and all stay in order.
    ///
    /// @param values each feature's values in rising order; none: it stays
    record OneHot(List<List<Double>> values) implements Step {
        public OneHot {
            values = values.stream().map(List::copyOf).toList();
        }

        /// Fits to the values of some features.
        ///
        /// @param columns which features, from 0
        public static Fitting columns(int... columns) {
            return rows -> {
                List<double[]> all = Step.columns("one hot", rows);
                List<List<Double>> values = new ArrayList<>(Collections.nCopies(all.size(), List.of()));
                for (int column : columns) {
                    boolean fits = column >= 0 && column < all.size();
                    Require.that(fits, "one hot: feature %s, expected 0 to %s", column, all.size() - 1);
                    TreeSet<Double> different = new TreeSet<>();
                    Arrays.stream(all.get(column)).forEach(different::add);
                    values.set(column, List.copyOf(different));
                }
                return new OneHot(values);
            };
        }

        @Override
        public int inputs() {
            return values.size();
        }

        @Override
        public int outputs() {
            return values.stream().mapToInt(list -> Math.max(1, list.size())).sum();
        }

        @Override
        public void apply(float[] sample, float[] result) {
            int at = 0;
            for (int i = 0; i < values.size(); i++) {
                List<Double> known = values.get(i);
                if (known.isEmpty()) {
                    result[at++] = sample[i];
                } else {
                    int place = known.indexOf((double) sample[i]);
                    for (int k = 0; k < known.size(); k++) {
                        result[at++] = k == place ? 1 : 0;
                    }
                }
            }
        }
    }

    /// The features of some rows, all of which must be finite.
    private static List<double[]> columns(String step, float[][] rows) {
        List<double[]> columns = new ArrayList<>();
        for (int column = 0; column < rows[0].length; column++) {
            double[] values = column(rows, column);
            boolean finite = Arrays.stream(values).allMatch(Double::isFinite);
            String message =
                    "%s: feature %s has values that are missing or infinite, expected finite ones (Impute fills them"
                            + " in)";
            Require.that(finite, message, step, column);
            columns.add(values);
        }
        return columns;
    }

    private static double[] column(float[][] rows, int column) {
        return Stream.of(rows).mapToDouble(row -> row[column]).toArray();
    }
}
