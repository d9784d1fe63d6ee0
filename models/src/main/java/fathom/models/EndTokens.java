package fathom.models;

import fathom.data.text.PretrainedTokenizer;
import fathom.io.Gguf;
import fathom.io.Llama2c;
import fathom.io.ModelConfiguration;
import fathom.io.TensorFile;
import fathom.ir.Require;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// The tokens at which a published model ends: those that its files name, or else those that such models end
/// with.
final class EndTokens {
    /// Where a folder says it, the one that counts first.
    private static final List<String> FILES = List.of("generation_config.json", "config.json");

    private static final String KEY = "eos_token_id";

    /// Of a text, of a turn in a talk, of a message.
    private static final List<String> GGUF_KEYS =
            List.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id");

    /// Stories of llama2.c end where the next one begins.
    private static final Set<Integer> LLAMA2C = Set.of(1, 2);

    private static final List<String> NAMES = List.of("</s>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>");

    private EndTokens() {}

    /// @throws IllegalArgumentException if a file is damaged, or says something that is no token
    static Set<Integer> of(Path model, PretrainedTokenizer tokenizer) {
        Set<Integer> ends = Files.isDirectory(model) ? ofFolder(model) : ofFile(model);
        if (ends.isEmpty()) {
            NAMES.forEach(name -> tokenizer.id(name).ifPresent(ends::add));
        }
        return ends;
    }

    private static Set<Integer> ofFolder(Path folder) {
        for (String name : FILES) {
            Path file = folder.resolve(name);
            Set<Integer> ends = Files.exists(file) ? of(ModelConfiguration.read(file), KEY) : Set.of();
            if (!ends.isEmpty()) {
                return ends;
            }
        }
        return new LinkedHashSet<>();
    }

    private static Set<Integer> ofFile(Path file) {
        Set<Integer> ends = new LinkedHashSet<>();
        switch (TensorFile.open(file)) {
            case Gguf gguf -> GGUF_KEYS.forEach(key -> ends.addAll(of(gguf.configuration(), key)));
            case Llama2c _ -> ends.addAll(LLAMA2C);
            default -> ends.addAll(ofFolder(file.resolveSibling("")));
        }
        return ends;
    }

    /// A number, or a list of numbers.
    private static Set<Integer> of(ModelConfiguration values, String key) {
        Object value = values.values().get(key);
        List<?> items = value == null ? List.of() : value instanceof List<?> list ? list : List.of(value);
        Set<Integer> ends = new LinkedHashSet<>();
        for (Object item : items) {
            boolean fits = item instanceof Long number && number >= 0 && number <= Integer.MAX_VALUE;
            Require.that(fits, "%s: '%s' has %s, expected the number of a token", values.where(), key, item);
            ends.add(((Number) item).intValue());
        }
        return ends;
    }
}
