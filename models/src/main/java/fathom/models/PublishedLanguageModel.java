package fathom.models;

import fathom.data.text.PretrainedTokenizer;
import fathom.io.Gguf;
import fathom.io.ModelConfiguration;
import fathom.io.TensorFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// A language model as it is published: with its tokeniser and the tokens at which it ends.
///
/// ```java
/// var published = PublishedLanguageModel.load(Path.of("model.gguf"));
/// var beginning = published.tokenizer().encoding("Once upon a time").ids();
/// published.generator().most(200).text(published.tokenizer(), beginning, IO::print);
/// ```
///
/// @param model of the family of Llama or GPT-2
/// @param tokenizer which knows what the model wants around a text
/// @param ends the numbers of tokens at which it ends
public record PublishedLanguageModel(LanguageModel model, PretrainedTokenizer tokenizer, Set<Integer> ends) {
    /// Tokenisers that lie beside a file of weights, the best first.
    private static final List<String> BESIDE = List.of("tokenizer.json", "tokenizer.model", "tokenizer.bin");

    public PublishedLanguageModel {
        ends = Set.copyOf(ends);
    }

    /// Reads a model: a folder of the family of Llama or GPT-2 with `config.json`, weights and tokeniser; a file of
    /// GGUF, which has all of these; or one of llama2.c, or of weights, with the tokeniser beside it.
    ///
    /// It ends at the tokens that `generation_config.json` or `config.json` have as `eos_token_id`, at those that a
    /// GGUF file names, and for llama2.c at 1 and 2. Where nothing is said, it ends at tokens with one of the usual
    /// names, such as `</s>`.
    ///
    /// @throws IllegalArgumentException as [Llama#load], [Gpt2#load] and [PretrainedTokenizer#load], or if there is
    ///   no tokeniser
    /// @throws UncheckedIOException if a file cannot be read
    public static PublishedLanguageModel load(Path path) {
        return of(path, tokenizer(path));
    }

    /// Reads a model whose tokeniser lies elsewhere.
    ///
    /// @throws IllegalArgumentException as [#load(Path)]
    /// @throws UncheckedIOException if a file cannot be read
    public static PublishedLanguageModel load(Path path, Path tokenizer) {
        return of(path, PretrainedTokenizer.load(tokenizer));
    }

    private static PublishedLanguageModel of(Path path, PretrainedTokenizer tokenizer) {
        LanguageModel model = isGpt2(path) ? Gpt2.load(path) : Llama.load(path);
        return new PublishedLanguageModel(model, tokenizer, EndTokens.of(path, tokenizer));
    }

    private static boolean isGpt2(Path path) {
        Path configuration = path.resolve("config.json");
        return Files.isDirectory(path)
                && Files.exists(configuration)
                && ModelConfiguration.read(configuration).text("model_type", "").equals("gpt2");
    }

    private static PretrainedTokenizer tokenizer(Path path) {
        if (Files.isDirectory(path)) {
            return PretrainedTokenizer.load(path);
        }
        if (TensorFile.open(path) instanceof Gguf gguf && gguf.configuration().has("tokenizer.ggml.model")) {
            return PretrainedTokenizer.gguf(
                    path.toString(), gguf.configuration().values());
        }
        return BESIDE.stream()
                .map(path::resolveSibling)
                .filter(Files::exists)
                .findFirst()
                .map(PretrainedTokenizer::load)
                .orElseThrow(() -> new IllegalArgumentException(
                        "%s: no tokeniser in it, and none of %s beside it".formatted(path, BESIDE)));
    }

    /// Goes on with texts, and ends at the model's own ends.
    public Generator generator() {
        return Generator.of(model).ends(ends.toArray(Integer[]::new));
    }
}
