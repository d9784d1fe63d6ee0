package fathom.parity;

import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A small GPT-2 with weights that are drawn, and the same model in libtorch's operations.
///
/// @param weights under the names of Hugging Face, where matrices are `[in, out]`
record TinyGpt2(Map<String, Tensor> weights) {
    private static final int VOCABULARY = 512;
    private static final int WIDTH = 48;
    private static final int LAYERS = 3;
    private static final int HEADS = 4;
    private static final int CONTEXT = 64;

    static TinyGpt2 draw(long seed) {
        Checkpoints.Drawn all = new Checkpoints.Drawn(seed);
        double in = 1 / Math.sqrt(WIDTH);
        all.add("wte.weight", 0.1, 0, VOCABULARY, WIDTH).add("wpe.weight", 0.5, 0, CONTEXT, WIDTH);
        for (int i = 0; i < LAYERS; i++) {
            String at = "h." + i + ".";
            all.add(at + "ln_1.weight", 0.2, 1, WIDTH).add(at + "ln_1.bias", 0.2, 0, WIDTH);
            all.add(at + "attn.c_attn.weight", 2 * in, 0, WIDTH, 3 * WIDTH);
            all.add(at + "attn.c_attn.bias", 0.5, 0, 3 * WIDTH);
            all.add(at + "attn.c_proj.weight", in, 0, WIDTH, WIDTH).add(at + "attn.c_proj.bias", 0.2, 0, WIDTH);
            all.add(at + "ln_2.weight", 0.2, 1, WIDTH).add(at + "ln_2.bias", 0.2, 0, WIDTH);
            all.add(at + "mlp.c_fc.weight", in, 0, WIDTH, 4 * WIDTH).add(at + "mlp.c_fc.bias", 0.2, 0, 4 * WIDTH);
            all.add(at + "mlp.c_proj.weight", in, 0, 4 * WIDTH, WIDTH).add(at + "mlp.c_proj.bias", 0.2, 0, WIDTH);
        }
        all.add("ln_f.weight", 0.2, 1, WIDTH).add("ln_f.bias", 0.2, 0, WIDTH);
        return new TinyGpt2(all.weights());
    }

    /// With what older files have besides: a prefix, the mask and the head.
    Map<String, Tensor> olderWeights() {
        Map<String, Tensor> older = new LinkedHashMap<>();
        weights.forEach((name, weight) -> older.put("transformer." + name, weight));
        older.put("transformer.h.0.attn.bias", Tensor.ones(1, 1, CONTEXT, CONTEXT));
        older.put("transformer.h.0.attn.masked_bias", Tensor.scalar(-1e4));
        older.put("lm_head.weight", Objects.requireNonNull(weights.get("wte.weight")));
        return older;
    }

    static String configuration() {
        return """
                {"model_type": "gpt2", "vocab_size": %s, "n_embd": %s, "n_layer": %s, "n_head": %s, "n_positions": %s,
                 "n_inner": null, "layer_norm_epsilon": 1e-05, "activation_function": "gelu_new"}""".formatted(VOCABULARY, WIDTH, LAYERS, HEADS, CONTEXT);
    }

    /// Logits `[T, vocabulary]`.
    org.bytedeco.pytorch.Tensor forward(int... tokens) {
        org.bytedeco.pytorch.Tensor ids =
                Torch.of(Tensor.of(tokens, 1, tokens.length)).to(ScalarType.Long);
        org.bytedeco.pytorch.Tensor h = torch.embedding(torch("wte.weight"), ids)
                .add(torch("wpe.weight").narrow(0, 0, tokens.length));
        for (int i = 0; i < LAYERS; i++) {
            String at = "h." + i + ".";
            h = h.add(attention(at + "attn.", norm(h, at + "ln_1")));
            org.bytedeco.pytorch.Tensor up = dense(norm(h, at + "ln_2"), at + "mlp.c_fc");
            h = h.add(dense(geluNew(up), at + "mlp.c_proj"));
        }
        return torch.matmul(norm(h, "ln_f"), torch("wte.weight").t()).squeeze(0);
    }

    private org.bytedeco.pytorch.Tensor attention(String at, org.bytedeco.pytorch.Tensor x) {
        org.bytedeco.pytorch.Tensor all = dense(x, at + "c_attn");
        org.bytedeco.pytorch.Tensor q = TorchAttention.split(all.narrow(2, 0, WIDTH), HEADS);
        org.bytedeco.pytorch.Tensor k = TorchAttention.split(all.narrow(2, WIDTH, WIDTH), HEADS);
        org.bytedeco.pytorch.Tensor v = TorchAttention.split(all.narrow(2, 2 * WIDTH, WIDTH), HEADS);
        org.bytedeco.pytorch.Tensor mixed = TorchAttention.attention(q, k, v, new TensorOptional(), true);
        return dense(mixed.transpose(1, 2).flatten(2, 3), at + "c_proj");
    }

    /// As GPT-2's own program has it.
    private static org.bytedeco.pytorch.Tensor geluNew(org.bytedeco.pytorch.Tensor x) {
        org.bytedeco.pytorch.Tensor cube = x.mul(x).mul(x).mul(Torch.scalar(0.044715));
        org.bytedeco.pytorch.Tensor inner = x.add(cube).mul(Torch.scalar(Math.sqrt(2 / Math.PI)));
        return x.mul(Torch.scalar(0.5)).mul(inner.tanh().add(Torch.scalar(1)));
    }

    private org.bytedeco.pytorch.Tensor norm(org.bytedeco.pytorch.Tensor x, String name) {
        return torch.layer_norm(
                x,
                new long[] {WIDTH},
                new TensorOptional(torch(name + ".weight")),
                new TensorOptional(torch(name + ".bias")),
                1e-5,
                false);
    }

    private org.bytedeco.pytorch.Tensor dense(org.bytedeco.pytorch.Tensor x, String name) {
        return torch.matmul(x, torch(name + ".weight")).add(torch(name + ".bias"));
    }

    private org.bytedeco.pytorch.Tensor torch(String name) {
        return Torch.of(Objects.requireNonNull(weights.get(name), name));
    }
}
