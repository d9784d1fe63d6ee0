package fathom.guide.book;

import static org.junit.jupiter.api.Assumptions.abort;

import fathom.data.Downloader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The course as it is written, for tests.
public final class Courses {
    private static final Course COURSE = Course.in(Path.of(""));

    private Courses() {}

    public static Course written() {
        return COURSE;
    }

    /// The folder of downloads that has what a chapter needs: the user's own, or else `shared/data` beside the
    /// working copy. A test is skipped where neither has it all.
    public static Map<String, String> downloads(Chapter chapter) {
        Path kept = Downloader.standard().folder();
        Path beside = Path.of("..", "..", "shared", "data").toAbsolutePath().normalize();
        List<String> files = chapter.english().data();
        Path folder = Stream.of(kept, beside)
                .filter(one -> files.stream().allMatch(file -> Files.exists(one.resolve(file))))
                .findFirst()
                .orElseGet(() -> abort("not all of " + files + " in " + kept + " (FATHOM_DATA) or " + beside));
        return Map.of("FATHOM_DATA", folder.toString());
    }

    /// The chapters to test: those that the property `fathom.chapters` names, as in `10,11`, or else all.
    public static List<Chapter> chapters() {
        String named = System.getProperty("fathom.chapters", "");
        if (named.isEmpty()) {
            return COURSE.chapters();
        }
        return Arrays.stream(named.split(","))
                .map(number -> COURSE.chapter(Integer.parseInt(number)).orElseThrow())
                .toList();
    }
}
