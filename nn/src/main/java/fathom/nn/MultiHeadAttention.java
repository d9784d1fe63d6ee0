package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;
import java.util.OptionalInt;

/// Attention with several heads, each of which looks at sequences through projections of its own.
/// Vaswani et al.: *Attention is all you need* (2017).
///
/// Fewer heads of keys and values than of queries are shared by groups of these. Ainslie et al.:
/// *GQA: training generalized multi-query transformer models from multi-head checkpoints* (2023).
///
/// @param query `[in, heads * d]`
/// @param key `[memory, keyHeads * d]`
/// @param value `[memory, keyHeads * e]`
/// @param output `[heads * e, out]`
/// @param heads of the queries
/// @param keyHeads of keys and values, by which `heads` can be divided
/// @param mask what holds for every call
/// @param dropout the probability with which a key's share is dropped in training
/// @param rotary how queries and keys are turned with their places, if they are
public record MultiHeadAttention(
        Linear query,
        Linear key,
        Linear value,
        Linear output,
        int heads,
        int keyHeads,
        AttentionMask mask,
        double dropout,
        Optional<RotaryPositions> rotary)
        implements Module {
    public MultiHeadAttention {
        checkHeads(heads, keyHeads);
        Require.fraction("multiHeadAttention: dropout", dropout);
        int queries = columns(query);
        int keys = columns(key);
        int values = columns(value);
        boolean fits = queries % heads == 0
                && keys == queries / heads * keyHeads
                && values % keyHeads == 0
                && output.weight().shape().dim(0) == values / keyHeads * heads;
        String expected = "MultiHeadAttention: query %s, key %s, value %s and output %s, expected [in, heads * d],"
                + " [memory, keyHeads * d], [memory, keyHeads * e] and [heads * e, out] for %s heads and %s of keys";
        Require.that(
                fits,
                expected,
                query.weight().shape(),
                key.weight().shape(),
                value.weight().shape(),
                output.weight().shape(),
                heads,
                keyHeads);
    }

    private static int columns(Linear projection) {
        return projection.weight().shape().dim(1);
    }

    private static void checkHeads(int heads, int keyHeads) {
        Require.positive("multiHeadAttention: heads", heads);
        Require.positive("multiHeadAttention: keyHeads", keyHeads);
        boolean fits = heads % keyHeads == 0;
        Require.that(fits, "multiHeadAttention: %s heads and %s of keys, expected a divisor", heads, keyHeads);
    }

    /// A result and what is kept for the steps that follow.
    ///
    /// @param output `[N, T, out]`
    /// @param cache with the new steps
    public record Step(Tensor output, KeyValueCache cache) {}

    /// Of sequences `[N, T, in]` to themselves.
    @Override
    public Tensor forward(Tensor x) {
        return attend(x, x, x, AttentionMask.none());
    }

    /// Of sequences to themselves.
    ///
    /// @param x `[N, T, in]`
    /// @param more what holds for this call
    /// @return `[N, T, out]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor x, AttentionMask more) {
        return apply(x, x, x, more);
    }

    /// Of sequences to others.
    ///
    /// @param queries `[N, T, in]`
    /// @param keys `[N, S, memory]`
    /// @param values `[N, S, memory]`
    /// @param more what holds for this call
    /// @return `[N, T, out]`
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor apply(Tensor queries, Tensor keys, Tensor values, AttentionMask more) {
        return Calls.apply(this, queries, () -> attend(queries, keys, values, more));
    }

    /// Which share of its attention each query gives to each key, in each head, to look at.
    ///
    /// @param queries `[N, T, in]`
    /// @param keys `[N, S, memory]`
    /// @param more what holds for this call
    /// @return `[N, heads, T, S]`, rows whose sum is 1, or 0 where no key is seen
    /// @throws IllegalArgumentException if shapes do not fit
    public Tensor weights(Tensor queries, Tensor keys, AttentionMask more) {
        sequences("input", queries);
        sequences("keys", keys);
        Tensor q = turned(split(query.apply(queries), heads));
        Tensor k = turned(split(key.apply(keys), keyHeads));
        return Attention.weights(q, shared(k), mask.and(more));
    }

    /// A cache for generation with nothing in it.
    ///
    /// @param samples N
    /// @param capacity how many steps there can be
    public KeyValueCache cache(int samples, int capacity) {
        return KeyValueCache.empty(
                samples,
                keyHeads,
                capacity,
                columns(key) / keyHeads,
                columns(value) / keyHeads,
                key.weight().value().dtype());
    }

    /// Of new steps to themselves and those before, none of which sees a later one.
    ///
    /// @param x `[N, T, in]`, the steps that follow those in the cache
    /// @throws IllegalArgumentException if shapes do not fit, or the cache has no room
    public Step next(Tensor x, KeyValueCache cache) {
        return Calls.apply(this, x, () -> step(x, cache), Step::output);
    }

    private Step step(Tensor x, KeyValueCache cache) {
        sequences("input", x);
        Tensor first = cache.first();
        Tensor queries = turned(split(query.apply(x), heads), first);
        Tensor keys = turned(split(key.apply(x), keyHeads), first);
        KeyValueCache all = cache.append(keys, split(value.apply(x), keyHeads));
        boolean isGrouped = heads != keyHeads && x.dim(1) == 1 && mask.isPlain();
        Tensor mixed = isGrouped
                ? grouped(queries, all, first)
                : mixed(queries, all.keys(), all.values(), mask.causal().from(first));
        return new Step(joined(mixed), all);
    }

    /// Of one step, for which the heads of a group are the queries of one head of keys: these need not be
    /// repeated for each head, which would go through all of the cache once more.
    private Tensor grouped(Tensor queries, KeyValueCache all, Tensor first) {
        Tensor groups = queries.reshape(queries.shape().with(1, keyHeads).with(2, heads / keyHeads));
        Tensor past = Tensor.arange(all.keys().dim(2)).lessEqual(first).unsqueeze(0);
        AttentionMask seen = AttentionMask.none().where(past);
        Tensor mixed = Attention.scaledDotProduct(groups, all.keys(), all.values(), seen, dropout);
        return mixed.reshape(mixed.shape().with(1, heads).with(2, 1));
    }

    private Tensor attend(Tensor queries, Tensor keys, Tensor values, AttentionMask more) {
        sequences("input", queries);
        sequences("keys", keys);
        sequences("values", values);
        Tensor q = turned(split(query.apply(queries), heads));
        Tensor k = turned(split(key.apply(keys), keyHeads));
        return joined(mixed(q, k, split(value.apply(values), keyHeads), mask.and(more)));
    }

    private static void sequences(String what, Tensor x) {
        Require.that(x.rank() == 3, "%s %s, expected sequences [N, T, in]", what, x.type());
    }

    private Tensor turned(Tensor x) {
        return rotary.isPresent() ? rotary.get().forward(x) : x;
    }

    private Tensor turned(Tensor x, Tensor first) {
        return rotary.isPresent() ? rotary.get().apply(x, first) : x;
    }

    /// `[N, T, heads * d]` to `[N, heads, T, d]`.
    private static Tensor split(Tensor x, int heads) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).permute(0, 2, 1, 3);
    }

    private Tensor mixed(Tensor queries, Tensor keys, Tensor values, AttentionMask all) {
        return Attention.scaledDotProduct(queries, shared(keys), shared(values), all, dropout);
    }

    /// `[N, heads, T, e]` to `[N, T, out]`.
    private Tensor joined(Tensor mixed) {
        return output.apply(mixed.permute(0, 2, 1, 3).flatten(2));
    }

    /// For each head of the queries the one that its group has.
    private Tensor shared(Tensor x) {
        if (heads == keyHeads) {
            return x;
        }
        Shape grouped = Shape.of(x.dim(0), keyHeads, heads / keyHeads, x.dim(2), x.dim(3));
        return x.unsqueeze(2).broadcastTo(grouped).reshape(x.shape().with(1, heads));
    }

    /// The blueprint of a [MultiHeadAttention] whose result is as wide as its input.
    ///
    /// @param heads of the queries, by which the width can be divided
    /// @param keyHeads of keys and values, by which `heads` can be divided
    /// @param memory how wide the keys' and values' sequences are, if not as the input
    /// @param mask what holds for every call
    /// @param dropout the probability with which a key's share is dropped in training
    /// @param rotary how queries and keys are turned with their places, if they are
    /// @param bias whether the projections have one
    public record Blueprint(
            int heads,
            int keyHeads,
            OptionalInt memory,
            AttentionMask mask,
            double dropout,
            Optional<RotaryPositions> rotary,
            boolean bias)
            implements Layer {
        public Blueprint {
            checkHeads(heads, keyHeads);
            memory.ifPresent(m -> Require.positive("multiHeadAttention: memory", m));
            Require.fraction("multiHeadAttention: dropout", dropout);
        }

        /// With fewer heads of keys and values, shared by groups of those of the queries.
        public Blueprint keyHeads(int count) {
            return new Blueprint(heads, count, memory, mask, dropout, rotary, bias);
        }

        /// For keys and values of another width than the queries'.
        public Blueprint memory(int width) {
            return new Blueprint(heads, keyHeads, OptionalInt.of(width), mask, dropout, rotary, bias);
        }

        /// No step sees a later one.
        public Blueprint causal() {
            return new Blueprint(heads, keyHeads, memory, mask.causal(), dropout, rotary, bias);
        }

        /// Scores fall with the distance; see [AttentionMask#alibi].
        public Blueprint alibi() {
            return new Blueprint(heads, keyHeads, memory, mask.alibi(heads), dropout, rotary, bias);
        }

        public Blueprint dropout(double p) {
            return new Blueprint(heads, keyHeads, memory, mask, p, rotary, bias);
        }

        /// Queries and keys are turned with their places.
        public Blueprint rotary(RotaryPositions positions) {
            return new Blueprint(heads, keyHeads, memory, mask, dropout, Optional.of(positions), bias);
        }

        public Blueprint withoutBias() {
            return new Blueprint(heads, keyHeads, memory, mask, dropout, rotary, false);
        }

        @Override
        public MultiHeadAttention build(Shape input, RandomStream random) {
            int width = output(input).dim(1);
            int shared = width / heads * keyHeads;
            int from = memory.orElse(width);
            return new MultiHeadAttention(
                    projection(width, width, random.split("query")),
                    projection(from, shared, random.split("key")),
                    projection(from, shared, random.split("value")),
                    projection(width, width, random.split("output")),
                    heads,
                    keyHeads,
                    mask,
                    dropout,
                    rotary);
        }

        private Linear projection(int from, int units, RandomStream random) {
            Linear.Blueprint linear = Layers.linear(units);
            return (bias ? linear : linear.withoutBias()).build(Shape.of(from), random);
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 2, "[T, in]");
            int width = input.dim(1);
            Require.that(width % heads == 0, "samples of shape %s, expected a width that %s divides", input, heads);
            int each = width / heads;
            boolean even = rotary.isEmpty() || each % 2 == 0;
            Require.that(even, "samples of shape %s, expected heads of an even width to turn, not %s", input, each);
            return input;
        }
    }
}
