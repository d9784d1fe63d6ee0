package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Value;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// Integers without sign of 64 bits are carried in I64, where those from 2^63 on are negative. With the
/// highest bit flipped their order is that of I64.
final class Unsigned {
    private Unsigned() {}

    /// A tensor whose order is that of the value.
    static Tensor ordered(Value value) {
        return value.type() == OnnxType.UINT64 ? flipped(value.tensor()) : value.tensor();
    }

    /// A value of the type, of what was picked from [#ordered] ones.
    static Value back(OnnxType type, Tensor ordered) {
        return Value.of(type, type == OnnxType.UINT64 ? flipped(ordered) : ordered);
    }

    private static Tensor flipped(Tensor x) {
        return x.xor(Tensor.full(x.shape(), DType.I64, Long.MIN_VALUE));
    }
}
