package fathom.models;

import static fathom.models.WeightLayout.same;
import static fathom.models.WeightLayout.transposed;

import fathom.io.ModelConfiguration;
import fathom.io.TensorFile;
import fathom.ir.Require;
import fathom.nn.Activation;
import fathom.nn.AttentionMask;
import fathom.nn.Embedding;
import fathom.nn.LayerNorm;
import fathom.nn.Layers;
import fathom.nn.LearnedPositions;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.TransformerEncoderLayer;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An encoder of BERT's family, in which each token sees all others. Devlin et al.: *BERT: pre-training of
/// deep bidirectional transformers for language understanding* (2019). MiniLM and BGE are such models, too; a
/// [SentenceEncoder] makes one vector of what this says of each token.
///
/// @param tokens vectors of the vocabulary
/// @param positions vectors of the places
/// @param types vectors of the kinds of tokens: of the first and of the second text
/// @param norm of the sum of the three
/// @param layers attention and dense layers
/// @param pooler for the first token, before a head for classes, if the file has one
public record Bert(
        Embedding tokens,
        LearnedPositions positions,
        Embedding types,
        LayerNorm norm,
        List<TransformerEncoderLayer> layers,
        Optional<Linear> pooler)
        implements Module {
    private static final double EPSILON = 1e-12;
    private static final String POOLER = "pooler.dense";

    public Bert {
        layers = List.copyOf(layers);
    }

    /// Reads a published model: a folder with `config.json` and its weights in safetensors or PyTorch's
    /// format, in one file or several. Heads for the training are left out.
    ///
    /// @throws IllegalArgumentException if a file is damaged, the configuration asks for something that is
    ///   not supported, or weights are missing, superfluous or of other shapes; the message has all of these
    /// @throws UncheckedIOException if a file cannot be read
    public static Bert load(Path folder) {
        ModelConfiguration json = ModelConfiguration.read(folder.resolve("config.json"));
        String type = json.text("model_type", "bert");
        Require.that(type.equals("bert"), "%s: model_type '%s', expected bert", json.where(), type);
        String places = json.text("position_embedding_type", "absolute");
        boolean isAbsolute = places.equals("absolute");
        Require.that(isAbsolute, "%s: position_embedding_type '%s', expected absolute", json.where(), places);
        Activation activation = activation(json);
        TransformerStack stack = TransformerStack.of(json, "hidden_size", "num_hidden_layers", "num_attention_heads");
        TensorFile file = TensorFile.open(folder);
        boolean pools =
                file.tensors().keySet().stream().anyMatch(name -> name(name).equals(POOLER + ".weight"));
        Weights weights = plan(json, stack.width(), stack.count(), pools).load(file, Bert::name, Bert::isHarmless);
        double epsilon = json.number("layer_norm_eps", EPSILON);
        return new Bert(
                weights.embedding("tokens"),
                new LearnedPositions(weights.weight("positions")),
                weights.embedding("types"),
                weights.layerNorm("norm", epsilon),
                stack.layers(weights, AttentionMask.none(), activation, epsilon, false),
                pools ? Optional.of(weights.linear("pooler")) : Optional.empty());
    }

    private static Activation activation(ModelConfiguration json) {
        String name = json.text("hidden_act", "gelu");
        return switch (name) {
            case "gelu" -> Layers.gelu();
            case "gelu_new", "gelu_pytorch_tanh" -> Layers.geluTanh();
            case "relu" -> Layers.relu();
            default ->
                throw new IllegalArgumentException(
                        "%s: hidden_act '%s', expected gelu, gelu_new or relu".formatted(json.where(), name));
        };
    }

    private static WeightPlan plan(ModelConfiguration json, int width, int count, boolean pools) {
        int hidden = json.integer("intermediate_size");
        WeightPlan plan = new WeightPlan();
        String embeddings = "embeddings.";
        plan.add("tokens.weight", embeddings + "word_embeddings.weight", same(), json.integer("vocab_size"), width);
        int context = json.integer("max_position_embeddings");
        plan.add("positions.weight", embeddings + "position_embeddings.weight", same(), context, width);
        int types = json.integer("type_vocab_size", 2);
        plan.add("types.weight", embeddings + "token_type_embeddings.weight", same(), types, width);
        plan.norm("norm", embeddings + "LayerNorm", width);
        for (int i = 0; i < count; i++) {
            String to = "layers." + i + ".";
            String from = "encoder.layer." + i + ".";
            for (String part : List.of("query", "key", "value")) {
                dense(plan, to + "attention." + part, from + "attention.self." + part, width, width);
            }
            dense(plan, to + "attention.output", from + "attention.output.dense", width, width);
            plan.norm(to + "attentionNorm", from + "attention.output.LayerNorm", width);
            dense(plan, to + "feedForward.up", from + "intermediate.dense", width, hidden);
            dense(plan, to + "feedForward.down", from + "output.dense", hidden, width);
            plan.norm(to + "feedForwardNorm", from + "output.LayerNorm", width);
        }
        if (pools) {
            dense(plan, "pooler", POOLER, width, width);
        }
        return plan;
    }

    private static void dense(WeightPlan plan, String to, String from, int in, int out) {
        plan.linear(to, from, transposed(), same(), in, out);
    }

    /// Without the prefix that models with a head have, and with the names of today for what came from
    /// TensorFlow.
    private static String name(String name) {
        String plain = name.startsWith("bert.") ? name.substring("bert.".length()) : name;
        return plain.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias");
    }

    /// The places 0, 1, 2 and so on as a buffer, and the heads of the training.
    private static boolean isHarmless(String name) {
        return name.equals("embeddings.position_ids") || name.startsWith("cls.");
    }

    /// Elements of a token's vector.
    public int width() {
        return tokens.weight().shape().dim(1);
    }

    /// How many places there are.
    public int context() {
        return positions.weight().shape().dim(0);
    }

    /// Vectors `[N, T, width]` of tokens I32 `[N, T]` of one text each, all of which are seen.
    @Override
    public Tensor forward(Tensor x) {
        return encode(x, Tensor.full(x.shape(), DType.I32, 0), AttentionMask.none());
    }

    /// Vectors of tokens.
    ///
    /// @param ids the tokens' numbers, I32 `[N, T]`
    /// @param kinds to which text each belongs, I32 `[N, T]`: 0 or 1
    /// @param seen where there are tokens, and not what rows are filled up with, BOOL `[N, T]`
    /// @return `[N, T, width]`
    /// @throws IllegalArgumentException if shapes do not fit, or T is greater than the context
    public Tensor apply(Tensor ids, Tensor kinds, Tensor seen) {
        boolean fits = ids.rank() == 2
                && kinds.shape().equals(ids.shape())
                && seen.shape().equals(ids.shape());
        String message = "bert: ids %s, kinds %s and seen %s, expected [N, T] of each";
        Require.that(fits, message, ids.type(), kinds.type(), seen.type());
        return encode(ids, kinds, AttentionMask.none().where(seen.unsqueeze(1).unsqueeze(1)));
    }

    private Tensor encode(Tensor ids, Tensor kinds, AttentionMask mask) {
        Tensor h = norm.apply(positions.apply(tokens.apply(ids).add(types.apply(kinds))));
        for (TransformerEncoderLayer layer : layers) {
            h = layer.apply(h, mask);
        }
        return h;
    }
}
