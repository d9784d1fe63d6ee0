package fathom.models;

import fathom.data.text.Tokenizer;
import fathom.ir.Require;
import fathom.nn.KeyValueCache;
import fathom.nn.generate.BeamSearch;
import fathom.nn.generate.Sampling;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/// Lets a language model go on with a beginning, token by token.
///
/// ```java
/// var generator = Generator.of(model).sampling(Sampling.of().temperature(0.8).topP(0.9)).most(200).seed(1);
/// generator.text(tokenizer, "Once upon a time", IO::print);
/// ```
///
/// The beginning is read in one pass; then each token costs one step with the caches. Lengths are rounded up,
/// so that a handful of compiled programs does for all of them, and each of their graphs is built once. The same seed
/// gives the same tokens.
///
/// @param model which says what comes next
/// @param sampling how a token is drawn
/// @param least tokens before which it does not end
/// @param most tokens at most; where the model's context is full it ends in any case
/// @param ends tokens at which it ends, and which are not given
/// @param seed of the drawing
public record Generator(LanguageModel model, Sampling sampling, int least, int most, Set<Integer> ends, long seed) {
    /// Beginnings are filled up to a power of two from this on.
    private static final int FEWEST = 16;

    /// Places of a cache at first; they are doubled as often as it takes.
    private static final int FEWEST_PLACES = 128;

    public Generator {
        Require.that(
                least >= 0 && most >= least, "generator: %s to %s tokens, expected 0 <= least <= most", least, most);
        ends = Set.copyOf(ends);
    }

    /// The likeliest tokens, until the context is full.
    public static Generator of(LanguageModel model) {
        return new Generator(model, Sampling.greedy(), 0, model.context(), Set.of(), 0);
    }

    public Generator sampling(Sampling other) {
        return new Generator(model, other, least, most, ends, seed);
    }

    /// It does not end before so many tokens: until then the tokens at which it ends are not drawn.
    public Generator least(int tokens) {
        return new Generator(model, sampling, tokens, most, ends, seed);
    }

    public Generator most(int tokens) {
        return new Generator(model, sampling, Math.min(least, tokens), tokens, ends, seed);
    }

    public Generator ends(Integer... tokens) {
        return new Generator(model, sampling, least, most, Set.of(tokens), seed);
    }

    public Generator seed(long other) {
        return new Generator(model, sampling, least, most, ends, other);
    }

    /// The tokens that follow, each computed when it is asked for.
    ///
    /// @throws IllegalArgumentException if the beginning has no tokens, more than the context, or one that
    ///   the model does not know
    public PrimitiveIterator.OfInt tokens(int... beginning) {
        check(beginning);
        return new Tokens(beginning.clone());
    }

    /// All tokens that follow.
    ///
    /// @throws IllegalArgumentException as [#tokens]
    public int[] generate(int... beginning) {
        List<Integer> all = new ArrayList<>();
        tokens(beginning).forEachRemaining((int token) -> all.add(token));
        return all.stream().mapToInt(i -> i).toArray();
    }

    /// The text that follows, given on piece by piece: as soon as the letters of a token are whole.
    ///
    /// @param beginning as the tokeniser gives it, with what a model wants before a text
    /// @return all of it
    /// @throws IllegalArgumentException as [#tokens]
    public String text(Tokenizer tokenizer, int[] beginning, Consumer<String> listener) {
        TextStream text = new TextStream(tokenizer, beginning);
        tokens(beginning).forEachRemaining((int token) -> listener.accept(text.add(token)));
        listener.accept(text.rest());
        return text.all();
    }

    /// The text that follows, given on piece by piece.
    ///
    /// @return all of it
    /// @throws IllegalArgumentException as [#tokens], or if the tokeniser cannot cut the beginning into
    ///   tokens
    public String text(Tokenizer tokenizer, String beginning, Consumer<String> listener) {
        return text(tokenizer, tokenizer.encode(beginning), listener);
    }

