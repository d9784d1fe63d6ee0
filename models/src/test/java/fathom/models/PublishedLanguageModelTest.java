package fathom.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.testing.GgufBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublishedLanguageModelTest {
    private static final List<String> LETTERS = IntStream.range(0, Tiny.VOCABULARY)
            .mapToObj(i -> String.valueOf((char) ('a' + i)))
            .toList();

    @TempDir
    private Path folder;

    private Path published() throws IOException {
        String letters = IntStream.range(0, Tiny.VOCABULARY)
                .mapToObj(i -> "\"" + LETTERS.get(i) + "\": " + i)
                .collect(Collectors.joining(", ", "{", "}"));
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": " + letters
                        + ", \"merges\": []}, \"decoder\": {\"type\": \"Fuse\"}}");
        return Tiny.folder(folder, Tiny.CONFIGURATION, Tiny.weights());
    }

    // ---- folders ----

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {"3 ; - ; 3", "- ; [4, 5] ; 4 5", "3 ; [4, 5] ; 4 5", "[7] ; null ; 7", "- ; - ; ''"})
    void endsAreThoseOfTheFiles(@Nullable String config, @Nullable String generation, String ends) throws IOException {
        Path path = published();
        if (config != null) {
            Files.writeString(
                    path.resolve("config.json"),
                    Tiny.CONFIGURATION.replace("\"vocab_size\"", "\"eos_token_id\": " + config + ", \"vocab_size\""));
        }
        if (generation != null) {
            Files.writeString(path.resolve("generation_config.json"), "{\"eos_token_id\": " + generation + "}");
        }
        List<Integer> expected = ends.lines()
                .flatMap(line -> Stream.of(line.split(" ")))
                .map(Integer::valueOf)
                .toList();
        assertThat(PublishedLanguageModel.load(path).ends()).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void generationEndsThere() throws IOException {
        Path path = published();
        PublishedLanguageModel endless = PublishedLanguageModel.load(path);
        int[] tokens = endless.generator().most(20).generate(1, 2);
        assertThat(tokens).hasSize(20);
        int end = tokens[5];
        Files.writeString(path.resolve("generation_config.json"), "{\"eos_token_id\": [" + end + ", 19]}");
        int first =
                IntStream.range(0, 20).filter(i -> tokens[i] == end).findFirst().orElseThrow();
        assertThat(PublishedLanguageModel.load(path).generator().most(20).generate(1, 2))
                .containsExactly(IntStream.of(tokens).limit(first).toArray());
    }

    @Test
    void whatIsNoTokenIsRefused() throws IOException {
        Path path = published();
        for (String wrong : List.of("\"x\"", "[-1]", "1.5", "[[1]]", "4294967296")) {
            Files.writeString(path.resolve("generation_config.json"), "{\"eos_token_id\": " + wrong + "}");
            assertThatThrownBy(() -> PublishedLanguageModel.load(path))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(path.resolve("generation_config.json") + ": 'eos_token_id' has ")
                    .hasMessageEndingWith("expected the number of a token");
        }
    }

    // ---- GGUF ----

    /// The same weights, but for the order of the rows of queries and keys, with a vocabulary of letters.
    private Path gguf(boolean hasTokens) throws IOException {
        Map<String, Tensor> weights = Tiny.weights();
        GgufBytes file = new GgufBytes().head(3, weights.size(), hasTokens ? 14 : 8);
        file.key("general.architecture", 8).text("llama");
        Map<String, Integer> sizes = Map.of(
                "attention.head_count", 2,
                "attention.head_count_kv", 1,
                "embedding_length", 8,
                "feed_forward_length", 12,
                "block_count", 1,
                "context_length", Tiny.CONTEXT);
        sizes.forEach((key, size) -> file.key("llama." + key, 4).u32(size));
        file.key("llama.attention.layer_norm_rms_epsilon", 6).f32(1e-5f);
        if (hasTokens) {
            file.key("tokenizer.ggml.model", 8).text("gpt2");
            file.key("tokenizer.ggml.pre", 8).text("gpt-2");
            file.texts("tokenizer.ggml.tokens", LETTERS);
            file.texts("tokenizer.ggml.merges", List.of());
            file.key("tokenizer.ggml.eos_token_id", 4).u32(3);
            file.key("tokenizer.ggml.eot_token_id", 4).u32(4);
        }
        long offset = 0;
        for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
            Shape shape = weight.getValue().shape();
            long[] axes = IntStream.range(0, shape.rank())
                    .mapToLong(i -> shape.dim(shape.rank() - 1 - i))
                    .toArray();
            file.tensor(name(weight.getKey()), 0, offset, axes);
            offset += (4L * shape.size() + 31) / 32 * 32;
        }
        weights.forEach(
                (name, weight) -> file.align(32).f32(neighbours(name, weight).toFloats()));
        return Files.write(folder.resolve("model.gguf"), file.toBytes());
    }

    private static String name(String name) {
        return name.replace("model.embed_tokens", "token_embd")
                .replace("model.layers", "blk")
                .replace("input_layernorm", "attn_norm")
                .replace("post_attention_layernorm", "ffn_norm")
                .replace("self_attn.o_proj", "attn_output")
                .replaceAll("self_attn\\.(.)_proj", "attn_$1")
                .replaceAll("mlp\\.(gate|up|down)_proj", "ffn_$1")
                .replace("model.norm", "output_norm");
    }

    private static Tensor neighbours(String name, Tensor weight) {
        int each = 4;
        return name.matches(".*[qk]_proj.*")
                ? weight.reshape(weight.dim(0) / each, 2, each / 2, 8)
                        .permute(0, 2, 1, 3)
                        .reshape(weight.shape())
                : weight;
    }

    @Test
    void aFileOfGgufNeedsNoOther() throws IOException {
        PublishedLanguageModel file = PublishedLanguageModel.load(gguf(true));
        assertThat(file.ends()).containsExactlyInAnyOrder(3, 4);
        assertThat(file.tokenizer().vocabulary().tokens()).isEqualTo(LETTERS);
        PublishedLanguageModel same = PublishedLanguageModel.load(published());
        int[] beginning = file.tokenizer().encoding("abc").ids();
        assertThat(beginning).containsExactly(0, 1, 2);
        Generator endless = Generator.of(file.model()).most(30);
        assertThat(endless.generate(beginning))
                .containsExactly(same.generator().most(30).generate(beginning));
        StringBuilder text = new StringBuilder();
        file.generator().most(30).text(file.tokenizer(), beginning, text::append);
        assertThat(text.toString()).doesNotContain("d", "e");
    }

    @Test
    void withoutATokenizerInItThereHasToBeOneBeside() throws IOException {
        Path path = gguf(false);
        assertThatThrownBy(() -> PublishedLanguageModel.load(path))
                .hasMessage(path + ": no tokeniser in it, and none of [tokenizer.json, tokenizer.model, tokenizer.bin]"
                        + " beside it");
        published();
        assertThat(PublishedLanguageModel.load(path).tokenizer().encode("ab")).containsExactly(0, 1);
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Path moved = Files.move(path, elsewhere.resolve("model.gguf"));
        assertThat(PublishedLanguageModel.load(moved, folder.resolve("tokenizer.json"))
                        .tokenizer()
                        .encode("ab"))
                .containsExactly(0, 1);
    }
}
