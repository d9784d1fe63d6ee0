package fathom.cli;

import fathom.cli.files.ModelFile;
import fathom.models.Pooling;
import fathom.models.TextEmbedder;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom embed`: vectors of texts.
@Command(
        name = "embed",
        description = {
            "Makes vectors of texts, a line of JSON for each, with a model such as MiniLM or BGE.",
            "",
            "The model is a folder with config.json, weights and tokeniser, or an ONNX file with"
                    + " tokenizer.json beside it. Texts longer than that says are cut off."
        },
        mixinStandardHelpOptions = true)
final class EmbedCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", paramLabel = "MODEL", required = true, description = "A folder, or an ONNX file.")
    private Path model = Path.of("");

    @Option(names = "--tokenizer", paramLabel = "FILE", description = "Its tokeniser, where it lies elsewhere.")
    private @Nullable Path tokenizer;

    @Option(
            names = "--pooling",
            paramLabel = "HOW",
            description = "How vectors of tokens become one: ${COMPLETION-CANDIDATES}. As the model says if not given.")
    private @Nullable Pooling pooling;

    @Option(names = "--alike", description = "Tell instead how alike the texts are to the first one.")
    private boolean alike;

    @Parameters(paramLabel = "TEXT", arity = "1..*", description = "Texts.")
    private List<String> texts = new ArrayList<>();

    @Override
    public void run() {
        float[][] vectors = ModelFile.reading(() -> embedder().embed(texts).vectors());
        PrintWriter out = spec.commandLine().getOut();
        for (int i = 0; i < vectors.length; i++) {
            out.println(
                    alike
                            ? String.format(Locale.ROOT, "%.4f  %s", product(vectors[0], vectors[i]), texts.get(i))
                            : Arrays.toString(vectors[i]));
        }
    }

    private TextEmbedder embedder() {
        if (!Files.exists(model)) {
            throw new UserError(model + ": no such file or folder");
        }
        TextEmbedder.Builder builder = TextEmbedder.of(model);
        if (tokenizer != null) {
            builder.tokenizer(tokenizer);
        }
        if (pooling != null) {
            builder.pooling(pooling);
        }
        return builder.load();
    }

    private static double product(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
