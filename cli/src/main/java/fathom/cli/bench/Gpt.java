package fathom.cli.bench;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.gelu;
import static fathom.nn.Layers.layerNorm;
import static fathom.nn.Layers.learnedPositions;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.transformerEncoderLayer;

import fathom.nn.Embedding;
import fathom.nn.Initializer;
import fathom.nn.LayerNorm;
import fathom.nn.LearnedPositions;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.MultiHeadAttention;
import fathom.nn.TransformerEncoderLayer;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A decoder-only transformer with learned positions and normalisation before each part. Radford,
/// Wu, Child, Luan, Amodei and Sutskever: *Language models are unsupervised multitask learners*
/// (2019).
///
/// @param tokens vectors of the vocabulary
/// @param positions vectors of the places in the context, `[context, width]`
/// @param blocks the layers
/// @param norm normalisation after the last layer
/// @param head from vectors to logits over the vocabulary
record Gpt(
        Embedding tokens, LearnedPositions positions, List<TransformerEncoderLayer> blocks, LayerNorm norm, Linear head)
        implements Module {
    private static final double SPREAD = 0.02;

    /// A model with fresh weights.
    static Gpt build(int vocabulary, int context, int width, int heads, int layers, long seed) {
        RandomStream random = RandomStream.of(seed).split("weights");
        Initializer normal = Initializer.normal(0, SPREAD);
        Shape sample = Shape.of(context, width);
        TransformerEncoderLayer.Blueprint block = transformerEncoderLayer(heads, 4 * width)
                .attention(MultiHeadAttention.Blueprint::causal)
                .activation(gelu())
                .dropout(0)
                .preNorm();
        List<TransformerEncoderLayer> blocks = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            blocks.add(block.build(sample, random.split("block" + i)));
        }
        return new Gpt(
                embedding(vocabulary, width).initializer(normal).build(Shape.of(context), random.split("tokens")),
                learnedPositions(context).initializer(normal).build(sample, random.split("positions")),
                blocks,
                layerNorm().build(sample, random),
                linear(vocabulary).withoutBias().initializer(normal).build(sample, random.split("head")));
    }

    /// How many tokens there can be.
    int context() {
        return positions.weight().shape().dim(0);
    }

    /// Logits `[N, T, vocabulary]` for tokens `[N, T]`.
    @Override
    public Tensor forward(Tensor x) {
        Tensor h = positions.apply(tokens.apply(x));
        for (TransformerEncoderLayer block : blocks) {
            h = block.apply(h);
        }
        return head.apply(norm.apply(h));
    }
}
