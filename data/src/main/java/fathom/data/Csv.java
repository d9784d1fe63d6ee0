package fathom.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import fathom.ir.Require;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// How to read a file of separated values.
///
/// Fields may be in double quotes; lines that are empty are left out.
///
/// ```
/// Table houses = Csv.standard().read(Path.of("houses.csv.gz"));
/// ```
///
/// @param header whether the first line names the columns; without, they are `0`, `1` and so on
/// @param separator the character between fields
/// @param quoted whether a double quote begins a field that may hold separators and line ends
/// @param missing the fields that stand for no value, compared without white space around them
public record Csv(boolean header, char separator, boolean quoted, Set<String> missing) {
    private static final Set<String> DEFAULT_MISSING = Set.of("", "NA", "NaN", "nan", "null", "?");

    public Csv {
        missing = Set.copyOf(missing);
    }

    /// A header, commas, and the usual signs for a missing value: nothing, `NA`, `NaN`, `nan`,
    /// `null` and `?`.
    public static Csv standard() {
        return new Csv(true, ',', true, DEFAULT_MISSING);
    }

    /// Without a line of names.
    public Csv withoutHeader() {
        return new Csv(false, separator, quoted, missing);
    }

    /// With another character between fields.
    public Csv separator(char character) {
        return new Csv(header, character, quoted, missing);
    }

    /// Takes double quotes for ordinary characters.
    public Csv withoutQuotes() {
        return new Csv(header, separator, false, missing);
    }

    /// With other signs for a missing value.
    public Csv missing(String... signs) {
        return new Csv(header, separator, quoted, Set.of(signs));
    }

    /// Reads a UTF-8 file, plain or compressed with gzip.
    ///
    /// @throws IllegalArgumentException if lines differ in their number of fields, a quote is not
    ///   closed, a column has no name or the name of another, or there is no line of values; the
    ///   message names file and line
    /// @throws java.io.UncheckedIOException if the file cannot be read
    public Table read(Path file) {
        return read(TextLines.text(Gzip.read(file), file.toString()), file.toString());
    }

    /// Reads a text.
    ///
    /// @param name what to call it in errors
    /// @throws IllegalArgumentException as [#read(Path)]
    public Table read(String text, String name) {
        List<CsvRecord> records = new ArrayList<>(records(text, name));
        Require.that(!records.isEmpty(), "%s: empty, expected lines of values", name);
        List<String> columns = columns(records.getFirst().getFields(), name);
        int width = columns.size();
        if (header) {
            records.removeFirst();
        }
        Require.that(!records.isEmpty(), "%s: no line of values after the header, expected at least one", name);
        String[][] fields = new String[records.size()][];
        long[] lines = new long[fields.length];
        for (int row = 0; row < fields.length; row++) {
            CsvRecord values = records.get(row);
            lines[row] = values.getStartingLineNumber();
            String message = "%s:%s: %s fields, expected %s";
            Require.that(values.getFieldCount() == width, message, name, lines[row], values.getFieldCount(), width);
            fields[row] = values.getFields().stream().map(this::value).toArray(String[]::new);
        }
        return new Table(name, columns, fields, lines);
    }

    /// Opens a UTF-8 file that is too large for memory. Other than with [#read(Path)] it must not be
    /// compressed, and an empty line counts as one of a single empty field.
    ///
    /// @throws IllegalArgumentException if a quote is not closed, a column has no name or the name of
    ///   another, or there is no line of values
    /// @throws java.io.UncheckedIOException if the file cannot be read
    public CsvFile open(Path file) {
        return CsvFile.open(this, file);
    }

    /// The columns' names.
    ///
    /// @param first the fields of the first line
    List<String> columns(List<String> first, String name) {
        List<String> columns = header
                ? first.stream().map(String::strip).toList()
                : IntStream.range(0, first.size()).mapToObj(String::valueOf).toList();
        checkNames(columns, name);
        return columns;
    }

    /// A field, or the empty string for a missing value.
    String value(String field) {
        String stripped = field.strip();
        return missing.contains(stripped) ? "" : stripped;
    }

    private static void checkNames(List<String> columns, String name) {
        for (int i = 0; i < columns.size(); i++) {
            String column = columns.get(i);
            Require.that(!column.isEmpty(), "%s:1: column %s has no name", name, i);
            Require.that(columns.indexOf(column) == i, "%s:1: two columns are named %s", name, column);
        }
    }

    private List<CsvRecord> records(String text, String name) {
        var reader = CsvReader.builder()
                .fieldSeparator(separator)
                .quoteCharacter(quoted ? '"' : '\0')
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .skipEmptyLines(true)
                .allowUnclosedQuote(false);
        try (CsvReader<CsvRecord> records = reader.ofCsvRecord(text)) {
            return records.stream().toList();
        } catch (CsvParseException e) {
            throw new IllegalArgumentException(name + ": not a table: " + e.getMessage(), e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(name + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
