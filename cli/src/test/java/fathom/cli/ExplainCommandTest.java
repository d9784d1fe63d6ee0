package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.bench.BenchModel;
import fathom.cli.explain.GraphPage;
import fathom.cli.explain.Specimen;
import fathom.compile.KernelInfo;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {
    @TempDir
    Path folder;

    @Test
    void printsTheTableAndWritesThePage() throws IOException {
        Path page = folder.resolve("graph.html");
        Cli result = Cli.run("explain", "mlp", "--batch-size", 16, "--threads", 1, "--out", page);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("mlp, a training step, 16 samples")
                .contains("matMul", "[16, 784] [784, 512]", "FLOPs", "bytes", "peak memory", "written to " + page)
                .doesNotContain("GFLOP/s");
        assertThat(Files.readString(page)).startsWith("<!DOCTYPE html>").contains("a training step", "</html>");
        // Again, over itself.
        assertThat(Cli.run("explain", "mlp", "--batch-size", 16, "--out", page).code())
                .isZero();
    }

    @Test
    void aForwardPassHasNoGradientsAndNoPageUnlessAskedFor() throws IOException {
        Cli result = Cli.run("explain", "cnn", "--inference", "--batch-size", 2, "--threads", 1);
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("cnn, a forward pass, 2 samples")
                .contains("[2, 28, 28, 1] [3, 3, 1, 32] -> F32[2, 26, 26, 32]")
                .doesNotContain("Gradient", "written to");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void thePageHasEveryKernelAndEveryOperation() {
        try (Device device = Device.cpu(1)) {
            Specimen specimen = device.call(() -> Specimen.of(BenchModel.CNN, 2, true, false));
            String page = GraphPage.of(specimen);
            String after = view(page, "kernels");
            String before = view(page, "operations");
            String table = view(page, "table");
            for (KernelInfo k : specimen.program().kernels()) {
                String number = "data-k=\"%d\">".formatted(k.number());
                assertThat(after).containsOnlyOnce(number);
                assertThat(table).containsOnlyOnce("<tr " + number);
                assertThat(page).containsOnlyOnce("<template id=\"details-%d\">".formatted(k.number()));
            }
            Graph graph = specimen.program().program().graph();
            long operations = graph.entries().stream()
                    .filter(e -> !(e.op() instanceof Op.Data || e.op() instanceof Op.Full))
                    .count();
            assertThat(count(before, "<g class=\"node operation")).isEqualTo(operations);
            assertThat(count(before, "convolutionWeightGradient ")).isGreaterThanOrEqualTo(2);
            // The model's names for what a kernel reads and writes.
            assertThat(after).contains("from x, 0.weight", "to secondMoment.0.weight");
            assertThat(before).contains("3.weight");
            // One file: nothing is fetched.
            assertThat(page).doesNotContainPattern("src=|href=|@import|https?://");
        }
    }

    private static String view(String page, String name) {
        int from = page.indexOf("<section id=\"view-" + name + "\"");
        return page.substring(from, page.indexOf("</section>", from));
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    @Test
    void timesAreMeasuredOnRequest() throws IOException {
        Path page = folder.resolve("graph.html");
        Cli result =
                Cli.run("explain", "mlp", "--inference", "--batch-size", 1, "--threads", 1, "--profile", "--out", page);
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("calls", "GFLOP/s", "GB/s", "share");
        assertThat(Files.readString(page)).contains("the mean of ", "GFLOP/s", "<rect class=\"bar\"");
    }

    @Test
    void unknownModelsAreRefused() {
        Cli.run("explain", "alexnet").isRefused("alexnet", "cnn", "mlp", "resnet18", "gpt", "model.safetensors");
        Cli.run("explain", "no\0name").isRefused("cnn");
        Cli.run("explain", folder).isRefused("run.json");
    }

    @Test
    void theOutputHasToBeAFileThatCanBeWritten() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        Cli.run("explain", "mlp", "--out", folder).isRefused("--out", "is a folder");
        Cli.run("explain", "mlp", "--out", folder.resolve("missing").resolve("graph.html"))
                .isRefused("--out", "no folder", "missing");
        Cli.run("explain", "mlp", "--out", file.resolve("graph.html")).isRefused("--out", "no folder");
    }

    @Test
    void optionsThatCannotBeMeantAreRefused() {
        Cli.run("explain").isRefused("MODEL");
        Cli.run("explain", "mlp", "--batch-size", 0).isRefused("--batch-size", "'0'");
        Cli.run("explain", "mlp", "--training", "--inference").isRefused("--training", "--inference");
    }
}
