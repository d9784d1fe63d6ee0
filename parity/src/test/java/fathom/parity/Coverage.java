package fathom.parity;

import fathom.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What Fathom has, what Keras and PyTorch call it, and the test that covers it: the rows of
/// `docs/coverage.md`, read from the CSV files beside this class.
record Coverage(List<Row> rows) {
    private static final Path FILES = Path.of("src/test/resources/fathom/parity/coverage");
    private static final int COLUMNS = 5;

    /// One thing.
    ///
    /// @param kind layer, loss, optimizer and so on
    /// @param fathom as `Layers.conv2d`
    /// @param keras Keras's name, or `-`
    /// @param pytorch PyTorch's name, or `-`
    /// @param test as `LayersTest.conv2d`, with the module in front (`nn:`) if it is not `parity`
    record Row(String kind, String fathom, String keras, String pytorch, String test) {
        private static Row parse(Path file, String line) {
            String[] parts = line.split(",", -1);
            if (parts.length != COLUMNS) {
                throw new IllegalArgumentException(file + ": " + line + ": " + parts.length + " columns, expected 5");
            }
            return new Row(parts[0].strip(), parts[1].strip(), parts[2].strip(), parts[3].strip(), parts[4].strip());
        }

        String module() {
            int colon = test.indexOf(':');
            return colon < 0 ? "parity" : test.substring(0, colon);
        }

        /// As `LayersTest.conv2d`.
        String plainTest() {
            return test.substring(test.indexOf(':') + 1);
        }
    }

    static Coverage read() {
        List<Row> rows = new ArrayList<>();
        try (Stream<Path> files = Files.list(FILES)) {
            for (Path file : files.sorted().toList()) {
                Files.readAllLines(file).stream()
                        .skip(1)
                        .filter(line -> !line.isBlank())
                        .forEach(line -> rows.add(Row.parse(file, line)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(FILES.toString(), e);
        }
        rows.sort(Comparator.comparing(Row::fathom));
        return new Coverage(rows);
    }

    /// The document, with the errors seen in this run.
    String markdown() {
        Map<String, List<Row>> kinds = new TreeMap<>();
        rows.forEach(
                row -> kinds.computeIfAbsent(row.kind, _ -> new ArrayList<>()).add(row));
        StringBuilder text = new StringBuilder("""
                # What is covered

                Everything a user of Keras or PyTorch looks for, under Fathom's name, and the test that covers it. A test of
                `parity` compares with libtorch, results and gradients; the tolerance is relative (`|ours - theirs|` over
                `|theirs| + 0.1`), and the error is the largest that was seen. Other tests compare with formulas written out
                independently, or with known results. `CoverageTest` checks that every name and every test exists, and that
                nothing public is missing here; it writes this file when `parity`'s tests run with `-Dfathom.coverage=write`.
                """);
        kinds.forEach((kind, list) -> {
            text.append("\n## ").append(title(kind)).append("\n\n");
            text.append("| Fathom | Keras | PyTorch | test | tolerance F32, F64 | largest error F32, F64 |\n");
            text.append("| --- | --- | --- | --- | --- | --- |\n");
            list.forEach(row -> text.append(line(row)));
        });
        return text.toString();
    }

    private static String line(Row row) {
        return "| `%s` | %s | %s | `%s` | %s | %s |%n"
                .formatted(
                        row.fathom,
                        code(row.keras),
                        code(row.pytorch),
                        row.test,
                        both(row, Errors.Measured::tolerance),
                        both(row, Errors.Measured::largest));
    }

    private static String both(Row row, java.util.function.ToDoubleFunction<Errors.Measured> number) {
        List<String> parts = new ArrayList<>();
        for (DType dtype : List.of(DType.F32, DType.F64)) {
            Errors.of(row.test, dtype)
                    .ifPresent(m -> parts.add(String.format(Locale.ROOT, "%.1e", number.applyAsDouble(m))));
        }
        return String.join(", ", parts);
    }

    private static String code(String name) {
        return name.equals("-") ? "" : "`" + name + "`";
    }

    private static String title(String kind) {
        return Character.toUpperCase(kind.charAt(0)) + kind.substring(1);
    }
}
