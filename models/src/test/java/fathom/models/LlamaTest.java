package fathom.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.KeyValueCache;
import fathom.nn.Modules;
import fathom.nn.RotaryScaling;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of files; that models say the right thing is a matter of `parity`.
class LlamaTest {
    @TempDir
    private Path folder;

    private Llama load(String configuration, Map<String, Tensor> weights) throws IOException {
        return Llama.load(Tiny.folder(folder, configuration, weights));
    }

    @Test
    void parametersHaveNames() throws IOException {
        Llama llama = load(Tiny.CONFIGURATION, Tiny.weights());
        assertThat(Modules.parameters(llama).keySet())
                .contains("tokens.weight", "blocks.0.attention.query.weight", "blocks.0.feedForward.down.weight")
                .hasSize(11);
        assertThat(llama.vocabulary()).isEqualTo(Tiny.VOCABULARY);
        assertThat(llama.context()).isEqualTo(Tiny.CONTEXT);
    }

    @Test
    void halfPrecisionBecomesSingle() throws IOException {
        Map<String, Tensor> halves = new LinkedHashMap<>();
        Tiny.weights().forEach((name, weight) -> halves.put(name, weight.cast(DType.BF16)));
        Llama llama = load(Tiny.CONFIGURATION, halves);
        Tensor expected =
                Objects.requireNonNull(halves.get("model.embed_tokens.weight")).cast(DType.F32);
        assertThat(llama.tokens().weight().value().toFloats()).containsExactly(expected.toFloats());
    }

    /// Everything that is wrong is in one message.
    @Test
    void whatDoesNotFitIsSaidAllAtOnce() throws IOException {
        Map<String, Tensor> weights = Tiny.weights();
        weights.remove("model.norm.weight");
        weights.remove("model.layers.0.mlp.up_proj.weight");
        weights.put("model.layers.0.input_layernorm.weight", Tensor.ones(9));
        weights.put("model.layers.0.self_attn.q_proj.weight", Tensor.zeros(8, 8).cast(DType.I32));
        weights.put("surprise", Tensor.ones(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(Tiny.CONFIGURATION, weights))
                .withMessage(folder.resolve("model.safetensors")
                        + ": not the weights that the configuration asks for: "
                        + "missing: model.layers.0.mlp.up_proj.weight [12, 8], model.norm.weight [8]; "
                        + "superfluous: surprise; "
                        + "of another shape: model.layers.0.input_layernorm.weight is F32[9], expected [8], "
                        + "model.layers.0.self_attn.q_proj.weight is I32[8, 8], expected [8, 8]");
    }

    @Test
    void tablesOfAnglesAndATiedHeadAreNotMissed() throws IOException {
        Map<String, Tensor> weights = Tiny.weights();
        weights.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.ones(2));
        weights.put("lm_head.weight", Tensor.ones(20, 8));
        assertThat(load(Tiny.CONFIGURATION, weights).head()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "\"model_type\": \"llama\"; \"model_type\": \"bert\"; model_type 'bert', expected llama",
                "\"hidden_size\": 8; \"hidden_act\": \"gelu\", \"hidden_size\": 8; hidden_act 'gelu', expected silu",
                "\"hidden_size\": 8,; ; no 'hidden_size', expected a whole number",
                "\"hidden_size\": 8; \"hidden_size\": \"8\"; 'hidden_size' is '8', expected a whole number",
                "\"hidden_size\": 8; \"hidden_size\": 0; width 0, expected at least 1",
                "\"num_hidden_layers\": 1; \"num_hidden_layers\": 2000000000; 2000000000 layers",
                "\"hidden_size\": 8; \"hidden_size\": 2000000000; expected below 2^31",
                "\"num_key_value_heads\": 1; \"num_key_value_heads\": 3; 2 heads and 3 of keys",
                "\"hidden_size\": 8; \"hidden_size\": 8, \"rope_scaling\": {\"type\": \"yarn\"}; rope_type 'yarn'",
            })
    void whatIsNotSupportedIsSaid(String part, String instead, String message) throws IOException {
        String configuration = Tiny.CONFIGURATION.replace(part, instead == null ? "" : instead);
        assertThat(configuration).isNotEqualTo(Tiny.CONFIGURATION);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> load(configuration, Tiny.weights()))
                .withMessageContaining(message);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> Llama.load(folder.resolve("none.gguf")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("none.gguf: no such file");
        assertThatThrownBy(() -> Llama.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no checkpoint, expected one of");
    }

    @Test
    void anglesAreScaledAsTheConfigurationSays() throws IOException {
        String llama3 = Tiny.CONFIGURATION.replace("\"hidden_size\": 8", """
                "hidden_size": 8, "rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 8.0,
                "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}""");
        LlamaConfiguration found = load(llama3, Tiny.weights()).configuration();
        assertThat(found.base()).isEqualTo(500000);
        assertThat(found.scaling()).isEqualTo(RotaryScaling.byTurns(8, 1, 4, 8192));
        String newer = Tiny.CONFIGURATION.replace("\"hidden_size\": 8", """
                "hidden_size": 8, "rope_parameters": {"rope_type": "linear", "factor": 2.0, "rope_theta": 1000.0}""");
        LlamaConfiguration other = load(newer, Tiny.weights()).configuration();
        assertThat(other.base()).isEqualTo(1000);
        assertThat(other.scaling()).isEqualTo(RotaryScaling.linear(2));
    }

    /// Filled-up tokens are not seen by those that follow.
    @Test
    void stepsSayWhatAllAtOnceSays() throws IOException {
        Llama llama = load(Tiny.CONFIGURATION, Tiny.weights());
        int[] tokens = {3, 1, 4, 1, 5, 9, 2, 6};
        float[] all = llama.apply(Tensor.of(tokens, 1, 8)).at(0, 0).toFloats();
        List<KeyValueCache> caches = llama.caches(1, 16);
        var step = llama.next(Tensor.of(new int[] {3, 1, 4, 19, 19, 19}, 1, 6), 3, caches);
        for (int i = 3; i <= 8; i++) {
            float[] expected = Arrays.copyOfRange(all, (i - 1) * 20, i * 20);
            assertThat(step.logits().toFloats()).containsExactly(expected, within(1e-4f));
            assertThat(step.caches().getFirst().length()).isEqualTo(i);
            if (i < 8) {
                step = llama.next(Tensor.of(new int[] {tokens[i]}, 1, 1), 1, step.caches());
            }
        }
    }
}
