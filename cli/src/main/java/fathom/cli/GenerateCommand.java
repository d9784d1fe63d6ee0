package fathom.cli;

import fathom.cli.files.ModelFile;
import fathom.data.text.PretrainedTokenizer;
import fathom.io.ModelConfiguration;
import fathom.models.Generator;
import fathom.models.Gpt2;
import fathom.models.LanguageModel;
import fathom.models.Llama;
import fathom.nn.generate.Sampling;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
            "The model is a folder of Llama's or GPT-2's family with config.json, weights and tokeniser; or a"
                    + " file of llama2.c or GGUF, with the tokeniser beside it or given by --tokenizer."
        },
        mixinStandardHelpOptions = true)
final class GenerateCommand implements Runnable {
    /// What models end with.
    private static final List<String> ENDS =
            List.of("</s>", "\n</s>\n", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>");

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
        PretrainedTokenizer tokenizer = ModelFile.reading(() -> PretrainedTokenizer.load(tokenizer()));
        LanguageModel read = ModelFile.reading(this::load);
        Integer[] ends =
                ENDS.stream().flatMap(end -> tokenizer.id(end).stream().boxed()).toArray(Integer[]::new);
        Generator generator =
                Generator.of(read).sampling(sampling).most(most).ends(ends).seed(seed);
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

    private Path tokenizer() {
        if (tokenizerFile != null) {
            return tokenizerFile;
        }
        Path folder = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
        Path file = Files.isDirectory(model) || folder == null ? model : beside(folder);
        return file;
    }

    private Path beside(Path folder) {
        return Stream.of("tokenizer.json", "tokenizer.model", "tokenizer.bin")
                .map(folder::resolve)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new UserError("no tokeniser beside " + model + ", expected --tokenizer FILE"));
    }

    private LanguageModel load() {
        Path configuration = model.resolve("config.json");
        boolean isGpt2 = Files.isDirectory(model)
                && Files.exists(configuration)
                && ModelConfiguration.read(configuration).text("model_type", "").equals("gpt2");
        return isGpt2 ? Gpt2.load(model) : Llama.load(model);
    }
}
