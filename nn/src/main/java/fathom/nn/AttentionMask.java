package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Which keys a query sees, and what is added to the scores of those that it does:
///
/// ```java
/// AttentionMask.none().causal().lengths(lengths, keys)
/// ```
///
/// @param isCausal whether a query sees only the keys up to its own place
/// @param visible BOOL, which keys are seen, if not all; it broadcasts to the scores `[..., T, S]`
/// @param bias what is added to the scores, if anything; it broadcasts to them
/// @param slopes `[heads, 1, 1]`, how fast a head's scores fall with the distance, if they do
/// @param first I32 `[1]`, the place of the first query among the keys; 0 if absent
public record AttentionMask(
        boolean isCausal,
        Optional<Tensor> visible,
        Optional<Tensor> bias,
        Optional<Tensor> slopes,
        Optional<Tensor> first) {
    private static final AttentionMask NONE =
            new AttentionMask(false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public AttentionMask {
        visible.ifPresent(v -> Require.that(
                v.dtype() == DType.BOOL && v.rank() >= 2,
                "attentionMask: %s, expected BOOL that broadcasts to [..., T, S]",
                v.type()));
        bias.ifPresent(b -> Require.that(
                b.dtype().isFloating() && b.rank() >= 2,
                "attentionMask: bias %s, expected F32 or F64 that broadcasts to [..., T, S]",
                b.type()));
    }

    /// Every query sees every key.
    public static AttentionMask none() {
        return NONE;
    }

    /// As this, but that a query sees only the keys up to its own place.
    public AttentionMask causal() {
        return new AttentionMask(true, visible, bias, slopes, first);
    }

    /// As this, but that a query sees only keys where `seen` is true.
    ///
    /// @param seen BOOL that broadcasts to `[..., T, S]`, of two axes at least
    /// @throws IllegalArgumentException if it is not BOOL
    public AttentionMask where(Tensor seen) {
        Tensor both = visible.isPresent() ? visible.get().and(seen) : seen;
        return new AttentionMask(isCausal, Optional.of(both), bias, slopes, first);
    }

    /// As this, but that nobody sees what comes after a sequence's end, for scores `[N, heads, T,
    /// S]`.
    ///
    /// @param lengths I32 or I64 `[N]`, how many keys each sequence has
    /// @param keys S
    /// @throws IllegalArgumentException if a length is not from 0 to `keys`
    public AttentionMask lengths(Tensor lengths, int keys) {
        return where(Sequences.within(lengths, keys).unsqueeze(1).unsqueeze(1));
    }

    /// As this, with something added to the scores.
    ///
    /// @param added that broadcasts to `[..., T, S]`, of two axes at least
    /// @throws IllegalArgumentException if it is neither F32 nor F64
    public AttentionMask bias(Tensor added) {
        Tensor both = bias.isPresent() ? bias.get().add(added) : added;
        return new AttentionMask(isCausal, visible, Optional.of(both), slopes, first);
    }

    /// As this, with scores `[N, heads, T, S]` that fall with the distance of key and query, in each
    /// head at another rate: positions without an encoding. For n heads, a power of two, the rates
    /// are 2^(-8/n), 2^(-16/n), and so on; else those of the next lower power of two, then every
    /// other one of its double. Press, Smith and Lewis: *Train short, test long: attention with
    /// linear biases enables input length extrapolation* (2022).
    public AttentionMask alibi(int heads) {
        Require.positive("alibi: heads", heads);
        double[] rates = new double[heads];
        int power = Integer.highestOneBit(heads);
        for (int i = 0; i < heads; i++) {
            rates[i] =
                    i < power ? Math.pow(2, -8.0 * (i + 1) / power) : Math.pow(2, -4.0 * (2 * (i - power) + 1) / power);
        }
        Tensor all = Tensor.of(rates, heads, 1, 1);
        return new AttentionMask(isCausal, visible, bias, Optional.of(all), first);
    }

    /// As this, for queries that do not begin with the first key, but at a place among the keys: what
    /// comes after those whose keys were computed before.
    ///
    /// @param place I32 `[1]`
    /// @throws IllegalArgumentException if it is not that
    public AttentionMask from(Tensor place) {
        boolean fits = place.dtype() == DType.I32 && place.shape().equals(Shape.of(1));
        Require.that(fits, "attentionMask: first place %s, expected I32[1]", place.type());
        return new AttentionMask(isCausal, visible, bias, slopes, Optional.of(place));
    }

    /// What both allow, with what both add.
    AttentionMask and(AttentionMask other) {
        AttentionMask both = new AttentionMask(
                isCausal || other.isCausal, visible, bias, other.slopes.or(() -> slopes), other.first.or(() -> first));
        both = other.visible.isPresent() ? both.where(other.visible.get()) : both;
        return other.bias.isPresent() ? both.bias(other.bias.get()) : both;
    }

    /// Whether queries and keys are those of the same places, and none sees a later one.
    boolean isSquare() {
        return isCausal && first.isEmpty();
    }

    /// Whether places alone decide what is seen, and nothing is added to scores.
    boolean isPlain() {
        return visible.isEmpty() && bias.isEmpty() && slopes.isEmpty();
    }

    /// That this fits scores of a shape.
    void check(Shape scores) {
        visible.ifPresent(v -> check("mask", v, scores));
        bias.ifPresent(b -> check("bias", b, scores));
        slopes.ifPresent(s -> Require.that(
                scores.rank() >= 3 && scores.dim(-3) == s.dim(0),
                "attention: scores %s, expected [..., %s, T, S] for the rates of %s heads",
                scores,
                s.dim(0),
                s.dim(0)));
    }

    private static void check(String what, Tensor x, Shape scores) {
        boolean fits = x.rank() <= scores.rank();
        for (int axis = 1; fits && axis <= x.rank(); axis++) {
            fits = x.dim(-axis) == 1 || x.dim(-axis) == scores.dim(-axis);
        }
        Require.that(fits, "attention: %s %s, expected it to broadcast to scores %s", what, x.type(), scores);
    }

    /// The shares of the keys, for the scores of some of the queries and the first of the keys.
    ///
    /// @param from the number of the first of these queries
    Tensor softmax(Tensor scores, int from) {
        Tensor y = scores;
        int queries = scores.dim(-2);
        int keys = scores.dim(-1);
        Tensor own = Tensor.arange(queries).add(from);
        Tensor places = (first.isPresent() ? own.add(first.get()) : own).unsqueeze(1);
        Tensor others = Tensor.arange(keys).unsqueeze(0);
        if (slopes.isPresent()) {
            Tensor distance = others.sub(places).cast(scores.dtype()).abs();
            y = y.sub(distance.mul(slopes.get().cast(scores.dtype())));
        }
        if (bias.isPresent()) {
            y = y.add(part(bias.get(), from, queries, keys));
        }
        Tensor never = Tensor.full(Shape.SCALAR, scores.dtype(), Double.NEGATIVE_INFINITY);
        Tensor past = others.lessEqual(places);
        if (visible.isEmpty()) {
            return (isCausal ? past.select(y, never) : y).softmax(-1);
        }
        Tensor some = part(visible.get(), from, queries, keys);
        Tensor seen = isCausal ? some.and(past) : some;
        // Where nothing at all is seen the shares are 0/0, and so would be the gradient.
        return seen.select(seen.select(y, never).softmax(-1), Tensor.full(Shape.SCALAR, scores.dtype(), 0));
    }

    private static Tensor part(Tensor x, int from, int queries, int keys) {
        Tensor rows = x.dim(-2) == 1 ? x : x.slice(-2, from, from + queries);
        return rows.dim(-1) == 1 ? rows : rows.slice(-1, 0, keys);
    }
}
