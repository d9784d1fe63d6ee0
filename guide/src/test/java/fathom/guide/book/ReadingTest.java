package fathom.guide.book;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.guide.book.Claim.Bounds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadingTest {
    private static final String SOURCE = """
            import module fathom.guide;

            void main() {
                var lesson = Lesson.begin();
                // region sum
                int a = 1;
                if (a > 0) {
                    a++;
                }
                // end
            }

            // region helper
            int twice(int x) {
                return 2 * x;
            }
            // end
            """;
    private static final String TEXT = """
            ---
            title: A title: with a colon
            summary: One line
            minutes: 2
            data: films/bad.txt films/good.txt
            ---
            Costs {figure:cost}.

            {code:sum}
            """;

    @Test
    void aProgramIsCutIntoRegions() {
        ChapterProgram program = ChapterProgram.of("Sum.java", SOURCE);
        assertThat(program.regions())
                .containsEntry("sum", "int a = 1;\nif (a > 0) {\n    a++;\n}")
                .containsEntry("helper", "int twice(int x) {\n    return 2 * x;\n}");
        assertThat(program.parts().stream().map(ChapterProgram.Part::region))
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of("sum"), Optional.of("helper"));
        assertThat(program.text()).contains("int a = 1;").doesNotContain("// region", "// end");
    }

    @Test
    void aProgramWithoutItsMarksIsRefused() {
        refused("// region a\nvoid main() {\n", "P.java:2", "in a region");
        refused("void main() {\n// end\n}\n", "P.java:2", "outside of one");
        refused("void main() {\n// region a\n}\n", "region");
        refused("int x = 1;\n", "P.java", "void main() {");
        ChapterProgram twice =
                ChapterProgram.of("P.java", "void main() {\n// region a\n// end\n// region a\n// end\n}\n");
        assertThatIllegalArgumentException().isThrownBy(twice::regions).withMessageContaining("two regions a");
    }

    private static void refused(String source, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ChapterProgram.of("P.java", source))
                .satisfies(e -> assertThat(e).hasMessageContainingAll(parts));
    }

    @Test
    void markersStandForCodeAndFigures() {
        ChapterText text = ChapterText.of("chapter.md", "en", TEXT);
        assertThat(text.title()).isEqualTo("A title: with a colon");
        assertThat(text.minutes()).isEqualTo(2);
        assertThat(text.data()).containsExactly("films/bad.txt", "films/good.txt");
        assertThat(ChapterText.of("chapter.md", "en", TEXT.replaceFirst("data: .*\n", ""))
                        .data())
                .isEmpty();
        Claim claim = new Claim("cost", "0.10", new Bounds(0, 1), new Bounds(0, 1));
        assertThat(text.expanded(ChapterProgram.of("Sum.java", SOURCE), Map.of("cost", claim)))
                .isEqualTo("Costs 0.10.\n\n```java\nint a = 1;\nif (a > 0) {\n    a++;\n}\n```\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text.expanded(ChapterProgram.of("Sum.java", SOURCE), Map.of()))
                .withMessageContaining("{figure:cost}");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> text.expanded(ChapterProgram.of("P.java", "void main() {\n}\n"), Map.of("cost", claim)))
                .withMessageContaining("{code:sum}");
    }

    @Test
    void aTextWithoutItsHeadIsRefused() {
        for (String source : List.of("Text.\n", "---\ntitle: A\n---\nText.\n", TEXT.replace(": 2", ": soon"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ChapterText.of("chapter.md", "en", source))
                    .withMessageContaining("chapter.md");
        }
    }

    @Test
    void whatTheTextSaysLiesInTheBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Claim("r", "0.79", new Bounds(0.8, 1), new Bounds(0, 1)))
                .withMessageContainingAll("figure r", "0.79", "0.8");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Claim("r", "0,81", new Bounds(0.8, 1), new Bounds(0, 1)))
                .withMessageContainingAll("figure r", "0,81", "expected a value");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Bounds(2, 1))
                .withMessageContaining("lower one first");
    }

    @Test
    void aRunIsComparedFigureByFigure(@TempDir Path folder) throws IOException {
        Chapter chapter = Chapter.of(written(folder, "01-sums"));
        assertThat(chapter.complaints(Map.of("cost", 0.2, "gain", 3.0), false)).isEmpty();
        assertThat(chapter.complaints(Map.of("cost", 0.9, "gain", 3.0), true)).isEmpty();
        assertThat(chapter.complaints(Map.of("cost", 0.9, "more", 1.0), false))
                .containsExactly(
                        "cost = 0.9, expected from 0.1 to 0.3",
                        "gain: claimed, but the run has no such figure",
                        "more = 1.0: figures.csv does not claim it");
    }

    @Test
    void aChapterWithPartsMissingIsRefused(@TempDir Path folder) throws IOException {
        Path chapter = written(folder, "02-more");
        Files.delete(chapter.resolve("chapter.md"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Chapter.of(chapter))
                .withMessageContaining("chapter.md");
        Path other = written(folder, "sums");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Chapter.of(other))
                .withMessageContaining("03-derivatives");
        Path third = written(folder, "03-two");
        Files.writeString(third.resolve("Other.java"), SOURCE);
        assertThatIllegalArgumentException().isThrownBy(() -> Chapter.of(third)).withMessageContaining("Other.java");
    }

    private static Path written(Path folder, String id) throws IOException {
        Path chapter = Files.createDirectories(folder.resolve(id));
        Files.writeString(chapter.resolve("Sum.java"), SOURCE);
        Files.writeString(chapter.resolve("chapter.md"), TEXT);
        Files.writeString(
                chapter.resolve("figures.csv"),
                "figure,shown,low,high,quick low,quick high\ncost,0.2,0.1,0.3,0,1\ngain,3,3,3,,\n");
        return chapter;
    }
}
