package fathom.guide.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.guide.Lesson;
import fathom.guide.book.Chapter;
import fathom.guide.book.ChapterRun;
import fathom.guide.book.Courses;
import fathom.guide.notebook.Notebook.Cell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NotebookTest {
    static List<Chapter> chapters() {
        return Courses.chapters();
    }

    @Test
    void theCellsOfOneRunInOrderAndKeepTheClaims(@TempDir Path folder) throws Exception {
        runsInOrderAndKeepsTheClaims(Courses.written().chapter(3).orElseThrow(), folder);
    }

    @Tag("slow")
    @ParameterizedTest
    @MethodSource("chapters")
    void theCellsOfEachRunInOrderAndKeepTheClaims(Chapter chapter, @TempDir Path folder) throws Exception {
        runsInOrderAndKeepsTheClaims(chapter, folder);
    }

    /// JShell is what Java kernels have inside. It gets one cell after the other, as a reader runs them.
    private static void runsInOrderAndKeepsTheClaims(Chapter chapter, Path folder) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(Path.of(Objects.requireNonNull(NotebookTest.class.getResource("RunCells.java"))
                        .toURI())
                .toString());
        command.addAll(ChapterRun.modules());
        command.add("--");
        List<String> cells = code(chapter);
        for (int i = 0; i < cells.size(); i++) {
            command.add(
                    Files.writeString(folder.resolve(i + ".jsh"), cells.get(i)).toString());
        }
        String log = Files.readString(run(command, folder, Courses.downloads(chapter)));
        assertThat(folder.resolve("figures.csv")).as(log).exists();
        assertThat(chapter.complaints(new ChapterRun(chapter, folder, true).figures(), true))
                .as(log)
                .isEmpty();
    }

    private static List<String> code(Chapter chapter) {
        return Notebook.of(chapter, Chapter.ENGLISH).cells().stream()
                .filter(Cell::code)
                .map(Cell::text)
                .toList();
    }

    @Test
    void jupyterExecutesOne(@TempDir Path folder) throws Exception {
        Path jupyter = Path.of("/usr/bin/jupyter");
        boolean present = Files.isExecutable(jupyter)
                && Files.readString(run(List.of(jupyter.toString(), "kernelspec", "list"), folder, Map.of()))
                        .contains("java");
        assumeTrue(present, "no Jupyter with a Java kernel here, so no notebook is executed");
        Chapter chapter = Courses.written().chapter(3).orElseThrow();
        Path notebook = folder.resolve("chapter.ipynb");
        Files.writeString(notebook, Notebook.of(chapter, Chapter.ENGLISH).json());
        Path log = run(
                List.of(jupyter.toString(), "nbconvert", "--to", "notebook", "--execute", notebook.toString()),
                folder,
                Map.of());
        assertThat(folder.resolve("chapter.nbconvert.ipynb"))
                .as(Files.readString(log))
                .exists();
        assertThat(chapter.complaints(new ChapterRun(chapter, folder, true).figures(), true))
                .isEmpty();
    }

    private static Path run(List<String> command, Path folder, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path log = folder.resolve("log.txt");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        builder.environment().put(Lesson.FOLDER, folder.toString());
        builder.environment().put(Lesson.SETTING, Lesson.QUICK);
        String modules = String.join(" ", ChapterRun.modules());
        builder.environment().put("JJAVA_JVM_OPTS", modules);
        builder.environment().put("JJAVA_COMPILER_OPTS", modules);
        builder.start().waitFor();
        return log;
    }

    @ParameterizedTest
    @MethodSource("chapters")
    void everyLineOfTheProgramIsInOneCell(Chapter chapter) {
        List<String> cells = code(chapter);
        assertThat(cells.getFirst()).isEqualTo("import module java.base;");
        List<String> inCells = cells.stream()
                .skip(1)
                .flatMap(String::lines)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        List<String> inProgram = chapter.program().parts().stream()
                .flatMap(part -> part.lines().stream())
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        assertThat(inCells).containsExactlyInAnyOrderElementsOf(inProgram);
    }

    @Test
    void theFileIsANotebook() {
        String json = Notebook.of(Courses.written().chapter(3).orElseThrow(), Chapter.ENGLISH)
                .json();
        assertThat(json)
                .contains("\"nbformat\" : 4", "\"cell_type\" : \"markdown\"", "\"cell_type\" : \"code\"")
                .contains("data:image/svg+xml;base64,")
                .doesNotContain("{code:", "{figure:", "(pictures/", "(term:");
    }
}
