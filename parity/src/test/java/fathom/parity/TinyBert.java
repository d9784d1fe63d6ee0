package fathom.parity;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A small BERT with weights that are drawn, and the same model in libtorch's operations.
///
/// @param weights under the names and in the layouts of Hugging Face
record TinyBert(Map<String, Tensor> weights) {
    static final int VOCABULARY = 300;
    static final int WIDTH = 48;
    private static final int HIDDEN = 96;
    private static final int LAYERS = 3;
    private static final int HEADS = 4;
    private static final int CONTEXT = 40;

    static TinyBert draw(long seed) {
        Checkpoints.Drawn all = new Checkpoints.Drawn(seed);
        all.add("embeddings.word_embeddings.weight", 1, 0, VOCABULARY, WIDTH);
        all.add("embeddings.position_embeddings.weight", 0.5, 0, CONTEXT, WIDTH);
        all.add("embeddings.token_type_embeddings.weight", 0.5, 0, 2, WIDTH);
        norm(all, "embeddings.LayerNorm");
        for (int i = 0; i < LAYERS; i++) {
            String at = "encoder.layer." + i + ".";
            for (String part : new String[] {"query", "key", "value"}) {
                dense(all, at + "attention.self." + part, WIDTH, WIDTH);
            }
            dense(all, at + "attention.output.dense", WIDTH, WIDTH);
            norm(all, at + "attention.output.LayerNorm");
            dense(all, at + "intermediate.dense", WIDTH, HIDDEN);
            dense(all, at + "output.dense", HIDDEN, WIDTH);
            norm(all, at + "output.LayerNorm");
        }
        dense(all, "pooler.dense", WIDTH, WIDTH);
        return new TinyBert(all.weights());
    }

    private static void norm(Checkpoints.Drawn all, String name) {
        all.add(name + ".weight", 0.2, 1, WIDTH).add(name + ".bias", 0.2, 0, WIDTH);
    }

    private static void dense(Checkpoints.Drawn all, String name, int in, int out) {
        all.add(name + ".weight", 1.5 / Math.sqrt(in), 0, out, in).add(name + ".bias", 0.2, 0, out);
    }

    /// As from a model for the training, converted from TensorFlow: with a prefix and other names, and a
    /// head.
    Map<String, Tensor> olderWeights() {
        Map<String, Tensor> older = new LinkedHashMap<>();
        weights.forEach((name, weight) -> older.put(
                "bert."
                        + name.replace("LayerNorm.weight", "LayerNorm.gamma")
                                .replace("LayerNorm.bias", "LayerNorm.beta"),
                weight));
        older.put("cls.predictions.bias", Tensor.zeros(VOCABULARY));
        return older;
    }

    /// Without the pooler, with a buffer of places.
    Map<String, Tensor> bareWeights() {
        Map<String, Tensor> bare = new LinkedHashMap<>(weights);
        bare.remove("pooler.dense.weight");
        bare.remove("pooler.dense.bias");
        bare.put(
                "embeddings.position_ids",
                Tensor.arange(CONTEXT).cast(DType.I64).reshape(1, CONTEXT));
        return bare;
    }

    static String configuration() {
        return """
                {"model_type": "bert", "vocab_size": %s, "hidden_size": %s, "intermediate_size": %s,
                 "num_hidden_layers": %s, "num_attention_heads": %s, "max_position_embeddings": %s,
                 "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}""".formatted(VOCABULARY, WIDTH, HIDDEN, LAYERS, HEADS, CONTEXT);
    }

    /// Vectors `[N, T, width]`.
    org.bytedeco.pytorch.Tensor forward(Tensor ids, Tensor kinds, Tensor seen) {
        org.bytedeco.pytorch.Tensor h = look("word_embeddings", ids).add(look("token_type_embeddings", kinds));
        h = norm(
                h.add(torch("embeddings.position_embeddings.weight").narrow(0, 0, ids.dim(1))), "embeddings.LayerNorm");
        org.bytedeco.pytorch.Tensor mask = Torch.of(seen).unsqueeze(1).unsqueeze(1);
        for (int i = 0; i < LAYERS; i++) {
            String at = "encoder.layer." + i + ".";
            h = norm(h.add(attention(at + "attention.", h, mask)), at + "attention.output.LayerNorm");
            org.bytedeco.pytorch.Tensor inner = torch.gelu(dense(h, at + "intermediate.dense"));
            h = norm(h.add(dense(inner, at + "output.dense")), at + "output.LayerNorm");
        }
        return h;
    }

    /// Vectors `[N, width]` of length 1, of means over the tokens that are there or of the first.
    org.bytedeco.pytorch.Tensor sentences(Tensor ids, Tensor kinds, Tensor seen, boolean isMean) {
        org.bytedeco.pytorch.Tensor h = forward(ids, kinds, seen);
        org.bytedeco.pytorch.Tensor there = Torch.of(seen).to(ScalarType.Float).unsqueeze(2);
        org.bytedeco.pytorch.Tensor one = isMean ? h.mul(there).sum(1).div(there.sum(1)) : h.select(1, 0);
        return one.div(one.norm(new ScalarOptional(Torch.scalar(2)), new long[] {1}, true));
    }

    private org.bytedeco.pytorch.Tensor look(String table, Tensor ids) {
        return torch.embedding(
                torch("embeddings." + table + ".weight"), Torch.of(ids).to(ScalarType.Long));
    }

    private org.bytedeco.pytorch.Tensor attention(
            String at, org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor mask) {
        org.bytedeco.pytorch.Tensor q = TorchAttention.split(dense(x, at + "self.query"), HEADS);
        org.bytedeco.pytorch.Tensor k = TorchAttention.split(dense(x, at + "self.key"), HEADS);
        org.bytedeco.pytorch.Tensor v = TorchAttention.split(dense(x, at + "self.value"), HEADS);
        org.bytedeco.pytorch.Tensor mixed = TorchAttention.attention(q, k, v, new TensorOptional(mask), false);
        return dense(mixed.transpose(1, 2).flatten(2, 3), at + "output.dense");
    }

    private org.bytedeco.pytorch.Tensor norm(org.bytedeco.pytorch.Tensor x, String name) {
        return torch.layer_norm(
                x,
                new long[] {WIDTH},
                new TensorOptional(torch(name + ".weight")),
                new TensorOptional(torch(name + ".bias")),
                1e-12,
                false);
    }

    private org.bytedeco.pytorch.Tensor dense(org.bytedeco.pytorch.Tensor x, String name) {
        return torch.linear(x, torch(name + ".weight"), new TensorOptional(torch(name + ".bias")));
    }

    private org.bytedeco.pytorch.Tensor torch(String name) {
        return Torch.of(Objects.requireNonNull(weights.get(name), name));
    }
}
