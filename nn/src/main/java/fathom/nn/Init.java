package fathom.nn;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;

/// Vectors that layers start with.
final class Init {
    private Init() {}

    static Parameter zeros(int... sizes) {
        Shape shape = Shape.of(sizes);
        return Parameter.of(Tensor.of(Buffer.allocate(DType.F32, shape.size()), shape));
    }

    static Parameter ones(int... shape) {
        return Parameter.of(filled(1, Shape.of(shape)));
    }

    static Variable variable(double value, int size) {
        return Variable.of(filled(value, Shape.of(size)));
    }

    private static Tensor filled(double value, Shape shape) {
        // A constant does not draw from the stream.
        return Initializer.constant(value).create(shape, RandomStream.of(0));
    }
}
