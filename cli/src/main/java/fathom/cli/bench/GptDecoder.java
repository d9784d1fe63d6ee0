package fathom.cli.bench;

import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;

/// Generates text token by token. The keys and values of the tokens so far are kept, so that a step
/// computes those of one token only. Every position is the same program: the places that are not
/// filled yet are masked.
final class GptDecoder {
    private final Gpt model;
    private final List<Cache> caches = new ArrayList<>();
    private final int context;
    private int position;

    /// What one layer has seen.
    ///
    /// @param keys `[heads, width / heads, context]`, as the product with the query wants them
    /// @param values `[heads, context, width / heads]`
    private record Cache(Variable keys, Variable values) {}

    GptDecoder(Gpt model) {
        this.model = model;
        context = model.positions().shape().dim(0);
        int width = model.positions().shape().dim(1);
        for (Gpt.Block block : model.blocks()) {
            int heads = block.attention().heads();
            caches.add(new Cache(
                    Variable.of(Tensor.zeros(heads, width / heads, context)),
                    Variable.of(Tensor.zeros(heads, context, width / heads))));
        }
    }

    /// The likeliest token after the given one, which comes after all those before; `[1]`. When the
    /// context is full a new text is begun.
    Tensor next(Tensor token) {
        // Not a constant: those that a simplification might want would make programs of their own.
        Tensor now = Tensor.of(new int[] {position}, 1);
        List<Variable.Update> updates = new ArrayList<>();
        Tensor h = model.tokens().apply(token).add(model.positions().value().take(now, 0));
        for (int i = 0; i < caches.size(); i++) {
            Gpt.Block block = model.blocks().get(i);
            h = block.afterAttention(
                    h.add(attend(block.attention(), block.firstNorm().apply(h), caches.get(i), now, updates)));
        }
        Tensor next = model.head().apply(model.norm().apply(h)).argmax(-1);
        Device.current().commit(List.of(next), updates);
        position = (position + 1) % context;
        return next;
    }

    private Tensor attend(
            Gpt.SelfAttention attention, Tensor x, Cache cache, Tensor now, List<Variable.Update> updates) {
        int heads = attention.heads();
        int width = x.dim(1);
        int each = width / heads;
        Tensor parts = attention.projection().apply(x).reshape(3, heads, each);
        Tensor places = Tensor.arange(context);
        Tensor isNow = places.equal(now);
        Tensor keys = isNow.select(parts.at(0, 1).unsqueeze(2), cache.keys.value());
        Tensor values = isNow.unsqueeze(1).select(parts.at(0, 2).unsqueeze(1), cache.values.value());
        updates.add(cache.keys.to(keys));
        updates.add(cache.values.to(values));
        Tensor query = parts.at(0, 0).unsqueeze(1);
        Tensor scores = query.matmul(keys).mul(1 / Math.sqrt(each));
        Tensor weights = places.lessEqual(now)
                .select(scores, Tensor.scalar(Float.NEGATIVE_INFINITY))
                .softmax(-1);
        return attention.output().apply(weights.matmul(values).reshape(1, width));
    }
}
