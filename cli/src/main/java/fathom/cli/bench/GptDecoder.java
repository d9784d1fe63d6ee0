package fathom.cli.bench;

import fathom.nn.Modules;
import fathom.tensor.Compiled;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Generates text token by token. The keys and values of the tokens so far are kept, so that a step
/// computes those of one token only. Every position is the same program, whose graph is built once: the
/// places that are not filled yet are masked.
final class GptDecoder {
    private final Gpt model;
    private final int context;
    private final Compiled step;
    private List<Tensor> caches = new ArrayList<>();
    private int position;

    GptDecoder(Gpt model) {
        this.model = model;
        context = model.positions().shape().dim(0);
        step = Modules.compiled(model, this::step);
        int width = model.positions().shape().dim(1);
        for (Gpt.Block block : model.blocks()) {
            int heads = block.attention().heads();
            // As the product with the query wants them, `[heads, width / heads, context]`.
            caches.add(Tensor.zeros(heads, width / heads, context).copy());
            caches.add(Tensor.zeros(heads, context, width / heads).copy());
        }
    }

    /// The likeliest token after the given one, which comes after all those before; `[1]`. When the
    /// context is full a new text is begun.
    Tensor next(Tensor token) {
        List<Tensor> arguments = new ArrayList<>(List.of(token, Tensor.of(new int[] {position}, 1)));
        arguments.addAll(caches);
        List<Tensor> results = step.call(arguments);
        caches = results.subList(1, results.size());
        position = (position + 1) % context;
        return results.getFirst();
    }

    /// From the token, its position, and keys and values of each layer, to the token that follows and new
    /// keys and values.
    private List<Tensor> step(List<Tensor> arguments) {
        Tensor now = arguments.get(1);
        List<Tensor> results = new ArrayList<>(arguments.subList(1, arguments.size()));
        Tensor h = model.tokens()
                .apply(arguments.getFirst())
                .add(model.positions().value().take(now, 0));
        for (int i = 0; i < model.blocks().size(); i++) {
            Gpt.Block block = model.blocks().get(i);
            List<Tensor> cache = results.subList(1 + 2 * i, 3 + 2 * i);
            h = block.afterAttention(
                    h.add(attend(block.attention(), block.firstNorm().apply(h), cache, now)));
        }
        results.set(0, model.head().apply(model.norm().apply(h)).argmax(-1));
        return results;
    }

    /// @param cache keys and values, which are replaced
    private Tensor attend(Gpt.SelfAttention attention, Tensor x, List<Tensor> cache, Tensor now) {
        int heads = attention.heads();
        int width = x.dim(1);
        int each = width / heads;
        Tensor parts = attention.projection().apply(x).reshape(3, heads, each);
        Tensor places = Tensor.arange(context);
        Tensor isNow = places.equal(now);
        Tensor keys = isNow.select(parts.at(0, 1).unsqueeze(2), cache.get(0));
        Tensor values = isNow.unsqueeze(1).select(parts.at(0, 2).unsqueeze(1), cache.get(1));
        cache.set(0, keys);
        cache.set(1, values);
        Tensor query = parts.at(0, 0).unsqueeze(1);
        Tensor scores = query.matmul(keys).mul(1 / Math.sqrt(each));
        Tensor weights = places.lessEqual(now)
                .select(scores, Tensor.scalar(Float.NEGATIVE_INFINITY))
                .softmax(-1);
        return attention.output().apply(weights.matmul(values).reshape(1, width));
    }
}
