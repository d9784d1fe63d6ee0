package fathom.io.onnx.run;

import fathom.io.onnx.format.OnnxType;
import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// A value in a graph of ONNX: its type there, and the tensor that carries it.
///
/// @param type the element type in ONNX
/// @param tensor the elements, of the type's carrier and within the type's range
/// @param origin what the elements depend on
/// @param shapeOrigin what the shape depends on
public record Value(OnnxType type, Tensor tensor, Origin origin, Origin shapeOrigin) {
    public Value {
        boolean fits = tensor.dtype() == type.carrier();
        Require.that(fits, "%s as %s, expected %s", tensor.type(), type, type.carrier());
    }

    /// A value whose elements are already of the type, because they were only moved.
    public static Value of(OnnxType type, Tensor tensor) {
        return new Value(type, tensor, Origin.CONSTANT, Origin.CONSTANT);
    }

    /// A value whose elements were computed: they are brought into the range of the type, or to its
    /// precision.
    public static Value computed(OnnxType type, Tensor tensor) {
        return of(type, Ranges.within(type, tensor));
    }

    /// A value of the type that goes by the tensor's dtype.
    public static Value of(Tensor tensor) {
        return of(OnnxType.of(tensor.dtype()), tensor);
    }

    /// A vector of int64.
    public static Value of(long... elements) {
        return of(OnnxType.INT64, Tensor.of(elements));
    }

    /// The same that depends on more.
    Value and(Origin elements, Origin sizes) {
        return new Value(type, tensor, origin.and(elements), shapeOrigin.and(sizes));
    }

    /// The same with another tensor of the same elements.
    Value with(Tensor same) {
        return new Value(type, same, origin, shapeOrigin);
    }

    public Shape shape() {
        return tensor.shape();
    }

    /// The elements of whole numbers, which are computed if need be.
    ///
    /// @throws IllegalArgumentException if they have fractions
    long[] longs() {
        boolean whole = !type.isFloating();
        Require.that(whole, "elements of %s, expected whole numbers", type);
        Buffer elements = tensor.buffer();
        long[] all = new long[elements.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = elements.getLong(i);
        }
        return all;
    }

    /// The elements, which are computed if need be.
    double[] doubles() {
        return tensor.toDoubles();
    }
}
