package fathom.cli.bench;

import fathom.nn.KeyValueCache;
import fathom.nn.MultiHeadAttention;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Generates text token by token. The keys and values of the tokens so far are kept, so that a step
/// computes those of one token only. Every position is the same program.
final class GptDecoder {
    private final Gpt model;
    private List<KeyValueCache> caches = List.of();

    GptDecoder(Gpt model) {
        this.model = model;
        begin();
    }

    /// Begins a new text.
    private void begin() {
        caches = model.blocks().stream()
                .map(block -> block.selfAttention().cache(1, model.context()))
                .toList();
    }

    /// The likeliest token after the given one, which comes after all those before; `[1]`. When the
    /// context is full a new text is begun.
    Tensor next(Tensor token) {
        if (caches.getFirst().length() == model.context()) {
            begin();
        }
        Tensor h = model.positions()
                .apply(
                        model.tokens().apply(token.unsqueeze(0)),
                        caches.getFirst().first());
        List<KeyValueCache> more = new ArrayList<>();
        for (int i = 0; i < caches.size(); i++) {
            MultiHeadAttention.Step step = model.blocks().get(i).next(h, caches.get(i));
            h = step.output();
            more.add(step.cache());
        }
        Tensor next = model.head().apply(model.norm().apply(h)).argmax(-1).reshape(1);
        caches = KeyValueCache.evaluate(next, more);
        // It is where the next step begins: with its history it would keep all caches so far.
        return next.detach();
    }
}
