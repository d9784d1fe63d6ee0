package fathom.cli.bench;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.layerNorm;
import static fathom.nn.Layers.linear;

import fathom.nn.Activations;
import fathom.nn.Attention;
import fathom.nn.Embedding;
import fathom.nn.Initializer;
import fathom.nn.LayerNorm;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.Parameter;
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
record Gpt(Embedding tokens, Parameter positions, List<Block> blocks, LayerNorm norm, Linear head) implements Module {
    private static final double SPREAD = 0.02;

    /// A model with fresh weights.
    static Gpt build(int vocabulary, int context, int width, int heads, int layers, long seed) {
        RandomStream random = RandomStream.of(seed).split("weights");
        Initializer normal = Initializer.normal(0, SPREAD);
        Shape sample = Shape.of(context, width);
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            blocks.add(Block.build(sample, heads, random.split("block" + i)));
        }
        return new Gpt(
                embedding(vocabulary, width).initializer(normal).build(Shape.of(context), random.split("tokens")),
                Parameter.of(normal.create(sample, random.split("positions"))),
                blocks,
                layerNorm().build(sample, random),
                linear(vocabulary).withoutBias().initializer(normal).build(sample, random.split("head")));
    }

    /// Logits `[N, T, vocabulary]` for tokens `[N, T]`.
    @Override
    public Tensor forward(Tensor x) {
        Tensor h = tokens.apply(x).add(positions.value().slice(0, 0, x.dim(1)));
        for (Block block : blocks) {
            h = block.apply(h);
        }
        return head.apply(norm.apply(h));
    }

    /// Attention, then two dense layers, each added to what goes in.
    record Block(LayerNorm firstNorm, SelfAttention attention, LayerNorm secondNorm, Linear up, Linear down)
            implements Module {
        static Block build(Shape sample, int heads, RandomStream random) {
            int width = sample.dim(-1);
            return new Block(
                    layerNorm().build(sample, random),
                    new SelfAttention(
                            linear(3 * width).build(sample, random.split("projection")),
                            linear(width).build(sample, random.split("output")),
                            heads),
                    layerNorm().build(sample, random),
                    linear(4 * width).build(sample, random.split("up")),
                    linear(width).build(sample.with(-1, 4 * width), random.split("down")));
        }

        @Override
        public Tensor forward(Tensor x) {
            return afterAttention(x.add(attention.apply(firstNorm.apply(x))));
        }

        /// The second half of the layer.
        Tensor afterAttention(Tensor y) {
            return y.add(down.apply(Activations.gelu(up.apply(secondNorm.apply(y)))));
        }
    }

    /// Causal self-attention with several heads. Vaswani et al.: *Attention is all you need* (2017).
    record SelfAttention(Linear projection, Linear output, int heads) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            int n = x.dim(0);
            int time = x.dim(1);
            int width = x.dim(2);
            // Queries, keys and values: [3, N, heads, T, width / heads].
            Tensor parts = projection
                    .apply(x)
                    .reshape(n, time, 3, heads, width / heads)
                    .permute(2, 0, 3, 1, 4);
            Tensor query = parts.at(0, 0);
            Tensor key = parts.at(0, 1);
            Tensor value = parts.at(0, 2);
            Tensor mixed = Attention.scaledDotProduct(query, key, value, true)
                    .permute(0, 2, 1, 3)
                    .reshape(n, time, width);
            return output.apply(mixed);
        }
    }
}
