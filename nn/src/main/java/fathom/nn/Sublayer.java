package fathom.nn;

import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// How a part of a transformer's layer is put around by normalisation, dropout and what goes past it:
/// `x + dropout(part(norm(x)))` or `norm(x + dropout(part(x)))`. The first is easier to train. Xiong
/// et al.: *On layer normalization in the transformer architecture* (2020).
///
/// @param normFirst whether it is the first
record Sublayer(LayerNorm norm, Dropout dropout, boolean normFirst) {
    /// The part's result, with all that is around it.
    Tensor around(Tensor x, UnaryOperator<Tensor> part) {
        return after(x, part.apply(before(x)));
    }

    /// The same for attention to the steps in a cache, too.
    MultiHeadAttention.Step next(Tensor x, MultiHeadAttention attention, KeyValueCache cache) {
        MultiHeadAttention.Step seen = attention.next(before(x), cache);
        return new MultiHeadAttention.Step(after(x, seen.output()), seen.cache());
    }

    private Tensor before(Tensor x) {
        return normFirst ? norm.apply(x) : x;
    }

    private Tensor after(Tensor x, Tensor y) {
        Tensor sum = x.add(dropout.forward(y));
        return normFirst ? sum : norm.apply(sum);
    }
}
