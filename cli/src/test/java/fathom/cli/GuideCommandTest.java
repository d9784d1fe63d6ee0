package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.guide.book.Chapter;
import fathom.guide.book.Course;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuideCommandTest {
    @Test
    void listsEachChapterWithALineAndItsTime() {
        Cli result = Cli.run("guide");
        assertThat(result.code()).isZero();
        for (Chapter c : Course.carried().chapters()) {
            assertThat(result.out())
                    .contains(c.number() + "  " + c.english().title())
                    .contains("(about " + c.english().minutes() + " min"
                            + (c.english().data().isEmpty() ? ")" : ", after a download)"))
                    .contains(c.english().summary());
        }
    }

    @Test
    void runsAChapterAndComparesItsFigures(@TempDir Path folder) {
        Cli result = Cli.run("guide", "run", "3", "--quick", "--out", folder.resolve("a/b"));
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("all figures are as the text says");
        assertThat(folder.resolve("a/b/figures.csv")).isNotEmptyFile();
        assertThat(folder.resolve("a/b/pictures/errors.svg")).isNotEmptyFile();
    }

    @Test
    void writesTheSite(@TempDir Path folder) {
        Cli result = Cli.run("guide", "site", "--out", folder.resolve("site"));
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("index.html");
        assertThat(folder.resolve("site/index.html")).isNotEmptyFile();
    }

    @Test
    void writesNotebooksAndSaysWhatTheirKernelNeeds(@TempDir Path folder) {
        Cli result = Cli.run("guide", "notebooks", "--out", folder);
        assertThat(result.code()).isZero();
        assertThat(folder.resolve("03-derivatives.ipynb")).isNotEmptyFile();
        assertThat(result.out()).contains("JJAVA_JVM_OPTS='--module-path ", "--add-modules fathom.guide");
    }

    @Test
    void aFileInPlaceOfTheFolderIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("site"), "a file");
        String message = "--out " + file + ": the folder cannot be made: " + file + " is a file";
        Cli.run("guide", "site", "--out", file).isRefused(message);
        Cli.run("guide", "notebooks", "--out", file).isRefused(message);
        Cli.run("guide", "run", "3", "--out", file).isRefused(message);
    }

    @Test
    void chaptersThatAreNotThereAreRefused() {
        Cli.run("guide", "run", "99").isRefused("99", "expected one of", "3");
        Cli.run("guide", "run", "last").isRefused("'last'", "a whole number from 1");
    }
}
