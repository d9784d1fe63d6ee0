package fathom.nn.train;

import fathom.tensor.Tensor;

/// What is kept of batches to measure all of them together. Parts that were accumulated apart can be
/// merged, which is as if one had seen all.
///
/// ```java
/// var scores = new BinaryScores();
/// trainer.evaluate(test, (prediction, batch) -> scores.add(prediction, batch.y()));
/// IO.println(scores.rocAuc());
/// ```
///
/// @param <A> its own type
public interface Accumulator<A extends Accumulator<A>> {
    /// Takes note of a batch.
    ///
    /// @throws IllegalArgumentException if shapes do not fit or an element is out of range; nothing
    ///   is noted then
    void add(Tensor prediction, Tensor target);

    /// Takes note of all that another one has.
    ///
    /// @throws IllegalArgumentException if it was set up differently
    void merge(A other);
}
