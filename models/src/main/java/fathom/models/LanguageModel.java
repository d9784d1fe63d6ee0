package fathom.models;

import fathom.ir.Require;
import fathom.nn.KeyValueCache;
import fathom.nn.Module;
import fathom.tensor.Tensor;
import java.util.List;

/// A model that says which token comes next: a decoder with a key-value cache.
public interface LanguageModel extends Module {
    /// How many tokens it knows.
    int vocabulary();

    /// How many places it has been made for.
    int context();

    /// Logits `[N, T, vocabulary]` of the token after each of the tokens, I32 `[N, T]`.
    @Override
    Tensor forward(Tensor tokens);

    /// Caches with nothing in them, one for each layer.
    ///
    /// @param samples N
    /// @param capacity for how many tokens
    List<KeyValueCache> caches(int samples, int capacity);

    /// Vectors `[N, T, width]` of tokens that follow those in the caches, before they become logits.
    ///
    /// @param tokens I32 `[N, T]`
    /// @throws IllegalArgumentException if the caches have no room for them
    Read read(Tensor tokens, List<KeyValueCache> caches);

    /// Logits of vectors: `[..., width]` to `[..., vocabulary]`.
    Tensor logits(Tensor vectors);

    /// Vectors, and what is kept for the tokens that follow.
    record Read(Tensor vectors, List<KeyValueCache> caches) {}

    /// Logits of the next token, and what is kept.
    ///
    /// @param logits `[N, vocabulary]`
    record Step(Tensor logits, List<KeyValueCache> caches) {}

    /// Reads tokens that follow those in the caches, and says which token comes next. The tokens may be
    /// filled up, so that one program does for beginnings of different lengths: what they are filled up with
    /// is not seen by any token after them.
    ///
    /// @param tokens I32 `[N, T]`
    /// @param count how many of the T are tokens, the first ones
    /// @throws IllegalArgumentException if the caches have no room for them
    default Step next(Tensor tokens, int count, List<KeyValueCache> caches) {
        boolean fits = tokens.rank() == 2 && count >= 1 && count <= tokens.dim(1);
        Require.that(fits, "next: %s tokens of %s, expected 1 to T of [N, T]", count, tokens.type());
        int length = caches.getFirst().length() + count;
        Require.that(length <= context(), "next: %s tokens, expected up to %s", length, context());
        Read read = read(tokens, caches);
        // As an argument of the program, and not a constant in it.
        Tensor last = Tensor.of(new int[] {count - 1}, 1);
        List<KeyValueCache> kept = read.caches.stream()
                .map(cache -> new KeyValueCache(cache.keys(), cache.values(), length))
                .toList();
        Tensor logits = CompiledSteps.logits(this, read, last);
        return new Step(logits, KeyValueCache.evaluate(logits, kept));
    }
}
