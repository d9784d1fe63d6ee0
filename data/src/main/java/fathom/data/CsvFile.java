package fathom.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.IndexedCsvReader;
import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A table of values that stays in its file: lines are read when a batch needs them, so that memory
/// holds a few pages of lines, and for all others only where each page begins. A [Table] has all of
/// its fields in memory and can do more.
///
/// ```
/// CsvFile flights = Csv.standard().open(Path.of("flights.csv"));
/// Dataset set = flights.regression("delay");
/// ```
///
/// Whoever shuffles samples reads a page for each, which takes about 100 times as long as reading
/// them in their order; write them in random order, or as a [RawFile], for many epochs.
public final class CsvFile {
    /// Lines that are read at once.
    static final int PAGE = 128;
    /// Pages that are kept: a few batches are read at the same time, inputs and targets of each.
    private static final int KEPT = 16;

    private final Csv format;
    private final String name;
    private final IndexedCsvReader<CsvRecord> reader;
    private final List<String> columns;
    private final int rows;
    private final Map<Integer, List<CsvRecord>> pages = new LinkedHashMap<>(KEPT, 0.75f, true);

    private CsvFile(Csv format, Path file) throws IOException {
        this.format = format;
        this.name = file.toString();
        this.reader = IndexedCsvReader.builder()
                .fieldSeparator(format.separator())
                .quoteCharacter(format.quoted() ? '"' : '\0')
                .allowUnclosedQuote(false)
                .pageSize(PAGE)
                .ofCsvRecord(file);
        long lines = reader.getIndex().recordCount();
        Require.that(lines > 0, "%s: empty, expected lines of values", name);
        List<String> first = page(0).getFirst().getFields();
        this.columns = format.columns(first, name);
        long values = lines - header();
        Require.that(values > 0, "%s: no line of values after the header, expected at least one", name);
        Require.that(values <= Integer.MAX_VALUE, "%s: %s lines of values, expected below 2^31", name, values);
        this.rows = (int) values;
    }

    /// @throws IllegalArgumentException if a quote is not closed, a column has no name or the name of
    ///   another, or there is no line of values
    /// @throws UncheckedIOException if the file cannot be read
    static CsvFile open(Csv format, Path file) {
        try {
            return new CsvFile(format, file);
        } catch (CsvParseException e) {
            throw new IllegalArgumentException(file + ": not a table: " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private int header() {
        return format.header() ? 1 : 0;
    }

    /// The columns' names.
    public List<String> columns() {
        return columns;
    }

    /// How many lines of values there are.
    public int rows() {
        return rows;
    }

    /// Numeric columns side by side, F32 `[columns]`; missing values are NaN.
    ///
    /// Reading them throws an [IllegalArgumentException] that names file and line where a field is no
    /// number, or a line has not as many fields as there are columns.
    ///
    /// @throws IllegalArgumentException if there is no such column
    public Samples numbers(String... names) {
        int[] picked = Arrays.stream(names).mapToInt(this::index).toArray();
        return new Numbers(this, picked);
    }

    /// A column of categories, I32 scalars.
    ///
    /// Reading them throws an [IllegalArgumentException] that names file and line where a field is none
    /// of the categories.
    ///
    /// @param names the categories, in the order of their indices
    /// @throws IllegalArgumentException if there is no such column
    public Samples categories(String column, List<String> names) {
        return new Categories(this, index(column), List.copyOf(names));
    }

    /// Features and the values of a numeric column, F32 `[1]`.
    ///
    /// @param target the column to be predicted
    /// @param features the numeric columns to predict it from; none: all others
    /// @throws IllegalArgumentException if there is no such column
    public Dataset regression(String target, String... features) {
        return Dataset.of(numbers(orOthers(target, features)), numbers(target));
    }

    /// Features and the class indices of a column.
    ///
    /// @param label the column to be predicted
    /// @param classes its categories, in the order of their indices
    /// @param features the numeric columns to predict it from; none: all others
    /// @throws IllegalArgumentException if there is no such column
    public Dataset classification(String label, List<String> classes, String... features) {
        return Dataset.of(numbers(orOthers(label, features)), categories(label, classes));
    }

    private String[] orOthers(String label, String... features) {
        int own = index(label);
        return features.length > 0
                ? features
                : IntStream.range(0, columns.size())
                        .filter(i -> i != own)
                        .mapToObj(columns::get)
                        .toArray(String[]::new);
    }

    private int index(String column) {
        int index = columns.indexOf(column);
        Require.that(index >= 0, "%s: no column %s, expected one of %s", name, column, columns);
        return index;
    }

    private CsvRecord row(int index) {
        int line = index + header();
        CsvRecord values = page(line / PAGE).get(line % PAGE);
        String message = "%s:%s: %s fields, expected %s";
        boolean fits = values.getFieldCount() == columns.size();
        Require.that(fits, message, name, values.getStartingLineNumber(), values.getFieldCount(), columns.size());
        return values;
    }

    private synchronized List<CsvRecord> page(int number) {
        List<CsvRecord> kept = pages.get(number);
        if (kept != null) {
            return kept;
        }
        try {
            List<CsvRecord> read = reader.readPage(number);
            if (pages.size() == KEPT) {
                pages.remove(pages.keySet().iterator().next());
            }
            pages.put(number, read);
            return read;
        } catch (CsvParseException e) {
            throw new IllegalArgumentException(name + ": not a table: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// One line: how many rows of which columns.
    @Override
    public String toString() {
        return name + ": " + rows + " rows of " + columns;
    }

    private record Numbers(CsvFile file, int[] columns) implements Samples {
        @Override
        public int count() {
            return file.rows;
        }

        @Override
        public Shape shape() {
            return Shape.of(columns.length);
        }

        @Override
        public DType dtype() {
            return DType.F32;
        }

        @Override
        public void read(int[] indices, Buffer into) {
            float[] values = (float[]) into.array();
            int at = 0;
            for (int index : indices) {
                CsvRecord row = file.row(index);
                for (int column : columns) {
                    values[at++] = number(row, column);
                }
            }
        }

        private float number(CsvRecord row, int column) {
            String field = file.format.value(row.getField(column));
            try {
                return field.isEmpty() ? Float.NaN : (float) Double.parseDouble(field);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "%s:%s: column %s: '%s', expected a number"
                                .formatted(file.name, row.getStartingLineNumber(), file.columns.get(column), field),
                        e);
            }
        }
    }

    private record Categories(CsvFile file, int column, List<String> names) implements Samples {
        @Override
        public int count() {
            return file.rows;
        }

        @Override
        public Shape shape() {
            return Shape.SCALAR;
        }

        @Override
        public DType dtype() {
            return DType.I32;
        }

        @Override
        public void read(int[] indices, Buffer into) {
            for (int i = 0; i < indices.length; i++) {
                CsvRecord row = file.row(indices[i]);
                String field = file.format.value(row.getField(column));
                int category = names.indexOf(field);
                String message = "%s:%s: column %s: '%s', expected one of %s";
                String title = file.columns.get(column);
                Require.that(category >= 0, message, file.name, row.getStartingLineNumber(), title, field, names);
                into.setLong(i, category);
            }
        }
    }
}
