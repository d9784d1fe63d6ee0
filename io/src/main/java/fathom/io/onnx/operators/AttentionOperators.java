package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Operators of transformers.
final class AttentionOperators {
    private static final String MICROSOFT = "com.microsoft";

    private AttentionOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("Attention", 23, AttentionOperators::attention),
                Operator.of("RotaryEmbedding", 23, c -> rotary(c, c.tensor(1), c.tensor(2), 3)),
                Operator.of("RotaryEmbedding", 1, c -> rotary(c, c.tensor(2), c.tensor(3), 1))
                        .in(MICROSOFT),
                Operator.of("Gelu", 1, c -> c.computed(ElementwiseOperators.gelu(c.tensor(0), "none")))
                        .in(MICROSOFT),
                Operator.of("FastGelu", 1, c -> c.computed(ElementwiseOperators.gelu(biased(c), "tanh")))
                        .in(MICROSOFT),
                Operator.of("BiasGelu", 1, c -> c.computed(ElementwiseOperators.gelu(biased(c), "none")))
                        .in(MICROSOFT));
    }

    private static Tensor biased(Call c) {
        return c.has(1) ? c.tensor(0).add(c.tensor(1)) : c.tensor(0);
    }

    /// What each query finds among the keys, as a mean of the values (Vaswani and others: *Attention is
    /// all you need*, 2017).
    private static List<Value> attention(Call c) {
        Tensor given = c.tensor(0);
        boolean flat = given.rank() == 3;
        Tensor query = heads(given, c.integer("q_num_heads", 0));
        Tensor keys = heads(c.tensor(1), c.integer("kv_num_heads", 0));
        Tensor values = heads(c.tensor(2), c.integer("kv_num_heads", 0));
        int past = c.has(4) ? c.shape(4).dim(2) : 0;
        keys = c.has(4) ? Tensor.concat(2, c.tensor(4), keys) : keys;
        values = c.has(5) ? Tensor.concat(2, c.tensor(5), values) : values;
        Value presentKeys = Value.of(c.type(1), keys);
        Value presentValues = Value.of(c.type(2), values);
        double scale = c.number("scale", 1 / Math.sqrt(query.dim(3)));
        // Halves are rounded after each step, as elsewhere; in other types that changes nothing.
        UnaryOperator<Tensor> rounded = x -> c.computed(x).tensor();
        double root = Math.sqrt(scale);
        Tensor scaled = rounded.apply(repeated(keys, query.dim(1)).mul(root)).transpose();
        Tensor scores = rounded.apply(rounded.apply(query.mul(root)).matmul(scaled));
        double cap = c.number("softcap", 0);
        // Before the mask, whose infinities it would make finite.
        Tensor capped = cap > 0 ? rounded.apply(scores.div(cap).tanh().mul(cap)) : scores;
        Tensor masked = rounded.apply(masked(c, capped, past));
        Tensor shares = shares(c, masked, rounded);
        Tensor y = shares.matmul(repeated(values, query.dim(1)));
        Tensor shown = switch (c.integer("qk_matmul_output_mode", 0)) {
            case 0 -> scores;
            case 1 -> capped;
            case 2 -> masked;
            case 3 -> shares;
            default -> throw new IllegalArgumentException("qk_matmul_output_mode, expected 0 to 3");
        };
        Tensor joined = flat ? y.permute(0, 2, 1, 3).reshape(y.dim(0), y.dim(2), y.dim(1) * y.dim(3)) : y;
        return List.of(c.computed(joined), presentKeys, presentValues, c.computed(shown));
    }

    private static Tensor shares(Call c, Tensor scores, UnaryOperator<Tensor> rounded) {
        OnnxType type = c.type(0);
        OnnxType precision = c.elementType("softmax_precision").orElse(type);
        if (precision != type || type == OnnxType.FLOAT || type == OnnxType.DOUBLE) {
            return scores.cast(precision.carrier()).softmax(-1).cast(scores.dtype());
        }
        Tensor e = rounded.apply(
                rounded.apply(scores.sub(scores.max(true, -1).detach())).exp());
        return rounded.apply(e.div(rounded.apply(e.sum(true, -1))));
    }

    /// `[N, T, heads * width]` as `[N, heads, T, width]`.
    private static Tensor heads(Tensor x, int heads) {
        if (x.rank() == 4) {
            return x;
        }
        boolean fits = x.rank() == 3 && heads > 0 && x.dim(2) % heads == 0;
        Require.that(fits, "%s for %s heads, expected [N, T, heads * width]", x.shape(), heads);
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).permute(0, 2, 1, 3);
    }

    /// Keys or values that several queries share, once for each of these.
    private static Tensor repeated(Tensor x, int heads) {
        int own = x.dim(1);
        if (own == heads) {
            return x;
        }
        Require.that(own > 0 && heads % own == 0, "%s heads of queries and %s of keys", heads, own);
        Shape all = Shape.of(x.dim(0), own, heads / own, x.dim(2), x.dim(3));
        return x.unsqueeze(2).broadcastTo(all).reshape(x.dim(0), heads, x.dim(2), x.dim(3));
    }

    /// Scores `[N, heads, queries, keys]` with minus infinity where a query may not look.
    private static Tensor masked(Call c, Tensor scores, int past) {
        int keys = scores.dim(3);
        Tensor y = scores;
        if (c.has(3)) {
            Tensor mask = c.tensor(3);
            int missing = keys - mask.dim(-1);
            if (mask.dtype() == DType.BOOL) {
                Tensor open =
                        missing > 0 ? mask.cast(DType.I32).pad(-1, 0, missing).greater(0) : mask;
                y = hidden(y, open);
            } else {
                y = y.add(missing > 0 ? mask.pad(-1, 0, missing, Double.NEGATIVE_INFINITY) : mask);
            }
        }
        Tensor key = Tensor.of(new Op.Iota(Shape.of(1, 1, 1, keys), DType.I32, 3));
        Tensor count = c.has(6) ? c.tensor(6).cast(DType.I32).reshape(scores.dim(0), 1, 1, 1) : null;
        if (c.flag("is_causal", false)) {
            int queries = scores.dim(2);
            Tensor query = Tensor.of(new Op.Iota(Shape.of(1, 1, queries, 1), DType.I32, 2));
            Tensor last = count == null || c.has(4) ? query.add(past) : query.add(count.sub(queries));
            y = hidden(y, key.lessEqual(last));
        }
        return count == null ? y : hidden(y, key.less(count));
    }

    private static Tensor hidden(Tensor scores, Tensor open) {
        return open.select(scores, Tensor.full(Shape.SCALAR, scores.dtype(), Double.NEGATIVE_INFINITY));
    }

    /// Pairs of elements turned by an angle that goes with their position (Su and others: *RoFormer*,
    /// 2021).
    ///
    /// @param positions which input says the positions; without it the tables are in the order of time
    private static Value rotary(Call c, Tensor cosines, Tensor sines, int positions) {
        Tensor given = c.tensor(0);
        boolean flat = given.rank() == 3;
        boolean interleaved = c.flag("interleaved", false);
        int heads = c.integer("num_heads", 0);
        Tensor cos = cosines;
        Tensor sin = sines;
        int turning = c.integer("rotary_embedding_dim", 0);
        if (flat && heads == 0) {
            int width = turning > 0 ? turning : 2 * cos.dim(-1);
            heads = given.dim(2) / width;
        }
        Tensor x = heads(given, heads);
        turning = turning > 0 ? turning : x.dim(3);
        if (c.has(positions)) {
            Tensor at = c.tensor(positions);
            // One number is where the first element is.
            at = at.rank() == 1
                    ? at.add(Tensor.arange(x.dim(2)).cast(at.dtype())).unsqueeze(0)
                    : at;
            cos = cos.take(at, 0);
            sin = sin.take(at, 0);
        }
        int half = turning / 2;
        String message = "tables %s and %s for %s elements that turn";
        Require.that(cos.dim(-1) == half && sin.dim(-1) == half, message, cos.shape(), sin.shape(), turning);
        // [N or 1, T, half], the same for all heads.
        cos = cos.unsqueeze(1);
        sin = sin.unsqueeze(1);
        Tensor turned = x.slice(3, 0, turning);
        Tensor first = interleaved ? turned.slice(3, 0, turning, 2) : turned.slice(3, 0, half);
        Tensor second = interleaved ? turned.slice(3, 1, turning, 2) : turned.slice(3, half, turning);
        Tensor real = first.mul(cos).sub(second.mul(sin));
        Tensor imaginary = first.mul(sin).add(second.mul(cos));
        Tensor y = interleaved
                ? Tensor.stack(4, real, imaginary).reshape(turned.shape())
                : Tensor.concat(3, real, imaginary);
        List<Tensor> parts = new ArrayList<>(List.of(y));
        if (turning < x.dim(3)) {
            parts.add(x.slice(3, turning, x.dim(3)));
        }
        Tensor all = Tensor.concat(3, parts);
        return c.computed(flat ? all.permute(0, 2, 1, 3).reshape(given.shape()) : all);
    }
}
