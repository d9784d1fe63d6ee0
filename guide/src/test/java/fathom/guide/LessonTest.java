package fathom.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LessonTest {
    @Test
    void figuresAndPicturesAreFiles(@TempDir Path folder) throws IOException {
        Lesson lesson = Lesson.in(folder.resolve("run"), false);
        lesson.figure("loss", 0.25);
        lesson.figure("r-squared", 1);
        lesson.picture("curve", Plot.of("A curve").line("", 1, 2));
        assertThat(folder.resolve("run/figures.csv")).hasContent("figure,value\nloss,0.25\nr-squared,1.0\n");
        assertThat(Files.readString(folder.resolve("run/pictures/curve.svg"))).startsWith("<svg ");
    }

    @Test
    void filesThatAreMissingAreALineAndMistakesAreATrace() {
        var shown = new ByteArrayOutputStream();
        PrintStream err = new PrintStream(shown, true, StandardCharsets.UTF_8);
        Lesson.explain(new UncheckedIOException("plays.txt: cannot be fetched", new IOException("no route")), err);
        assertThat(shown.toString(StandardCharsets.UTF_8)).isEqualToIgnoringNewLines("plays.txt: cannot be fetched");
        shown.reset();
        Lesson.explain(new IllegalArgumentException("matmul: [2] and [3]"), err);
        assertThat(shown.toString(StandardCharsets.UTF_8))
                .contains("matmul: [2] and [3]", "LessonTest.filesThatAreMissing");
    }

    @Test
    void aQuickRunIsSmaller(@TempDir Path folder) {
        assertThat(Lesson.in(folder, true).choose(60, 2)).isEqualTo(2);
        assertThat(Lesson.in(folder, false).choose(60, 2)).isEqualTo(60);
        assertThat(Lesson.in(folder, true).isQuick()).isTrue();
    }

    @Test
    void whatIsNoFigureIsRefused(@TempDir Path folder) {
        Lesson lesson = Lesson.in(folder, false);
        lesson.figure("loss", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lesson.figure("loss", 2))
                .withMessageContaining("before");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lesson.figure("other", Double.NaN))
                .withMessageContainingAll("other", "NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lesson.figure("My Loss", 1))
                .withMessageContaining("'My Loss'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lesson.picture("../x", Plot.of("")))
                .withMessageContaining("'../x'");
    }
}