    /// The likeliest sequences that follow, of those that a [BeamSearch] finds; its ends and lengths count,
    /// and not those of this.
    ///
    /// @throws IllegalArgumentException as [#tokens], or if the context has no room for so many tokens
    public List<BeamSearch.Found> search(BeamSearch search, int... beginning) {
        check(beginning);
        boolean fits = beginning.length + search.most() <= model.context();
        Require.that(
                fits,
                "generator: %s and %s tokens, expected up to %s together",
                beginning.length,
                search.most(),
                model.context());
        CompiledSteps steps = new CompiledSteps(model);
        LanguageModel.Step first = begin(steps, beginning);
        return search.search(reading(first), (caches, token) -> reading(step(steps, token, caches)));
    }

    private static BeamSearch.Reading<List<KeyValueCache>> reading(LanguageModel.Step step) {
        return new BeamSearch.Reading<>(step.logits().toFloats(), step.caches());
    }

    private void check(int[] beginning) {
        int length = beginning.length;
        boolean fits = length >= 1 && length <= model.context();
        Require.that(fits, "generator: a beginning of %s tokens, expected 1 to %s", length, model.context());
        for (int token : beginning) {
            boolean isKnown = token >= 0 && token < model.vocabulary();
            Require.that(isKnown, "generator: token %s, expected 0 to %s", token, model.vocabulary() - 1);
        }
    }

    /// Reads the beginning in one pass.
    private LanguageModel.Step begin(CompiledSteps steps, int[] beginning) {
        int length = Math.min(rounded(beginning.length), model.context());
        int capacity = Math.min(Math.max(2 * length, FEWEST_PLACES), model.context());
        Tensor tokens = Tensor.of(Arrays.copyOf(beginning, length), 1, length);
        return steps.next(tokens, beginning.length, model.caches(1, capacity));
    }

    private LanguageModel.Step step(CompiledSteps steps, int token, List<KeyValueCache> caches) {
        int capacity = caches.getFirst().keys().dim(2);
        boolean isFull = caches.getFirst().length() == capacity;
        List<KeyValueCache> open = isFull
                ? caches.stream()
                        .map(cache -> cache.grown(Math.min(2 * capacity, model.context())))
                        .toList()
                : caches;
        return steps.next(Tensor.of(new int[] {token}, 1, 1), 1, open);
    }

    private static int rounded(int length) {
        return length <= FEWEST ? FEWEST : Integer.highestOneBit(length - 1) << 1;
    }

    /// Draws a token when it is asked for the next, and the model steps when it is asked for the one after
    /// that.
    private final class Tokens implements PrimitiveIterator.OfInt {
        private final Random random = new Random(seed);
        private final int[] beginning;
        private final CompiledSteps steps = new CompiledSteps(model);
        private List<KeyValueCache> caches = List.of();
        private int given;
        private int token = -1;
        private boolean isDrawn;
        private boolean isOver;

        Tokens(int[] beginning) {
            this.beginning = beginning;
        }

        @Override
        public boolean hasNext() {
            isOver |= given == most || beginning.length + given > model.context();
            if (!isOver && !isDrawn) {
                draw();
            }
            return !isOver;
        }

        private void draw() {
            LanguageModel.Step step = given == 0 ? begin(steps, beginning) : step(steps, token, caches);
            caches = step.caches();
            float[] logits = step.logits().toFloats();
            if (given < least) {
                ends.stream().filter(end -> end < logits.length).forEach(end -> logits[end] = Float.NEGATIVE_INFINITY);
            }
            token = sampling.choose(logits, random);
            isDrawn = true;
            isOver = ends.contains(token);
        }

        @Override
        public int nextInt() {
            if (!hasNext()) {
                throw new NoSuchElementException("no token follows");
            }
            isDrawn = false;
            given++;
            return token;
        }
    }
}
