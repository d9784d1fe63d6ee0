package fathom.cli;

import fathom.cli.files.ModelFile;
import fathom.data.text.PretrainedTokenizer;
import fathom.models.Generator;
import fathom.models.PublishedLanguageModel;
import fathom.nn.generate.Sampling;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom generate`: a language model goes on with a text.
@Command(
        name = "generate",
        description = {
            "Lets a language model go on with a text, and writes what it gives as it comes.",
            "",
            "The model is a folder of Llama's or GPT-2's family with config.json, weights and tokeniser; a file"
                    + " of GGUF; or one of llama2.c with the tokeniser beside it or given by --tokenizer."
        },
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--tokenizer", paramLabel = "FILE", description = "Its tokeniser, where it lies elsewhere.")
    private @Nullable Path tokenizerFile;

    @Option(names = "--most", paramLabel = "N", description = "Tokens at most. Default: ${DEFAULT-VALUE}")
    private int most = 200;

    @Option(
            names = "--temperature",
            paramLabel = "X",
            description = "How freely it draws: near 0 hardly, 1 as it was trained. Without it the likeliest is taken.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "N", description = "Draw of the N likeliest tokens alone.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Draw of those whose probabilities add up to P alone.")
    private @Nullable Double topP;

    @Option(names = "--seed", paramLabel = "N", description = "The same seed gives the same text.")
    private long seed = 1;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A folder or a file.")
    private Path model = Path.of("");

    @Parameters(index = "1", paramLabel = "PROMPT", description = "How the text begins.")
    private String prompt = "";

    @Override
    public void run() {
        if (!Files.exists(model)) {
            throw new UserError(model + ": no such file or folder");
        }
        Sampling sampling = sampling();
        PublishedLanguageModel published = ModelFile.reading(this::load);
        Generator generator =
                published.generator().sampling(sampling).most(most).seed(seed);
        PretrainedTokenizer tokenizer = published.tokenizer();
        PrintWriter out = spec.commandLine().getOut();
        out.print(prompt);
        out.flush();
        ModelFile.reading(
                () -> generator.text(tokenizer, tokenizer.encoding(prompt).ids(), more -> {
                    out.print(more);
                    out.flush();
                }));
        out.println();
    }

    private Sampling sampling() {
        if (topP != null && topP > 1) {
            throw new ParameterException(spec.commandLine(), "--top-p " + topP + ", expected above 0 and up to 1");
        }
        boolean draws = temperature != null || topK != null || topP != null;
        return new Sampling(
                draws ? Optional.ofNullable(temperature).orElse(1.0) : 0,
                Optional.ofNullable(topK).orElse(0),
                Optional.ofNullable(topP).orElse(1.0));
    }

    private PublishedLanguageModel load() {
        return tokenizerFile == null
                ? PublishedLanguageModel.load(model)
                : PublishedLanguageModel.load(model, tokenizerFile);
    }
}
