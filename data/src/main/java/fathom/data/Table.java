package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Rows of named columns, read from a file.
///
/// A column is a text until it is asked for as numbers or as categories.
public final class Table {
    private final String name;
    private final List<String> columns;
    private final String[][] fields;
    private final long[] lines;

    /// @param fields row by row; a missing value is the empty string
    /// @param lines the line that each row starts on, for errors
    Table(String name, List<String> columns, String[][] fields, long[] lines) {
        this.name = name;
        this.columns = List.copyOf(columns);
        this.fields = fields;
        this.lines = lines;
    }

    /// The number of rows.
    public int rows() {
        return fields.length;
    }

    /// The names of the columns, in order.
    public List<String> columns() {
        return columns;
    }

    /// A column as texts; a missing value is the empty string.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public String[] texts(String column) {
        int index = index(column);
        return Arrays.stream(fields).map(row -> row[index]).toArray(String[]::new);
    }

    /// A column as numbers; a missing value is NaN.
    ///
    /// @throws IllegalArgumentException if there is no such column, or a field is not a number; the
    ///   message names file and line
    public double[] numbers(String column) {
        int index = index(column);
        double[] numbers = new double[rows()];
        for (int row = 0; row < numbers.length; row++) {
            String field = fields[row][index];
            try {
                numbers[row] = field.isEmpty() ? Double.NaN : Double.parseDouble(field);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "%s:%s: column %s: '%s', expected a number".formatted(name, lines[row], column, field), e);
            }
        }
        return numbers;
    }

    /// Whether all values of a column that are not missing are numbers, and there is one.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public boolean isNumeric(String column) {
        String[] given =
                Arrays.stream(texts(column)).filter(text -> !text.isEmpty()).toArray(String[]::new);
        return given.length > 0 && Arrays.stream(given).allMatch(Table::isNumber);
    }

    private static boolean isNumber(String field) {
        try {
            Double.parseDouble(field);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /// A column as categories: its different values in alphabetical order.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public Categories categories(String column) {
        int index = index(column);
        TreeSet<String> names = new TreeSet<>();
        for (String[] row : fields) {
            names.add(row[index]);
        }
        names.remove("");
        return categories(column, List.copyOf(names));
    }

    /// A column as categories that are known from elsewhere, such as the training data.
    ///
    /// @param names the categories, in the order of their indices
    /// @throws IllegalArgumentException if there is no such column, or a field is none of them; the
    ///   message names file and line
    public Categories categories(String column, List<String> names) {
        int index = index(column);
        int[] indices = new int[rows()];
        for (int row = 0; row < indices.length; row++) {
            String field = fields[row][index];
            indices[row] = field.isEmpty() ? Categories.MISSING : names.indexOf(field);
            boolean known = field.isEmpty() || indices[row] >= 0;
            String message = "%s:%s: column %s: '%s', expected one of %s";
            Require.that(known, message, name, lines[row], column, field, names);
        }
        return new Categories(indices, names);
    }

    /// This table with numbers in place of the texts of categorical columns: each category's index, so
    /// that they can be features, of which [Step.OneHot] makes indicators. A missing value stays missing.
    ///
    /// ```
    /// table.indexed("ocean_proximity").features("median_income", "ocean_proximity")
    /// ```
    ///
    /// @param categorical columns whose categories are in alphabetical order
    /// @throws IllegalArgumentException if there is no such column
    public Table indexed(String... categorical) {
        Table table = this;
        for (String column : categorical) {
            table = table.withIndices(column, categories(column));
        }
        return table;
    }

    /// The same for a column whose categories are known from elsewhere, such as the training data.
    ///
    /// @param names the categories, in the order of their indices
    /// @throws IllegalArgumentException as [#categories(String, List)]
    public Table indexed(String column, List<String> names) {
        return withIndices(column, categories(column, names));
    }

    private Table withIndices(String column, Categories categories) {
        int index = index(column);
        String[][] changed = new String[rows()][];
        for (int row = 0; row < changed.length; row++) {
            int category = categories.indices()[row];
            changed[row] = fields[row].clone();
            changed[row][index] = category == Categories.MISSING ? "" : Integer.toString(category);
        }
        return new Table(name, columns, changed, lines);
    }

    /// Numeric columns side by side, F32; missing values are NaN. Fill them in with an `Impute` that
    /// is fitted on the training data. Categorical columns become numeric by [#indexed].
    ///
    /// @throws IllegalArgumentException as [#numbers]
    public float[][] features(String... names) {
        float[][] rows = new float[rows()][names.length];
        for (int column = 0; column < names.length; column++) {
            double[] numbers = numbers(names[column]);
            for (int row = 0; row < rows.length; row++) {
                rows[row][column] = (float) numbers[row];
            }
        }
        return rows;
    }

    /// All columns but some.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public String[] columnsBut(String... names) {
        Stream.of(names).forEach(this::index);
        return columns.stream()
                .filter(column -> !List.of(names).contains(column))
                .toArray(String[]::new);
    }

    /// Features and the class indices of a categorical column.
    ///
    /// @param label the column to be predicted; its categories are in alphabetical order
    /// @param features the numeric columns to predict it from; none: all others
    /// @throws IllegalArgumentException as [#numbers], or if a label is missing
    public Dataset classification(String label, String... features) {
        Categories labels = categories(label);
        checkPresent(label);
        return Dataset.of(features(orOthers(label, features)), labels.indices());
    }

    /// Features and the values of a numeric column, F32 `[1]`.
    ///
    /// @param target the column to be predicted
    /// @param features the numeric columns to predict it from; none: all others
    /// @throws IllegalArgumentException as [#numbers], or if a target is missing
    public Dataset regression(String target, String... features) {
        checkPresent(target);
        return Dataset.of(features(orOthers(target, features)), features(target));
    }

    private String[] orOthers(String label, String... features) {
        return features.length == 0 ? columnsBut(label) : features;
    }

    private void checkPresent(String column) {
        int index = index(column);
        for (int row = 0; row < rows(); row++) {
            boolean present = !fields[row][index].isEmpty();
            Require.that(present, "%s:%s: column %s has no value, expected one", name, lines[row], column);
        }
    }

    /// A column as a tensor of class indices, I32 `[N]`; -1 for a missing value.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public Tensor indices(String column) {
        return Tensor.of(categories(column).indices(), rows());
    }

    private int index(String column) {
        int index = columns.indexOf(column);
        Require.that(index >= 0, "%s: no column %s, expected one of %s", name, column, columns);
        return index;
    }

    /// One line: how many rows of which columns.
    @Override
    public String toString() {
        return name + ": " + rows() + " rows of " + columns;
    }

    /// A column of categories.
    ///
    /// @param indices each row's category, or [#MISSING]
    /// @param names the categories' names, in the order of their indices
    public record Categories(int[] indices, List<String> names) {
        /// The index of a value that is missing.
        public static final int MISSING = -1;

        public Categories {
            names = List.copyOf(names);
        }
    }
}
