package fathom.guide.book;

import fathom.ir.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// All chapters, and the glossary.
///
/// @param chapters by their numbers
/// @param glossary the terms
public record Course(List<Chapter> chapters, Glossary glossary) {
    private static final String CARRIED = "/fathom/guide/course/";

    public Course {
        chapters = List.copyOf(chapters);
        for (int i = 1; i < chapters.size(); i++) {
            int number = chapters.get(i).number();
            boolean rises = chapters.get(i - 1).number() < number;
            Require.that(rises, "course: two chapters %s, expected different numbers", number);
        }
    }

    /// Reads `glossary.csv` and the folders in `chapters`.
    ///
    /// @throws IllegalArgumentException if something in them is missing or wrong
    /// @throws UncheckedIOException if they cannot be read
    public static Course in(Path folder) {
        try (Stream<Path> all = Files.list(folder.resolve("chapters"))) {
            List<Chapter> chapters = all.filter(Files::isDirectory)
                    .map(Chapter::of)
                    .sorted(Comparator.comparingInt(Chapter::number))
                    .toList();
            return new Course(chapters, Glossary.of(folder.resolve("glossary.csv")));
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read", e);
        }
    }

    /// The course that comes along with this module.
    public static Course carried() {
        URL found = Course.class.getResource(CARRIED + "glossary.csv");
        try {
            URI file = Objects.requireNonNull(found, "the course is missing from the module")
                    .toURI();
            if (!file.getScheme().equals("jar")) {
                return in(Objects.requireNonNull(Path.of(file).getParent()));
            }
            try (FileSystem jar = FileSystems.newFileSystem(file, Map.of())) {
                return in(jar.getPath(CARRIED));
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(found + ": cannot be read", e);
        }
    }

    /// The chapter of a number.
    public Optional<Chapter> chapter(int number) {
        return chapters.stream().filter(c -> c.number() == number).findFirst();
    }

    /// The languages that there is a text in, English first.
    public List<String> languages() {
        Stream<String> all = chapters.stream().flatMap(c -> c.texts().keySet().stream());
        return Stream.concat(Stream.of(Chapter.ENGLISH), all.sorted())
                .distinct()
                .toList();
    }

    /// The chapters before and after another one.
    public Neighbours neighbours(Chapter chapter) {
        Map<Boolean, List<Chapter>> others = chapters.stream()
                .filter(c -> c.number() != chapter.number())
                .collect(Collectors.partitioningBy(c -> c.number() < chapter.number()));
        return new Neighbours(
                others.getOrDefault(true, List.of()).reversed().stream().findFirst(),
                others.getOrDefault(false, List.of()).stream().findFirst());
    }

    /// What is before and after a chapter.
    public record Neighbours(Optional<Chapter> before, Optional<Chapter> after) {}
}
