package fathom.models;

import fathom.nn.AttentionMask;
import fathom.nn.Embedding;
import fathom.nn.KeyValueCache;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.MultiHeadAttention;
import fathom.nn.RmsNorm;
import fathom.nn.RotaryPositions;
import fathom.nn.SwiGlu;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A decoder of Llama's family: attention with shared heads of keys, rotary positions, normalisation by the
/// root of the mean square, and dense layers with a gate. Touvron et al.: *Llama 2: open foundation and
/// fine-tuned chat models* (2023). Mistral's and Qwen 2's are the same but for a few biases.
///
/// ```java
/// var llama = Llama.load(Path.of("stories260K.bin"));
/// ```
///
/// @param tokens vectors of the vocabulary
/// @param blocks the layers
/// @param norm after the last layer
/// @param head from vectors to logits; without one they are products with the tokens' own vectors
/// @param configuration the sizes
public record Llama(
        Embedding tokens, List<Block> blocks, RmsNorm norm, Optional<Linear> head, LlamaConfiguration configuration)
        implements LanguageModel {
    public Llama {
        blocks = List.copyOf(blocks);
    }

    /// A layer: attention, then the dense layers, each added to what goes in.
    public record Block(
            RmsNorm attentionNorm, MultiHeadAttention attention, RmsNorm feedForwardNorm, SwiGlu feedForward)
            implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return feed(x.add(attention.apply(attentionNorm.apply(x))));
        }

        private MultiHeadAttention.Step next(Tensor x, KeyValueCache cache) {
            MultiHeadAttention.Step seen = attention.next(attentionNorm.apply(x), cache);
            return new MultiHeadAttention.Step(feed(x.add(seen.output())), seen.cache());
        }

        private Tensor feed(Tensor x) {
            return x.add(feedForward.apply(feedForwardNorm.apply(x)));
        }
    }

    /// Reads a published model: a folder with `config.json` and its weights in safetensors or PyTorch's
    /// format, in one file or several; a GGUF file; or one of llama2.c.
    ///
    /// @throws IllegalArgumentException if a file is damaged, the configuration asks for something that is
    ///   not supported, or weights are missing, superfluous or of other shapes; the message has all of these
    /// @throws UncheckedIOException if a file cannot be read
    public static Llama load(Path path) {
        return LlamaFiles.load(path);
    }

    static Llama of(LlamaConfiguration c, Weights weights) {
        List<Block> blocks = new ArrayList<>();
        RotaryPositions rotary = new RotaryPositions(c.base(), true, c.scaling());
        for (int i = 0; i < c.layers(); i++) {
            String at = "blocks." + i + ".";
            MultiHeadAttention attention = new MultiHeadAttention(
                    weights.linear(at + "attention.query"),
                    weights.linear(at + "attention.key"),
                    weights.linear(at + "attention.value"),
                    weights.linear(at + "attention.output"),
                    c.heads(),
                    c.keyHeads(),
                    AttentionMask.none().causal(),
                    0,
                    Optional.of(rotary));
            SwiGlu feedForward = new SwiGlu(
                    weights.linear(at + "feedForward.gate"),
                    weights.linear(at + "feedForward.up"),
                    weights.linear(at + "feedForward.down"));
            blocks.add(new Block(
                    weights.rmsNorm(at + "attentionNorm", c.epsilon()),
                    attention,
                    weights.rmsNorm(at + "feedForwardNorm", c.epsilon()),
                    feedForward));
        }
        return new Llama(
                weights.embedding("tokens"),
                blocks,
                weights.rmsNorm("norm", c.epsilon()),
                c.isTied() ? Optional.empty() : Optional.of(weights.linear("head")),
                c);
    }

    @Override
    public int vocabulary() {
        return configuration.vocabulary();
    }

    @Override
    public int context() {
        return configuration.context();
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor h = tokens.apply(x);
        for (Block block : blocks) {
            h = block.apply(h);
        }
        return logits(norm.apply(h));
    }

    @Override
    public List<KeyValueCache> caches(int samples, int capacity) {
        return blocks.stream()
                .map(block -> block.attention.cache(samples, capacity))
                .toList();
    }

    @Override
    public Read read(Tensor x, List<KeyValueCache> caches) {
        Tensor h = tokens.apply(x);
        List<KeyValueCache> kept = new ArrayList<>();
        for (Block block : blocks) {
            MultiHeadAttention.Step step = block.next(h, caches.get(kept.size()));
            h = step.output();
            kept.add(step.cache());
        }
        return new Read(norm.apply(h), kept);
    }

    @Override
    public Tensor logits(Tensor vectors) {
        return head.isPresent()
                ? head.get().apply(vectors)
                : TiedHead.logits(vectors, tokens.weight().value());
    }
}
