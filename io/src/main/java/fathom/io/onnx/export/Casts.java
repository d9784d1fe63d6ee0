package fathom.io.onnx.export;

import fathom.io.onnx.format.OnnxType;
import fathom.tensor.DType;

/// Conversions.
final class Casts {
    private Casts() {}

    static Attributes to(DType dtype) {
        return Attributes.none().with("to", OnnxType.of(dtype).code());
    }

    static Attributes to(OnnxType type) {
        return Attributes.none().with("to", type.code());
    }
}
