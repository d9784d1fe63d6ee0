package fathom.models;

import static fathom.models.WeightLayout.part;
import static fathom.models.WeightLayout.same;

import fathom.io.ModelConfiguration;
import fathom.io.TensorFile;
import fathom.ir.Require;
import fathom.nn.AttentionMask;
import fathom.nn.Embedding;
import fathom.nn.KeyValueCache;
import fathom.nn.LayerNorm;
import fathom.nn.Layers;
import fathom.nn.LearnedPositions;
import fathom.nn.MultiHeadAttention;
import fathom.nn.TransformerEncoderLayer;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// GPT-2: a decoder with learned positions and normalisation before each part, whose head has the vectors of
/// the tokens. Radford et al.: *Language models are unsupervised multitask learners* (2019).
///
/// @param tokens vectors of the vocabulary
/// @param positions vectors of the places
/// @param layers attention to the steps before, and dense layers
/// @param norm after the last layer
public record Gpt2(Embedding tokens, LearnedPositions positions, List<TransformerEncoderLayer> layers, LayerNorm norm)
        implements LanguageModel {
    private static final double EPSILON = 1e-5;

    public Gpt2 {
        layers = List.copyOf(layers);
    }

    /// Reads a published model: a folder with `config.json` and its weights in safetensors or PyTorch's
    /// format, in one file or several.
    ///
    /// @throws IllegalArgumentException if a file is damaged, the configuration asks for something that is
    ///   not supported, or weights are missing, superfluous or of other shapes; the message has all of these
    /// @throws UncheckedIOException if a file cannot be read
    public static Gpt2 load(Path folder) {
        ModelConfiguration json = ModelConfiguration.read(folder.resolve("config.json"));
        String type = json.text("model_type", "gpt2");
        Require.that(type.equals("gpt2"), "%s: model_type '%s', expected gpt2", json.where(), type);
        String activation = json.text("activation_function", "gelu_new");
        // Two names of the same approximation.
        boolean isKnown = activation.equals("gelu_new") || activation.equals("gelu_pytorch_tanh");
        Require.that(isKnown, "%s: activation_function '%s', expected gelu_new", json.where(), activation);
        boolean plain = json.flag("scale_attn_weights", true) && !json.flag("scale_attn_by_inverse_layer_idx", false);
        Require.that(plain, "%s: scores scaled otherwise than by the width of a head", json.where());
        boolean isTied = json.flag("tie_word_embeddings", true);
        Require.that(isTied, "%s: a head of its own, expected that of the tokens", json.where());
        TransformerStack stack = TransformerStack.of(json, "n_embd", "n_layer", "n_head");
        Weights weights = plan(json, stack.width(), stack.count())
                .load(TensorFile.open(folder), Gpt2::withoutPrefix, Gpt2::isHarmless);
        double epsilon = json.number("layer_norm_epsilon", EPSILON);
        return new Gpt2(
                weights.embedding("tokens"),
                new LearnedPositions(weights.weight("positions")),
                stack.layers(weights, AttentionMask.none().causal(), Layers.geluTanh(), epsilon, true),
                weights.layerNorm("norm", epsilon));
    }

    private static WeightPlan plan(ModelConfiguration json, int width, int count) {
        int hidden = json.integer("n_inner", 4 * width);
        WeightPlan plan = new WeightPlan();
        plan.add("tokens.weight", "wte.weight", same(), json.integer("vocab_size"), width);
        plan.add("positions.weight", "wpe.weight", same(), json.integer("n_positions", 1024), width);
        for (int i = 0; i < count; i++) {
            String to = "layers." + i + ".";
            String from = "h." + i + ".";
            plan.norm(to + "attentionNorm", from + "ln_1", width);
            // Queries, keys and values side by side in one matrix, which is [in, out] here.
            List<String> parts = List.of("query", "key", "value");
            for (String name : parts) {
                WeightLayout part = part(parts.indexOf(name), parts.size());
                plan.linear(to + "attention." + name, from + "attn.c_attn", part, part, width, width);
            }
            plan.linear(to + "attention.output", from + "attn.c_proj", same(), same(), width, width);
            plan.norm(to + "feedForwardNorm", from + "ln_2", width);
            plan.linear(to + "feedForward.up", from + "mlp.c_fc", same(), same(), width, hidden);
            plan.linear(to + "feedForward.down", from + "mlp.c_proj", same(), same(), hidden, width);
        }
        plan.norm("norm", "ln_f", width);
        return plan;
    }

    private static String withoutPrefix(String name) {
        return name.startsWith("transformer.") ? name.substring("transformer.".length()) : name;
    }

    /// The causal mask, which older files have as a buffer, and the head, which is that of the tokens.
    private static boolean isHarmless(String name) {
        return name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias") || name.equals("lm_head.weight");
    }

    @Override
    public int vocabulary() {
        return tokens.weight().shape().dim(0);
    }

    @Override
    public int context() {
        return positions.weight().shape().dim(0);
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor h = positions.apply(tokens.apply(x));
        for (TransformerEncoderLayer layer : layers) {
            h = layer.apply(h);
        }
        return logits(norm.apply(h));
    }

    @Override
    public List<KeyValueCache> caches(int samples, int capacity) {
        return layers.stream()
                .map(layer -> layer.selfAttention().cache(samples, capacity))
                .toList();
    }

    @Override
    public Read read(Tensor x, List<KeyValueCache> caches) {
        Tensor h = positions.apply(tokens.apply(x), caches.getFirst().first());
        List<KeyValueCache> kept = new ArrayList<>();
        for (TransformerEncoderLayer layer : layers) {
            MultiHeadAttention.Step step = layer.next(h, caches.get(kept.size()));
            h = step.output();
            kept.add(step.cache());
        }
        return new Read(norm.apply(h), kept);
    }

    @Override
    public Tensor logits(Tensor vectors) {
        return TiedHead.logits(vectors, tokens.weight().value());
    }
}
