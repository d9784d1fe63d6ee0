package fathom.models;

import fathom.tensor.Tensor;

/// A head that has the vectors of the tokens themselves: the logit of a token is the product with its vector.
/// Press and Wolf: *Using the output embedding to improve language models* (2017).
final class TiedHead {
    private TiedHead() {}

    /// Vectors `[..., width]` to logits `[..., vocabulary]`.
    ///
    /// @param table `[vocabulary, width]`
    static Tensor logits(Tensor vectors, Tensor table) {
        int width = table.dim(1);
        if (vectors.size() != width) {
            return vectors.matmul(table.transpose());
        }
        // For one vector, as in generation, the table is read once and row by row, as it lies.
        Tensor logits = table.mul(vectors.reshape(1, width)).sum(false, 1);
        return logits.reshape(vectors.shape().with(-1, table.dim(0)));
    }
}
