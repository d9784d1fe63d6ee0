package fathom.nn;

import fathom.tensor.Tensor;

/// How a part of a transformer's layer is put around by normalisation, dropout and what goes past it:
/// `x + dropout(part(norm(x)))` or `norm(x + dropout(part(x)))`. The first is easier to train. Xiong
/// et al.: *On layer normalization in the transformer architecture* (2020).
///
/// @param normFirst whether it is the first
record Sublayer(LayerNorm norm, Dropout dropout, boolean normFirst) {
    /// What the part is given.
    Tensor before(Tensor x) {
        return normFirst ? norm.apply(x) : x;
    }

    /// @param y what the part has given
    Tensor after(Tensor x, Tensor y) {
        Tensor sum = x.add(dropout.forward(y));
        return normFirst ? sum : norm.apply(sum);
    }
}
