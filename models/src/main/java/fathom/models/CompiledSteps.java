package fathom.models;

import fathom.ir.Require;
import fathom.nn.KeyValueCache;
import fathom.nn.Modules;
import fathom.tensor.Compiled;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// What [LanguageModel#next] does, with a graph that is built once for each number of tokens and of places:
/// to build it for each token takes longer than a small model takes to compute it.
final class CompiledSteps {
    private final LanguageModel model;
    private final Compiled compiled;

    CompiledSteps(LanguageModel model) {
        this.model = model;
        compiled = Modules.compiled(model, this::step);
    }

    /// As [LanguageModel#next].
    ///
    /// @throws IllegalArgumentException if the caches have no room for the tokens
    LanguageModel.Step next(Tensor tokens, int count, List<KeyValueCache> caches) {
        KeyValueCache some = caches.getFirst();
        // The caches that the recorded function is given do not know their length.
        int room = some.keys().dim(2) - some.length();
        Require.that(tokens.dim(1) <= room, "next: %s tokens, expected up to %s", tokens.dim(1), room);
        List<Tensor> arguments = new ArrayList<>(List.of(tokens, Tensor.of(new int[] {count - 1}, 1), some.first()));
        caches.forEach(cache -> arguments.addAll(List.of(cache.keys(), cache.values())));
        List<Tensor> results = compiled.call(arguments);
        List<KeyValueCache> kept = new ArrayList<>();
        for (int i = 1; i < results.size(); i += 2) {
            kept.add(new KeyValueCache(results.get(i), results.get(i + 1), some.length() + count));
        }
        return new LanguageModel.Step(results.getFirst(), kept);
    }

    private List<Tensor> step(List<Tensor> arguments) {
        List<KeyValueCache> caches = new ArrayList<>();
        for (int i = 3; i < arguments.size(); i += 2) {
            caches.add(KeyValueCache.at(arguments.get(i), arguments.get(i + 1), arguments.get(2)));
        }
        LanguageModel.Read read = model.read(arguments.getFirst(), caches);
        List<Tensor> results = new ArrayList<>(List.of(logits(model, read, arguments.get(1))));
        read.caches().forEach(cache -> results.addAll(List.of(cache.keys(), cache.values())));
        return results;
    }

    /// Logits `[N, vocabulary]` of the token that follows.
    ///
    /// @param last the place of the last token that has been read, I32 `[1]`
    static Tensor logits(LanguageModel model, LanguageModel.Read read, Tensor last) {
        Tensor all = read.vectors();
        return model.logits(all.dim(1) == 1 ? all : all.take(last, 1)).squeeze(1);
    }
}
