package fathom.io;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What a file says about a tensor in it, known before its elements are read.
///
/// @param name what the file calls it
/// @param shape sizes of the axes, the one whose elements lie side by side last
/// @param encoding how the file stores elements, in the words of its format: `F32`, `<f4`, `Q4_K`
/// @param dtype what the elements become when they are read
/// @param bytes how many the elements take in the file
public record StoredTensor(String name, Shape shape, String encoding, DType dtype, long bytes) {
    /// What would be said about a tensor that were written as it is.
    static StoredTensor of(String name, Tensor tensor) {
        return new StoredTensor(name, tensor.shape(), tensor.dtype());
    }

    /// A tensor that is to be written.
    ///
    /// @param name what the file is to call it
    public StoredTensor(String name, Shape shape, DType dtype) {
        this(name, shape, dtype.name(), dtype, (long) shape.size() * dtype.bytes());
    }
}
