package fathom.parity;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A Llama of the size of stories260K, with weights that are drawn: its files, and the same model in
/// libtorch's operations.
///
/// @param weights under the names and in the layouts of Hugging Face
/// @param isTied whether there is no matrix of the head
/// @param bias whether queries, keys and values have biases, as in Qwen 2
record TinyLlama(Map<String, Tensor> weights, boolean isTied, boolean bias) {
    static final int VOCABULARY = 512;
    static final int WIDTH = 64;
    static final int HIDDEN = 172;
    static final int LAYERS = 5;
    static final int HEADS = 8;
    static final int KEY_HEADS = 4;
    static final int CONTEXT = 512;
    private static final int EACH = WIDTH / HEADS;
    private static final double EPSILON = 1e-5;

    static TinyLlama draw(long seed, boolean isTied, boolean bias) {
        Checkpoints.Drawn all = new Checkpoints.Drawn(seed);
        // A large one of a tied head would say the last token again.
        all.add("model.embed_tokens.weight", isTied ? 0.06 : 1, 0, VOCABULARY, WIDTH);
        double in = 1 / Math.sqrt(WIDTH);
        for (int i = 0; i < LAYERS; i++) {
            String at = "model.layers." + i + ".";
            all.add(at + "input_layernorm.weight", 0.2, 1, WIDTH);
            all.add(at + "self_attn.q_proj.weight", 2 * in, 0, WIDTH, WIDTH);
            all.add(at + "self_attn.k_proj.weight", 2 * in, 0, KEY_HEADS * EACH, WIDTH);
            all.add(at + "self_attn.v_proj.weight", in, 0, KEY_HEADS * EACH, WIDTH);
            all.add(at + "self_attn.o_proj.weight", in, 0, WIDTH, WIDTH);
            if (bias) {
                all.add(at + "self_attn.q_proj.bias", 0.5, 0, WIDTH);
                all.add(at + "self_attn.k_proj.bias", 0.5, 0, KEY_HEADS * EACH);
                all.add(at + "self_attn.v_proj.bias", 0.5, 0, KEY_HEADS * EACH);
            }
            all.add(at + "post_attention_layernorm.weight", 0.2, 1, WIDTH);
            all.add(at + "mlp.gate_proj.weight", in, 0, HIDDEN, WIDTH);
            all.add(at + "mlp.up_proj.weight", in, 0, HIDDEN, WIDTH);
            all.add(at + "mlp.down_proj.weight", 1 / Math.sqrt(HIDDEN), 0, WIDTH, HIDDEN);
        }
        all.add("model.norm.weight", 0.2, 1, WIDTH);
        if (!isTied) {
            all.add("lm_head.weight", in, 0, VOCABULARY, WIDTH);
        }
        return new TinyLlama(all.weights(), isTied, bias);
    }

    // ---- files ----

    String configuration() {
        return """
                {"model_type": "%s", "vocab_size": %s, "hidden_size": %s, "intermediate_size": %s,
                 "num_hidden_layers": %s, "num_attention_heads": %s, "num_key_value_heads": %s,
                 "max_position_embeddings": %s, "rms_norm_eps": 1e-5, "hidden_act": "silu", "rope_scaling": null,
                 "rope_theta": 10000.0, "tie_word_embeddings": %s}""".formatted(
                        bias ? "qwen2" : "llama", VOCABULARY, WIDTH, HIDDEN, LAYERS, HEADS, KEY_HEADS, CONTEXT, isTied);
    }

    Path gguf(Path file, DType dtype) {
        String name = bias ? "qwen2" : "llama";
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("general.architecture", name);
        values.put(name + ".context_length", CONTEXT);
        values.put(name + ".embedding_length", WIDTH);
        values.put(name + ".block_count", LAYERS);
        values.put(name + ".feed_forward_length", HIDDEN);
        values.put(name + ".attention.head_count", HEADS);
        values.put(name + ".attention.head_count_kv", KEY_HEADS);
        values.put(name + ".attention.layer_norm_rms_epsilon", (float) EPSILON);
        values.put(name + ".rope.dimension_count", EACH);
        Map<String, Tensor> renamed = new LinkedHashMap<>();
        weights.forEach((key, weight) -> {
            // Llama's queries and keys are turned round for this format, Qwen's are not.
            Tensor turned = bias ? weight : neighbours(key, weight);
            boolean isMatrix = weight.rank() == 2;
            renamed.put(ggufName(key), isMatrix ? turned.cast(dtype).evaluate() : turned);
        });
        return Checkpoints.gguf(file, values, renamed);
    }

    private static String ggufName(String name) {
        return name.replace("model.embed_tokens", "token_embd")
                .replace("model.layers", "blk")
                .replace("input_layernorm", "attn_norm")
                .replace("post_attention_layernorm", "ffn_norm")
                .replaceAll("self_attn.([qkv])_proj", "attn_$1")
                .replace("self_attn.o_proj", "attn_output")
                .replaceAll("mlp.(gate|up|down)_proj", "ffn_$1")
                .replace("model.norm", "output_norm")
                .replace("lm_head", "output");
    }

