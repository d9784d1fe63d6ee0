package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// A layer of a transformer's decoder, `[N, T, width]` to the same: self-attention, attention to what
/// the encoder gave, then two dense layers for each step, each added to what goes in. Vaswani et al.:
/// *Attention is all you need* (2017).
///
/// @param selfAttention from each step to those before
/// @param crossAttention from each step to the encoder's
/// @param feedForward for each step
/// @param attentionNorm around self-attention
/// @param crossNorm around attention to the encoder's steps
/// @param feedForwardNorm around the dense layers
/// @param dropout of what attention and the dense layers give
/// @param normFirst whether normalisation comes before attention and the dense layers, and not
///   after what they give was added
public record TransformerDecoderLayer(
        MultiHeadAttention selfAttention,
        MultiHeadAttention crossAttention,
        FeedForward feedForward,
        LayerNorm attentionNorm,
        LayerNorm crossNorm,
        LayerNorm feedForwardNorm,
        Dropout dropout,
        boolean normFirst)
        implements Module {

    /// Refused: a decoder needs something to decode.
    ///
    /// @throws IllegalArgumentException always
    @Override
    public Tensor forward(Tensor x) {
        throw Calls.needsMore(x, "apply(x, memory)");
    }

    /// Of sequences and all of what the encoder gave.
    ///
    /// @param x `[N, T, width]`
    /// @param memory `[N, S, memory]`
    /// @return `[N, T, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor x, Tensor memory) {
        return apply(x, memory, AttentionMask.none(), AttentionMask.none());
    }

    /// Of sequences and what the encoder gave.
    ///
    /// @param x `[N, T, width]`
    /// @param memory `[N, S, memory]`
    /// @param more what holds for self-attention in this call
    /// @param memoryMask what holds for attention to the memory in this call
    /// @return `[N, T, width]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor x, Tensor memory, AttentionMask more, AttentionMask memoryMask) {
        return Calls.apply(this, x, () -> {
            Tensor y = sublayer(attentionNorm).around(x, own -> selfAttention.apply(own, more));
            return rest(y, memory, memoryMask);
        });
    }

    /// Of the steps that follow those in the cache, and what the encoder gave.
    ///
    /// @param x `[N, T, width]`
    /// @param memory `[N, S, memory]`
    /// @param memoryMask what holds for attention to the memory
    /// @throws IllegalArgumentException if shapes do not fit, or the cache has no room
    public MultiHeadAttention.Step next(Tensor x, Tensor memory, AttentionMask memoryMask, KeyValueCache cache) {
        return Calls.apply(
                this,
                x,
                () -> {
                    MultiHeadAttention.Step seen = sublayer(attentionNorm).next(x, selfAttention, cache);
                    return new MultiHeadAttention.Step(rest(seen.output(), memory, memoryMask), seen.cache());
                },
                MultiHeadAttention.Step::output);
    }

    /// All but self-attention.
    private Tensor rest(Tensor x, Tensor memory, AttentionMask mask) {
        Tensor y = sublayer(crossNorm).around(x, own -> crossAttention.apply(own, memory, memory, mask));
        return sublayer(feedForwardNorm).around(y, feedForward::apply);
    }

    private Sublayer sublayer(LayerNorm norm) {
        return new Sublayer(norm, dropout, normFirst);
    }

    /// The blueprint of a [TransformerDecoderLayer].
    ///
    /// @param attention self-attention
    /// @param cross attention to what the encoder gave
    /// @param hidden how wide the inner dense layer is
    /// @param activation of the inner dense layer
    /// @param dropout the probability of zero, in attention, too
    /// @param normFirst whether normalisation comes first
    public record Blueprint(
            MultiHeadAttention.Blueprint attention,
            MultiHeadAttention.Blueprint cross,
            int hidden,
            Activation activation,
            double dropout,
            boolean normFirst)
            implements Layer {
        public Blueprint {
            Require.positive("transformerDecoderLayer: hidden", hidden);
            Require.fraction("transformerDecoderLayer: dropout", dropout);
        }

        /// With another self-attention: `attention(a -> a.keyHeads(2))`.
        public Blueprint attention(UnaryOperator<MultiHeadAttention.Blueprint> change) {
            return new Blueprint(change.apply(attention), cross, hidden, activation, dropout, normFirst);
        }

        /// With another attention to the encoder's steps: `cross(a -> a.memory(512))`.
        public Blueprint cross(UnaryOperator<MultiHeadAttention.Blueprint> change) {
            return new Blueprint(attention, change.apply(cross), hidden, activation, dropout, normFirst);
        }

        public Blueprint activation(Activation other) {
            return new Blueprint(attention, cross, hidden, other, dropout, normFirst);
        }

        public Blueprint dropout(double p) {
            return new Blueprint(attention.dropout(p), cross.dropout(p), hidden, activation, p, normFirst);
        }

        /// Normalisation before attention and the dense layers, and none after them.
        public Blueprint preNorm() {
            return new Blueprint(attention, cross, hidden, activation, dropout, true);
        }

        @Override
        public TransformerDecoderLayer build(Shape input, RandomStream random) {
            output(input);
            return new TransformerDecoderLayer(
                    attention.build(input, random.split("selfAttention")),
                    cross.build(input, random.split("crossAttention")),
                    FeedForward.build(input.dim(1), hidden, activation, dropout, random.split("feedForward")),
                    Layers.layerNorm().build(input, random),
                    Layers.layerNorm().build(input, random),
                    Layers.layerNorm().build(input, random),
                    new Dropout(dropout),
                    normFirst);
        }

        @Override
        public Shape output(Shape input) {
            return cross.output(attention.output(input));
        }
    }
}
