package fathom.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ResolvedModule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The programs in the README compile as they stand there. It is this module's test because it sees all that they use.
class ReadmeTest {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    /// What a part of a program takes from the text around it: imports, a model, its data.
    private static final String AROUND = """
            import module java.base;
            import module fathom.langchain4j;
            import dev.langchain4j.data.embedding.Embedding;
            import dev.langchain4j.model.embedding.EmbeddingModel;

            class Part {
                void part(fathom.nn.Module model, Iterable<Batch> batches, Tensor picture) {
            %s
                }
            }
            """;

    @ParameterizedTest
    @MethodSource("blocks")
    void compiles(String block, @TempDir Path folder) {
        boolean whole = block.contains("void main()");
        // A part may have a variable of the name of one around it.
        String around = block.contains(" model = ") ? AROUND.replace("fathom.nn.Module model, ", "") : AROUND;
        assertThat(errors(whole ? block : around.formatted(block), folder)).isEmpty();
    }

    @Test
    void aProgramThatDoesNotCompileIsNoticed(@TempDir Path folder) {
        assertThat(errors(AROUND.formatted("model.aply(picture);"), folder)).contains("aply");
    }

    @Test
    void theChineseTextHasTheSamePrograms() {
        assertThat(blocks("README.zh.md").toList()).isNotEmpty().isSubsetOf(blocks().toList());
    }

    static Stream<String> blocks() {
        return blocks("README.md");
    }

    private static Stream<String> blocks(String file) {
        try {
            return BLOCK.matcher(Files.readString(ROOT.resolve(file))).results().map(r -> r.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the compiler says against `source`; nothing if it compiles.
    private static String errors(String source, Path folder) {
        try {
            Path file = Files.writeString(folder.resolve("Part.java"), source);
            StringWriter said = new StringWriter();
            PrintWriter writer = new PrintWriter(said);
            int status = ToolProvider.findFirst("javac")
                    .orElseThrow()
                    .run(
                            writer,
                            writer,
                            "-d",
                            folder.toString(),
                            "--module-path",
                            modules(),
                            "--add-modules",
                            "fathom.langchain4j",
                            file.toString());
            return status == 0 ? "" : "exit status " + status + "\n" + said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The places of the modules that this test runs with, except those of the JDK.
    private static String modules() {
        List<String> places = ModuleLayer.boot().configuration().modules().stream()
                .map(ResolvedModule::reference)
                .flatMap(r -> r.location().stream())
                .filter(l -> l.getScheme().equals("file"))
                .map(l -> Path.of(l).toString())
                .toList();
        return String.join(File.pathSeparator, places);
    }
}
