package fathom.models;

import static fathom.models.WeightLayout.neighboursToHalves;
import static fathom.models.WeightLayout.same;
import static fathom.models.WeightLayout.transposed;

import fathom.io.Gguf;
import fathom.io.Llama2c;
import fathom.io.ModelConfiguration;
import fathom.io.StoredTensor;
import fathom.io.TensorFile;
import fathom.ir.Require;
import fathom.nn.RotaryScaling;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// Under which names, and in which layouts, the kinds of files have the weights of a [Llama].
final class LlamaFiles {
    /// By what the angles of pairs are divided, in files of Llama 3.1 and later.
    private static final String DIVISORS = "rope_freqs.weight";

    private LlamaFiles() {}

    /// The names of a kind of file.
    ///
    /// @param layer what comes before a layer's number, and after it a dot
    /// @param queries what comes in front of the layout of queries and keys
    private record Names(
            String tokens,
            String layer,
            String attentionNorm,
            String query,
            String key,
            String value,
            String output,
            String feedForwardNorm,
            String gate,
            String up,
            String down,
            String norm,
            String head,
            boolean areNeighbours) {}

    private static final Names HUGGING_FACE = new Names(
            "model.embed_tokens",
            "model.layers.",
            "input_layernorm",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "post_attention_layernorm",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj",
            "model.norm",
            "lm_head",
            false);

    private static final Names META = new Names(
            "tok_embeddings",
            "layers.",
            "attention_norm",
            "attention.wq",
            "attention.wk",
            "attention.wv",
            "attention.wo",
            "ffn_norm",
            "feed_forward.w1",
            "feed_forward.w3",
            "feed_forward.w2",
            "norm",
            "output",
            true);

    private static Names gguf(boolean areNeighbours) {
        return new Names(
                "token_embd",
                "blk.",
                "attn_norm",
                "attn_q",
                "attn_k",
                "attn_v",
                "attn_output",
                "ffn_norm",
                "ffn_gate",
                "ffn_up",
                "ffn_down",
                "output_norm",
                "output",
                areNeighbours);
    }

    static Llama load(Path path) {
        if (Files.isDirectory(path)) {
            return load(TensorFile.open(path), ModelConfiguration.read(path.resolve("config.json")));
        }
        return switch (TensorFile.open(path)) {
            case Gguf gguf -> gguf(gguf);
            case Llama2c file -> {
                LlamaConfiguration sizes = LlamaConfiguration.ofLlama2c(file.configuration());
                yield Llama.of(sizes, weights(file, sizes, META));
            }
            case TensorFile other -> load(other, ModelConfiguration.read(path.resolveSibling("config.json")));
        };
    }

    private static Llama load(TensorFile file, ModelConfiguration json) {
        LlamaConfiguration sizes = LlamaConfiguration.of(json);
        return Llama.of(sizes, weights(file, sizes, HUGGING_FACE));
    }

    private static Llama gguf(Gguf file) {
        StoredTensor tokens = file.tensors().get("token_embd.weight");
        boolean isTable = tokens != null && tokens.shape().rank() == 2;
        Require.that(isTable, "%s: no token_embd.weight [vocabulary, width]", file.path());
        int vocabulary = tokens == null ? 0 : tokens.shape().dim(0);
        boolean isTied = !file.tensors().containsKey("output.weight");
        Optional<RotaryScaling> scaling = Optional.ofNullable(file.tensors().get(DIVISORS))
                .map(divisors -> RotaryScaling.divided(
                        Arrays.stream(file.read(divisors.name()).toDoubles())
                                .boxed()
                                .toList()));
        LlamaConfiguration sizes = LlamaConfiguration.ofGguf(file.configuration(), vocabulary, isTied, scaling);
        // Those of the first Llama were turned round for this format, those of its relatives were not.
        boolean areNeighbours =
                file.configuration().text("general.architecture").equals("llama");
        return Llama.of(sizes, weights(file, sizes, gguf(areNeighbours)));
    }

    private static Weights weights(TensorFile file, LlamaConfiguration c, Names names) {
        WeightPlan plan = new WeightPlan();
        int width = c.width();
        int queries = c.heads() * c.headWidth();
        int keys = c.keyHeads() * c.headWidth();
        plan.add("tokens.weight", names.tokens + ".weight", same(), c.vocabulary(), width);
        for (int i = 0; i < c.layers(); i++) {
            String to = "blocks." + i + ".";
            String from = names.layer + i + ".";
            plan.add(to + "attentionNorm.weight", from + names.attentionNorm + ".weight", same(), width);
            turned(plan, to + "attention.query", from + names.query, c, c.heads(), names);
            turned(plan, to + "attention.key", from + names.key, c, c.keyHeads(), names);
            linear(plan, to + "attention.value", from + names.value, width, keys, c.projectionBias());
            linear(plan, to + "attention.output", from + names.output, queries, width, c.outputBias());
            plan.add(to + "feedForwardNorm.weight", from + names.feedForwardNorm + ".weight", same(), width);
            linear(plan, to + "feedForward.gate", from + names.gate, width, c.hidden(), c.denseBias());
            linear(plan, to + "feedForward.up", from + names.up, width, c.hidden(), c.denseBias());
            linear(plan, to + "feedForward.down", from + names.down, c.hidden(), width, c.denseBias());
        }
        plan.add("norm.weight", names.norm + ".weight", same(), width);
        if (!c.isTied()) {
            linear(plan, "head", names.head, width, c.vocabulary(), false);
        }
        return plan.load(file, name -> name, name -> isHarmless(name, c, names));
    }

    /// Tables of angles, which follow from the sizes or were read before, and the head's matrix where it is
    /// the embedding's.
    private static boolean isHarmless(String name, LlamaConfiguration c, Names names) {
        return name.endsWith("rotary_emb.inv_freq")
                || name.equals(DIVISORS)
                || c.isTied() && name.equals(names.head + ".weight");
    }

    private static void linear(WeightPlan plan, String to, String from, int in, int out, boolean bias) {
        plan.add(to + ".weight", from + ".weight", transposed(), in, out);
        if (bias) {
            plan.add(to + ".bias", from + ".bias", same(), out);
        }
    }

    /// A projection to queries or keys, which are turned by their places.
    private static void turned(WeightPlan plan, String to, String from, LlamaConfiguration c, int heads, Names names) {
        WeightLayout rows = names.areNeighbours ? neighboursToHalves(heads) : same();
        int out = heads * c.headWidth();
        plan.add(to + ".weight", from + ".weight", rows.then(transposed()), c.width(), out);
        if (c.projectionBias()) {
            plan.add(to + ".bias", from + ".bias", rows, out);
        }
    }
}
