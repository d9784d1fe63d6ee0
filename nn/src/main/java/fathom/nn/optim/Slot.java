package fathom.nn.optim;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// A tensor that a rule remembers for a parameter.
///
/// @param name under which it is saved, with the parameter's path behind it
/// @param initial what it holds before the first step, of the shape that it keeps
public record Slot(String name, Tensor initial) {
    /// The name of the slot that holds a mean of a parameter's past values; see
    /// [Optimizer#averaged].
    public static final String AVERAGE = "average";

    /// Zeros, shaped as the parameter.
    public static Slot zeros(String name, Tensor parameter) {
        return zeros(name, parameter.shape(), parameter.dtype());
    }

    /// Zeros of a shape of their own.
    public static Slot zeros(String name, Shape shape, DType dtype) {
        return new Slot(name, Tensor.of(Buffer.allocate(dtype, shape.size()), shape));
    }

    /// The same number everywhere, shaped as the parameter.
    public static Slot full(String name, Tensor parameter, double value) {
        return new Slot(name, Tensor.full(parameter.shape(), parameter.dtype(), value));
    }
}
