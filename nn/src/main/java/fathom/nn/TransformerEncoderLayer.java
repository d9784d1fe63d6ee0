package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// A layer of a transformer's encoder, `[N, T, width]` to the same: self-attention, then two dense
/// layers for each step, each added to what goes in. Vaswani et al.: *Attention is all you need*
/// (2017). With causal attention it is a layer of a decoder-only model.
///
/// @param selfAttention from each step to all
/// @param feedForward for each step
/// @param attentionNorm around attention
/// @param feedForwardNorm around the dense layers
/// @param dropout of what attention and the dense layers give
/// @param normFirst whether normalisation comes before attention and the dense layers, and not
///   after what they give was added
public record TransformerEncoderLayer(
        MultiHeadAttention selfAttention,
        FeedForward feedForward,
        LayerNorm attentionNorm,
        LayerNorm feedForwardNorm,
        Dropout dropout,
        boolean normFirst)
        implements Module {

    @Override
    public Tensor forward(Tensor x) {
        return encode(x, AttentionMask.none());
    }

    /// Of sequences of which not every step sees every other.
    ///
    /// @param x `[N, T, width]`
    /// @param more what holds for this call
    /// @return `[N, T, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor x, AttentionMask more) {
        return Calls.apply(this, x, () -> encode(x, more));
    }

    /// Of the steps that follow those in the cache.
    ///
    /// @param x `[N, T, width]`
    /// @throws IllegalArgumentException if shapes do not fit, or the cache has no room
    public MultiHeadAttention.Step next(Tensor x, KeyValueCache cache) {
        return Calls.apply(this, x, () -> step(x, cache), MultiHeadAttention.Step::output);
    }

    private Tensor encode(Tensor x, AttentionMask more) {
        return feed(sublayer(attentionNorm).around(x, y -> selfAttention.apply(y, more)));
    }

    private MultiHeadAttention.Step step(Tensor x, KeyValueCache cache) {
        MultiHeadAttention.Step seen = sublayer(attentionNorm).next(x, selfAttention, cache);
        return new MultiHeadAttention.Step(feed(seen.output()), seen.cache());
    }

    private Tensor feed(Tensor x) {
        return sublayer(feedForwardNorm).around(x, feedForward::apply);
    }

    private Sublayer sublayer(LayerNorm norm) {
        return new Sublayer(norm, dropout, normFirst);
    }

    /// The blueprint of a [TransformerEncoderLayer].
    ///
    /// @param attention self-attention
    /// @param hidden how wide the inner dense layer is
    /// @param activation of the inner dense layer
    /// @param dropout the probability of zero, in attention, too
    /// @param normFirst whether normalisation comes first
    public record Blueprint(
            MultiHeadAttention.Blueprint attention,
            int hidden,
            Activation activation,
            double dropout,
            boolean normFirst)
            implements Layer {
        public Blueprint {
            Require.positive("transformerEncoderLayer: hidden", hidden);
            Require.fraction("transformerEncoderLayer: dropout", dropout);
        }

        /// With another attention: `attention(a -> a.causal().keyHeads(2))`.
        public Blueprint attention(UnaryOperator<MultiHeadAttention.Blueprint> change) {
            return new Blueprint(change.apply(attention), hidden, activation, dropout, normFirst);
        }

        public Blueprint activation(Activation other) {
            return new Blueprint(attention, hidden, other, dropout, normFirst);
        }

        public Blueprint dropout(double p) {
            return new Blueprint(attention.dropout(p), hidden, activation, p, normFirst);
        }

        /// Normalisation before attention and the dense layers, and none after them.
        public Blueprint preNorm() {
            return new Blueprint(attention, hidden, activation, dropout, true);
        }

        @Override
        public TransformerEncoderLayer build(Shape input, RandomStream random) {
            output(input);
            return new TransformerEncoderLayer(
                    attention.build(input, random.split("selfAttention")),
                    FeedForward.build(input.dim(1), hidden, activation, dropout, random.split("feedForward")),
                    Layers.layerNorm().build(input, random),
                    Layers.layerNorm().build(input, random),
                    new Dropout(dropout),
                    normFirst);
        }

        @Override
        public Shape output(Shape input) {
            return attention.output(input);
        }
    }
}
