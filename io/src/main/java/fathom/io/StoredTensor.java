package fathom.io;

import fathom.tensor.DType;
import fathom.tensor.Shape;

/// What a file says about a tensor in it, known before its elements are read.
///
/// @param name what the file calls it
/// @param shape sizes of the axes, the one whose elements lie side by side last
/// @param encoding how the file stores elements, in the words of its format: `F32`, `<f4`, `Q4_K`
/// @param dtype what the elements become when they are read
/// @param bytes how many the elements take in the file
public record StoredTensor(String name, Shape shape, String encoding, DType dtype, long bytes) {}
