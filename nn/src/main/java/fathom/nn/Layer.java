package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;

/// The blueprint of a module: it says what is wanted, and learns the sizes when it is built.
///
/// Shapes are those of one sample, without the batch axis in front.
public interface Layer {
    /// A module for samples of the given shape, with fresh parameters.
    ///
    /// @param input the shape of one sample
    /// @param random where the initial weights come from
    /// @throws IllegalArgumentException if the layer cannot take samples of that shape
    Module build(Shape input, RandomStream random);

    /// The shape of one result for a sample of the given shape.
    ///
    /// @throws IllegalArgumentException if the layer cannot take samples of that shape
    Shape output(Shape input);
}
