package fathom.guide.book;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// The course as it is written, for tests.
public final class Courses {
    private static final Course COURSE = Course.in(Path.of(""));

    private Courses() {}

    public static Course written() {
        return COURSE;
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