    /// Rows half a head apart become neighbours.
    private static Tensor neighbours(String name, Tensor weight) {
        if (!name.contains("q_proj") && !name.contains("k_proj")) {
            return weight;
        }
        int heads = weight.dim(0) / EACH;
        return weight.reshape(heads, 2, EACH / 2, WIDTH).permute(0, 2, 1, 3).reshape(weight.shape());
    }

    /// A file of llama2.c.
    ///
    /// @param version 0 or 1
    Path llama2c(Path file, int version) {
        boolean isFirst = version == 0;
        Checkpoints.Little out = new Checkpoints.Little();
        int[] sizes = {WIDTH, HIDDEN, LAYERS, HEADS, KEY_HEADS, isFirst && !isTied ? -VOCABULARY : VOCABULARY, CONTEXT};
        if (isFirst) {
            out.ints(sizes);
            out.elements(weight("model.embed_tokens"));
            layers(out, "input_layernorm");
        } else {
            out.ints(0x616b3432, 1).ints(sizes).ints(isTied ? 1 : 0).align(256);
            layers(out, "input_layernorm");
            layers(out, "post_attention_layernorm");
            out.elements(weight("model.norm")).elements(weight("model.embed_tokens"));
        }
        layers(out, "self_attn.q_proj");
        layers(out, "self_attn.k_proj");
        layers(out, "self_attn.v_proj");
        layers(out, "self_attn.o_proj");
        if (isFirst) {
            layers(out, "post_attention_layernorm");
        }
        layers(out, "mlp.gate_proj");
        layers(out, "mlp.down_proj");
        layers(out, "mlp.up_proj");
        if (isFirst) {
            out.elements(weight("model.norm")).elements(Tensor.zeros(CONTEXT, EACH));
        }
        if (!isTied) {
            out.elements(weight("lm_head"));
        }
        return Checkpoints.bytes(file, out.toBytes());
    }

    private Tensor weight(String name) {
        return weights.getOrDefault(name + ".weight", Tensor.zeros(0));
    }

    private void layers(Checkpoints.Little out, String name) {
        for (int i = 0; i < LAYERS; i++) {
            String layer = "model.layers." + i + "." + name;
            out.elements(neighbours(layer, weight(layer)));
        }
    }

    // ---- the model in libtorch ----

    /// Logits `[T, vocabulary]`.
    org.bytedeco.pytorch.Tensor forward(int... tokens) {
        org.bytedeco.pytorch.Tensor ids =
                Torch.of(Tensor.of(tokens, 1, tokens.length)).to(ScalarType.Long);
        org.bytedeco.pytorch.Tensor h = torch.embedding(torch("model.embed_tokens.weight"), ids);
        for (int i = 0; i < LAYERS; i++) {
            String at = "model.layers." + i + ".";
            h = h.add(attention(at + "self_attn.", norm(h, at + "input_layernorm.weight")));
            org.bytedeco.pytorch.Tensor n = norm(h, at + "post_attention_layernorm.weight");
            org.bytedeco.pytorch.Tensor gate = torch.silu(linear(n, at + "mlp.gate_proj"));
            h = h.add(linear(gate.mul(linear(n, at + "mlp.up_proj")), at + "mlp.down_proj"));
        }
        return linear(norm(h, "model.norm.weight"), isTied ? "model.embed_tokens" : "lm_head")
                .squeeze(0);
    }

    private org.bytedeco.pytorch.Tensor attention(String at, org.bytedeco.pytorch.Tensor x) {
        org.bytedeco.pytorch.Tensor q = TorchAttention.split(linear(x, at + "q_proj"), HEADS);
        org.bytedeco.pytorch.Tensor k = TorchAttention.split(linear(x, at + "k_proj"), KEY_HEADS);
        org.bytedeco.pytorch.Tensor v = TorchAttention.split(linear(x, at + "v_proj"), KEY_HEADS);
        org.bytedeco.pytorch.Tensor mixed =
                TorchAttention.attention(turned(q), turned(k), v, new TensorOptional(), true);
        return linear(mixed.transpose(1, 2).flatten(2, 3), at + "o_proj");
    }

    /// As the paper of the first Llama and its relatives have it: elements half a head apart.
    private static org.bytedeco.pytorch.Tensor turned(org.bytedeco.pytorch.Tensor x) {
        return TorchAttention.rotaryInHalves(x);
    }

    private org.bytedeco.pytorch.Tensor norm(org.bytedeco.pytorch.Tensor x, String name) {
        org.bytedeco.pytorch.Tensor meanSquare = x.mul(x).mean(new long[] {-1}, true, new ScalarTypeOptional());
        return x.mul(meanSquare.add(Torch.scalar(EPSILON)).rsqrt()).mul(torch(name));
    }

    private org.bytedeco.pytorch.Tensor linear(org.bytedeco.pytorch.Tensor x, String name) {
        Tensor added = weights.get(name + ".bias");
        TensorOptional none = new TensorOptional();
        return torch.linear(x, torch(name + ".weight"), added == null ? none : new TensorOptional(Torch.of(added)));
    }

    private org.bytedeco.pytorch.Tensor torch(String name) {
        return Torch.of(weights.getOrDefault(name, Tensor.zeros(0)));
    }
}
