package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.nn.Initializer;
import fathom.nn.Layers;
import fathom.nn.Loss;
import fathom.nn.train.Metric;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The table of what is covered names what exists, and all of it.
class CoverageTest {
    private static final List<String> PACKAGES =
            List.of("fathom.nn", "fathom.nn.optim", "fathom.nn.train", "fathom.data", "fathom.tensor");

    private static final Path DOCUMENT = Path.of("../docs/coverage.md");

    private final Coverage coverage = Coverage.read();

    @Test
    void namesWhatIsPublic() {
        assertThat(coverage.rows())
                .allSatisfy(row -> assertThat(isPublic(row.fathom()))
                        .as("%s is public API", row.fathom())
                        .isTrue());
    }

    @Test
    void namesTestsThatExist() {
        assertThat(coverage.rows())
                .allSatisfy(row -> assertThat(hasTest(row))
                        .as("%s: the test %s exists", row.fathom(), row.test())
                        .isTrue());
    }

    @Test
    void namesEverythingOnce() {
        List<String> names = coverage.rows().stream().map(Coverage.Row::fathom).toList();
        assertThat(names).doesNotHaveDuplicates();
        for (Class<?> factories : List.of(Layers.class, Loss.class, Initializer.class, Metric.class)) {
            assertThat(names).containsAll(factories(factories));
        }
    }

    /// But for the numbers, which each machine has of its own.
    @Test
    void documentIsUpToDate() throws IOException {
        assertThat(withoutNumbers(Files.readString(DOCUMENT)))
                .as("docs/coverage.md; `mvn -pl parity -am test -Dfathom.coverage=write` writes it")
                .isEqualTo(withoutNumbers(coverage.markdown()));
    }

    private static List<String> withoutNumbers(String document) {
        return document.lines()
                .map(line -> line.startsWith("| `")
                        ? Arrays.stream(line.split("\\|", -1)).limit(5).collect(Collectors.joining("|"))
                        : line)
                .toList();
    }

    private static Set<String> factories(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(m -> Modifier.isStatic(m.getModifiers()) && Modifier.isPublic(m.getModifiers()))
                .filter(m -> m.getReturnType() != int.class)
                .map(m -> type.getSimpleName() + "." + m.getName())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isPublic(String name) {
        String[] parts = name.split("\\.");
        return PACKAGES.stream().anyMatch(p -> {
            try {
                Class<?> type = Class.forName(p + "." + parts[0]);
                return Modifier.isPublic(type.getModifiers())
                        && (parts.length == 1
                                || Stream.of(type.getMethods())
                                        .map(Method::getName)
                                        .anyMatch(parts[1]::equals));
            } catch (ClassNotFoundException e) {
                return false;
            }
        });
    }

    private static boolean hasTest(Coverage.Row row) {
        String[] parts = row.plainTest().split("\\.");
        Path sources = Path.of("..", row.module(), "src/test/java");
        try (Stream<Path> files = Files.walk(sources)) {
            List<Path> found = files.filter(f -> f.endsWith(parts[0] + ".java")).toList();
            return found.size() == 1
                    && parts.length == 2
                    && Files.readString(found.getFirst()).contains(" " + parts[1] + "(");
        } catch (IOException e) {
            return false;
        }
    }
}
