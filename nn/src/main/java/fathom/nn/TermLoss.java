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

    /// The loss that is the sum of the terms. What a training shows of it is the mean of the batches'
    /// sums, weighted by their sizes.
    default Loss sum() {
        return (prediction, target) -> terms(prediction, target).sum();
    }
}
