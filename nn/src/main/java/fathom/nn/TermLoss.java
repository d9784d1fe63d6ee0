package fathom.nn;

import fathom.tensor.Tensor;

/// A loss that is put together from terms, which can be had one by one, added, or averaged.
///
/// As a [Loss] it is their mean.
public interface TermLoss extends Loss {
    /// The terms of a batch.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or a label is out of range
    Terms terms(Tensor prediction, Tensor target);

    /// The mean of the terms.
    @Override
    default Tensor of(Tensor prediction, Tensor target) {
        return terms(prediction, target).mean();
    }

    /// The mean of the terms times the weights of their samples. It does not divide by these weights, as
    /// Keras does not, but by what [Terms#mean] divides by without them: the number of terms, the sum
    /// of their classes' weights, or how many are not left out. So a sample of weight 2 counts as two in
    /// any batch, and the mean over batches is that over all data.
    ///
    /// @param weights `[N]`, or more of the terms' leading axes
    /// @throws IllegalArgumentException as [#terms], or if the weights do not fit
    default Tensor of(Tensor prediction, Tensor target, Tensor weights) {
        Terms terms = terms(prediction, target);
        Tensor sum = terms.weighted(weights).sum();
        return terms.weights()
                .map(w -> sum.div(w.sum()))
                .orElseGet(() -> sum.div(terms.values().size()));
    }

    /// The loss that is the sum of the terms. What a training shows of it is the mean of the batches'
    /// sums, weighted by their sizes.
    default Loss sum() {
        return (prediction, target) -> terms(prediction, target).sum();
    }
}
