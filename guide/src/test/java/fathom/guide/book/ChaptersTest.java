package fathom.guide.book;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every chapter has to keep: its program gives the figures that the text tells, and text, program,
/// pictures and glossary fit together.
class ChaptersTest {
    /// A full run of more minutes than these is left out of what has to pass with each change.
    private static final int LONG = 5;

    static List<Chapter> chapters() {
        return Courses.chapters();
    }

    @Test
    void theCourseGoesAlongInTheModule() {
        assertThat(Course.carried()).isEqualTo(Courses.written());
        assertThat(chapters()).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("chapters")
    void aQuickRunKeepsItsClaims(Chapter chapter, @TempDir Path folder) throws IOException {
        run(chapter, folder, true);
    }

    @Tag("slow")
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("shortOnes")
    void aFullRunKeepsItsClaimsAndDrawsThePicturesOfTheText(Chapter chapter, @TempDir Path folder) throws IOException {
        runInFull(chapter, folder);
    }

    static List<Chapter> shortOnes() {
        return chapters().stream().filter(c -> c.english().minutes() <= LONG).toList();
    }

    @Tag("long")
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("longOnes")
    void aLongRunDoesSo(Chapter chapter, @TempDir Path folder) throws IOException {
        runInFull(chapter, folder);
    }

    static List<Chapter> longOnes() {
        return chapters().stream().filter(c -> c.english().minutes() > LONG).toList();
    }

    private static void runInFull(Chapter chapter, Path folder) throws IOException {
        ChapterRun run = run(chapter, folder, false);
        for (String name : chapter.pictures().keySet()) {
            assertThat(run.picture(name)).as(name).isEqualTo(chapter.pictures().get(name));
        }
    }

    private static ChapterRun run(Chapter chapter, Path folder, boolean quick) throws IOException {
        Path log = folder.resolve("log.txt");
        ChapterRun run = new ChapterRun(chapter, folder, quick);
        int code = run.run(Redirect.to(log.toFile()), Courses.downloads(chapter));
        assertThat(code).as(Files.readString(log)).isZero();
        assertThat(chapter.complaints(run.figures(), quick)).isEmpty();
        try (var drawn = Files.list(folder.resolve("pictures"))) {
            assertThat(drawn.map(f -> f.getFileName().toString().replaceFirst("\\.svg$", "")))
                    .containsExactlyInAnyOrderElementsOf(chapter.pictures().keySet());
        }
        return run;
    }

    @ParameterizedTest
    @MethodSource("chapters")
    void textProgramAndPicturesFitTogether(Chapter chapter) {
        Set<String> regions = chapter.program().regions().keySet();
        List<String> inMain = chapter.program().parts().stream()
                .filter(ChapterProgram.Part::inMain)
                .flatMap(part -> part.region().stream())
                .toList();
        for (ChapterText text : chapter.texts().values()) {
            assertThat(text.regions()).as("regions shown").containsExactlyInAnyOrderElementsOf(regions);
            assertThat(text.regions().stream().filter(inMain::contains))
                    .as("regions of main, as notebooks run them")
                    .containsExactlyElementsOf(inMain);
            assertThat(text.pictures())
                    .as("pictures shown")
                    .containsExactlyInAnyOrderElementsOf(chapter.pictures().keySet());
            assertThat(new HashSet<>(text.figures()))
                    .as("figures told")
                    .isEqualTo(chapter.claims().keySet());
            assertThat(chapter.markdown(text.language())).doesNotContain("{code:", "{figure:");
        }
    }

    @ParameterizedTest
    @MethodSource("chapters")
    void aChapterHasAllItsParts(Chapter chapter) {
        assertThat(chapter.english().body()).contains("## Pitfalls", "## Exercises", "<summary>Solution</summary>");
        assertThat(chapter.english().body()).contains("## References");
        assertThat(Glossary.linked(chapter.english())).as("terms explained").isNotEmpty();
    }

    @Test
    void everyTermIsInTheGlossary() {
        assertThat(Courses.written().glossary().unknown(chapters())).isEmpty();
    }
}
