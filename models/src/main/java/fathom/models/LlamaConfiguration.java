package fathom.models;

import fathom.io.ModelConfiguration;
import fathom.ir.Require;
import fathom.nn.RotaryScaling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The sizes of a [Llama], and what its relatives do differently.
///
/// @param vocabulary tokens
/// @param width of the vectors between layers
/// @param hidden of the dense layers
/// @param layers how many
/// @param heads of the queries
/// @param keyHeads of keys and values
/// @param headWidth elements of a head
/// @param context places that there are
/// @param epsilon of the normalisation
/// @param base of the rotary positions
/// @param scaling of the rotary positions
/// @param isTied whether the head has the matrix of the embedding
/// @param projectionBias whether queries, keys and values have biases
/// @param outputBias whether attention's output has one
/// @param denseBias whether the dense layers have biases
public record LlamaConfiguration(
        int vocabulary,
        int width,
        int hidden,
        int layers,
        int heads,
        int keyHeads,
        int headWidth,
        int context,
        double epsilon,
        double base,
        RotaryScaling scaling,
        boolean isTied,
        boolean projectionBias,
        boolean outputBias,
        boolean denseBias) {
    private static final double DEFAULT_BASE = 10_000;
    private static final double DEFAULT_EPSILON = 1e-6;

    public LlamaConfiguration {
        Require.positive("llama: vocabulary", vocabulary);
        Require.positive("llama: width", width);
        Require.positive("llama: hidden", hidden);
        Require.positive("llama: layers", layers);
        Require.that(
                layers <= TransformerStack.MOST_LAYERS,
                "llama: %s layers, expected up to %s",
                layers,
                TransformerStack.MOST_LAYERS);
        Require.positive("llama: heads", heads);
        Require.positive("llama: key heads", keyHeads);
        Require.positive("llama: head width", headWidth);
        Require.positive("llama: context", context);
        Require.that(heads % keyHeads == 0, "llama: %s heads and %s of keys, expected a divisor", heads, keyHeads);
        Require.that(headWidth % 2 == 0, "llama: heads of %s, expected an even width to turn", headWidth);
        long rows = Math.max((long) heads * headWidth, Math.max(hidden, vocabulary));
        Require.that(rows * width <= Integer.MAX_VALUE, "llama: matrices of %s x %s, expected below 2^31", rows, width);
    }

    /// Of `config.json` as Hugging Face has it, for models of the types `llama`, `mistral` and `qwen2`.
    ///
    /// @throws IllegalArgumentException if a value is missing, or asks for something that is not supported
    public static LlamaConfiguration of(ModelConfiguration json) {
        String type = json.text("model_type", "llama");
        boolean isKnown = List.of("llama", "mistral", "qwen2").contains(type);
        Require.that(isKnown, "%s: model_type '%s', expected llama, mistral or qwen2", json.where(), type);
        String activation = json.text("hidden_act", "silu");
        Require.that(activation.equals("silu"), "%s: hidden_act '%s', expected silu", json.where(), activation);
        double partial = json.number("partial_rotary_factor", 1);
        Require.that(partial == 1, "%s: partial_rotary_factor %s, expected 1", json.where(), partial);
        boolean isQwen = type.equals("qwen2");
        boolean bias = json.flag("attention_bias", isQwen);
        int heads = json.integer("num_attention_heads");
        int width = json.integer("hidden_size");
        int context = json.integer("max_position_embeddings", 2048);
        // Within the window all attention is the same as without one.
        int window = json.flag("use_sliding_window", !isQwen) ? json.integer("sliding_window", context) : context;
        // Newer files have the base among the values of the scaling.
        ModelConfiguration rope = json.object("rope_parameters")
                .or(() -> json.object("rope_scaling"))
                .orElse(new ModelConfiguration(json.where(), Map.of()));
        return new LlamaConfiguration(
                json.integer("vocab_size"),
                width,
                json.integer("intermediate_size"),
                json.integer("num_hidden_layers"),
                heads,
                json.integer("num_key_value_heads", heads),
                json.integer("head_dim", width / Math.max(1, heads)),
                Math.min(context, window),
                json.number("rms_norm_eps", DEFAULT_EPSILON),
                json.number("rope_theta", rope.number("rope_theta", DEFAULT_BASE)),
                scaling(rope),
                json.flag("tie_word_embeddings", false),
                bias,
                bias && !isQwen,
                json.flag("mlp_bias", false));
    }

    private static RotaryScaling scaling(ModelConfiguration rope) {
        String type = rope.text("rope_type", rope.text("type", "default"));
        return switch (type) {
            case "default" -> RotaryScaling.none();
            case "linear" -> RotaryScaling.linear(rope.number("factor"));
            case "llama3" ->
                RotaryScaling.byTurns(
                        rope.number("factor"),
                        rope.number("low_freq_factor"),
                        rope.number("high_freq_factor"),
                        rope.integer("original_max_position_embeddings"));
            default ->
                throw new IllegalArgumentException(
                        "%s: rope_type '%s', expected default, linear or llama3".formatted(rope.where(), type));
        };
    }

    /// Of the values in a GGUF file, for the architectures `llama` and `qwen2`.
    ///
    /// @param isTied whether the file has no matrix of the head
    /// @param given the scaling of the rotary positions, if the file has it among its tensors
    /// @throws IllegalArgumentException if a value is missing, or asks for something that is not supported
    static LlamaConfiguration ofGguf(
            ModelConfiguration values, int vocabulary, boolean isTied, Optional<RotaryScaling> given) {
        String name = values.text("general.architecture");
        boolean isKnown = List.of("llama", "qwen2").contains(name);
        Require.that(isKnown, "%s: architecture '%s', expected llama or qwen2", values.where(), name);
        int heads = values.integer(name + ".attention.head_count");
        int width = values.integer(name + ".embedding_length");
        int headWidth = values.integer(name + ".attention.key_length", width / Math.max(1, heads));
        int turned = values.integer(name + ".rope.dimension_count", headWidth);
        List<String> problems = new ArrayList<>();
        if (turned != headWidth) {
            problems.add("rope.dimension_count %s of heads of %s".formatted(turned, headWidth));
        }
        if (values.integer(name + ".expert_count", 0) > 0) {
            problems.add("experts");
        }
        String scaling = values.text(name + ".rope.scaling.type", "none");
        if (!scaling.equals("none") && !scaling.equals("linear")) {
            problems.add("rope.scaling.type " + scaling);
        }
        Require.that(problems.isEmpty(), "%s: %s, which are not supported", values.where(), problems);
        return new LlamaConfiguration(
                vocabulary,
                width,
                values.integer(name + ".feed_forward_length"),
                values.integer(name + ".block_count"),
                heads,
                values.integer(name + ".attention.head_count_kv", heads),
                headWidth,
                values.integer(name + ".context_length"),
                values.number(name + ".attention.layer_norm_rms_epsilon"),
                values.number(name + ".rope.freq_base", DEFAULT_BASE),
                given.orElseGet(() -> scaling.equals("linear")
                        ? RotaryScaling.linear(values.number(name + ".rope.scaling.factor"))
                        : RotaryScaling.none()),
                isTied,
                name.equals("qwen2"),
                false,
                false);
    }

    /// Of the sizes in a file of llama2.c.
    static LlamaConfiguration ofLlama2c(ModelConfiguration sizes) {
        int heads = sizes.integer("n_heads");
        int width = sizes.integer("dim");
        return new LlamaConfiguration(
                sizes.integer("vocab_size"),
                width,
                sizes.integer("hidden_dim"),
                sizes.integer("n_layers"),
                heads,
                sizes.integer("n_kv_heads"),
                width / heads,
                sizes.integer("max_seq_len"),
                1e-5,
                DEFAULT_BASE,
                RotaryScaling.none(),
                sizes.flag("shared_classifier", true),
                false,
                false,
                false);
    }
}
