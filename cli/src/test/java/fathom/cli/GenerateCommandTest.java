package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.text.PretrainedTokenizer;
import fathom.io.Safetensors;
import fathom.models.Generator;
import fathom.models.Llama;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `fathom generate` and `fathom embed`.
class GenerateCommandTest {
    private static final int WIDTH = 8;
    private static final int LETTERS = 20;

    @TempDir
    private Path folder;

    /// A model of one layer with drawn weights, whose tokens are letters.
    @BeforeEach
    void write() throws IOException {
        RandomStream random = RandomStream.of(3);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("model.embed_tokens.weight", random.normal(Shape.of(LETTERS, WIDTH)));
        String at = "model.layers.0.";
        weights.put(at + "input_layernorm.weight", Tensor.ones(WIDTH));
        weights.put(at + "post_attention_layernorm.weight", Tensor.ones(WIDTH));
        for (String part : new String[] {"q", "k", "v", "o"}) {
            weights.put(at + "self_attn." + part + "_proj.weight", random.normal(Shape.of(WIDTH, WIDTH)));
        }
        weights.put(at + "mlp.gate_proj.weight", random.normal(Shape.of(12, WIDTH)));
        weights.put(at + "mlp.up_proj.weight", random.normal(Shape.of(12, WIDTH)));
        weights.put(at + "mlp.down_proj.weight", random.normal(Shape.of(WIDTH, 12)));
        weights.put("model.norm.weight", Tensor.ones(WIDTH));
        Safetensors.write(folder.resolve("model.safetensors"), weights);
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "llama", "vocab_size": 20, "hidden_size": 8, "intermediate_size": 12,
                 "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 2,
                 "max_position_embeddings": 100, "rms_norm_eps": 1e-5, "tie_word_embeddings": true}""");
        String letters = IntStream.range(0, LETTERS)
                .mapToObj(i -> "\"" + (char) ('a' + i) + "\": " + i)
                .collect(Collectors.joining(", ", "{", "}"));
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": " + letters
                        + ", \"merges\": []}, \"decoder\": {\"type\": \"Fuse\"}}");
    }

    @Test
    void aModelGoesOnWithAText() {
        Cli result = Cli.run("generate", folder, "abc", "--most", 12);
        assertThat(result.err()).isEmpty();
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(folder);
        String expected =
                tokenizer.decode(Generator.of(Llama.load(folder)).most(12).generate(tokenizer.encode("abc")));
        assertThat(expected).hasSize(12);
        assertThat(result.out()).isEqualToNormalizingNewlines("abc" + expected + "\n");
        Cli drawn = Cli.run("generate", folder, "abc", "--most", 12, "--temperature", 5, "--seed", 4);
        assertThat(drawn.out()).startsWith("abc").isNotEqualTo(result.out());
        assertThat(Cli.run("generate", folder, "abc", "--most", 12, "--temperature", 5, "--seed", 4)
                        .out())
                .isEqualTo(drawn.out());
    }

    @Test
    void whatIsWrongIsSaid() throws IOException {
        Cli.run("generate", folder.resolve("none"), "x").isRefused("none: no such file or folder");
        Cli.run("generate", folder, "x", "--top-p", 2).isRefused("--top-p 2.0, expected above 0 and up to 1");
        Cli empty = Cli.run("generate", folder, "");
        assertThat(empty.code()).isEqualTo(Main.FAILED);
        assertThat(empty.err().lines()).hasSize(1);
        Cli.run("embed", "--model", folder.resolve("none"), "x").isRefused("none: no such file or folder");
        Cli llama = Cli.run("embed", "--model", folder, "x");
        assertThat(llama.code()).isEqualTo(Main.FAILED);
        assertThat(llama.err()).contains("model_type 'llama', expected bert");
        Files.delete(folder.resolve("tokenizer.json"));
        Cli none = Cli.run("generate", folder, "x");
        assertThat(none.err()).contains("none of the files [tokenizer.json");
    }
}
