package fathom.models;

import fathom.io.ModelConfiguration;
import fathom.ir.Require;
import fathom.nn.Activation;
import fathom.nn.AttentionMask;
import fathom.nn.Dropout;
import fathom.nn.FeedForward;
import fathom.nn.MultiHeadAttention;
import fathom.nn.TransformerEncoderLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The layers that BERT and GPT-2 have in common: attention and dense layers, with biases and layer
/// normalisation.
///
/// @param width elements of a vector
/// @param count of the layers
/// @param heads of the attention
record TransformerStack(int width, int count, int heads) {
    /// Nobody has more, but for harm.
    static final int MOST_LAYERS = 10_000;

    /// The sizes under the names that a configuration has for them.
    ///
    /// @throws IllegalArgumentException if one is missing or not possible
    static TransformerStack of(ModelConfiguration json, String width, String count, String heads) {
        TransformerStack stack = new TransformerStack(json.integer(width), json.integer(count), json.integer(heads));
        Require.positive(json.where() + ": " + width, stack.width);
        boolean isKnown = stack.count >= 1 && stack.count <= MOST_LAYERS;
        Require.that(isKnown, "%s: %s %s, expected 1 to %s", json.where(), count, stack.count, MOST_LAYERS);
        boolean fits = stack.heads >= 1 && stack.width % stack.heads == 0;
        Require.that(fits, "%s: %s %s, expected a divisor of %s", json.where(), heads, stack.heads, stack.width);
        return stack;
    }

    /// The layers of the weights `layers.0.attention.query` and so on.
    ///
    /// @param mask for all of them
    /// @param epsilon of the normalisations
    /// @param normFirst whether each part begins with its normalisation, and not ends with it
    List<TransformerEncoderLayer> layers(
            Weights weights, AttentionMask mask, Activation activation, double epsilon, boolean normFirst) {
        List<TransformerEncoderLayer> layers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String at = "layers." + i + ".";
            MultiHeadAttention attention = new MultiHeadAttention(
                    weights.linear(at + "attention.query"),
                    weights.linear(at + "attention.key"),
                    weights.linear(at + "attention.value"),
                    weights.linear(at + "attention.output"),
                    heads,
                    heads,
                    mask,
                    0,
                    Optional.empty());
            Dropout none = new Dropout(0);
            FeedForward feedForward = new FeedForward(
                    weights.linear(at + "feedForward.up"), activation, none, weights.linear(at + "feedForward.down"));
            layers.add(new TransformerEncoderLayer(
                    attention,
                    feedForward,
                    weights.layerNorm(at + "attentionNorm", epsilon),
                    weights.layerNorm(at + "feedForwardNorm", epsilon),
                    none,
                    normFirst));
        }
        return layers;
    }
}
