package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import fathom.nn.Initializer;
import fathom.nn.Layers;
import fathom.nn.Loss;
import fathom.nn.train.Metric;
import java.io.IOException;
import java.lang.reflect.Member;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The table of what is covered names what exists, and all of it.
class CoverageTest {
    private static final List<String> PACKAGES = List.of(
            "fathom.models",
            "fathom.nn",
            "fathom.nn.generate",
            "fathom.nn.optim",
            "fathom.nn.search",
            "fathom.nn.train",
            "fathom.data",
            "fathom.data.audio",
            "fathom.data.text",
            "fathom.io",
            "fathom.io.onnx",
            "fathom.io.onnx.export",
            "fathom.tensor");

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
        assumeThat(System.getProperty("fathom.coverage"))
                .as("it is being written")
                .isNotEqualTo("write");
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

    /// A class, one within another, or a method or constant of these.
    private static boolean isPublic(String name) {
        List<String> parts = List.of(name.split("\\."));
        return PACKAGES.stream().anyMatch(p -> {
            String type = p + "." + String.join("$", parts);
            String owner = p + "." + String.join("$", parts.subList(0, parts.size() - 1));
            return publicType(type).isPresent()
                    || publicType(owner).filter(t -> has(t, parts.getLast())).isPresent();
        });
    }

    private static Optional<Class<?>> publicType(String name) {
        try {
            return Optional.<Class<?>>of(Class.forName(name)).filter(t -> Modifier.isPublic(t.getModifiers()));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    private static boolean has(Class<?> type, String member) {
        return Stream.<Member>concat(Stream.of(type.getMethods()), Stream.of(type.getFields()))
                .anyMatch(m -> m.getName().equals(member));
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
