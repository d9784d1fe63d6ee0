package fathom.cli.files;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// A few lines about what a model gives.
public final class OutputSummary {
    private static final int MOST_VALUES = 10;
    private static final int MOST_ROWS = 8;

    private OutputSummary() {}

    /// Name, type, shape, and the values or their range.
    public static String line(String name, Tensor tensor) {
        String line = name + " " + tensor.dtype() + tensor.shape();
        if (tensor.size() == 0) {
            return line;
        }
        double[] values = values(tensor);
        if (values.length <= MOST_VALUES) {
            return line + ": "
                    + IntStream.range(0, values.length)
                            .mapToObj(i -> number(values[i]))
                            .toList();
        }
        double least = values[0];
        double greatest = values[0];
        double sum = 0;
        for (double value : values) {
            least = Math.min(least, value);
            greatest = Math.max(greatest, value);
            sum += value;
        }
        return "%s: from %s to %s, mean %s"
                .formatted(line, number(least), number(greatest), number(sum / values.length));
    }

    private static double[] values(Tensor tensor) {
        return tensor.cast(DType.F64).toDoubles();
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.5g", value);
    }

    /// Whether an output's rows are numbers for so many classes.
    public static boolean isOfClasses(Tensor tensor, int classes) {
        return tensor.rank() >= 1
                && tensor.rank() <= 2
                && tensor.dim(-1) == classes
                && tensor.dtype().isFloating();
    }

    /// The classes with the greatest numbers, for each of the first rows.
    ///
    /// @param tensor `[K]` or `[N, K]`
    /// @param labels of the K classes
    public static List<String> best(Tensor tensor, List<String> labels, int count) {
        double[] values = values(tensor);
        int classes = labels.size();
        int rows = Math.min(MOST_ROWS, values.length / classes);
        List<String> lines = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            int from = row * classes;
            if (rows > 1) {
                lines.add("  row " + row);
            }
            IntStream.range(0, classes)
                    .boxed()
                    .sorted(Comparator.comparingDouble(k -> -values[from + k]))
                    .limit(count)
                    .forEach(k -> lines.add("  %10s  %s".formatted(number(values[from + k]), labels.get(k))));
        }
        return lines;
    }
}
