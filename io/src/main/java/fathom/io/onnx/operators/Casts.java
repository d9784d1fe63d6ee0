package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.SmallFloats;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Value;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// Conversions between element types.
final class Casts {
    private Casts() {}

    /// Converted; for types of a byte or less the call says whether what is too great becomes the
    /// greatest (`saturate`).
    static Value to(Value value, OnnxType type, Call call) {
        if (value.type() == type) {
            return value;
        }
        if (type == OnnxType.FLOAT8E8M0) {
            return Value.of(type, PowersOfTwo.near(numbers(value, OnnxType.FLOAT), call.text("round_mode", "up")));
        }
        SmallFloats small = SmallFloats.of(type);
        Tensor x = numbers(value, type);
        if (small != null && call.flag("saturate", true)) {
            double greatest = small.greatest();
            x = x.isNaN().select(x, x.clamp(-greatest, greatest));
        }
        if (type.isInteger() && type.bits() < Byte.SIZE && value.type().isFloating()) {
            // The specification leaves it open; the reference implementation takes the nearest there is.
            x = value.tensor().clamp(type.least(), type.greatest()).cast(type.carrier());
        }
        return Value.computed(type, x);
    }

    /// In the carrier of another type.
    static Value to(Value value, OnnxType type) {
        return value.type() == type ? value : Value.computed(type, numbers(value, type));
    }

    private static Tensor numbers(Value value, OnnxType type) {
        Tensor x = value.tensor();
        if (value.type() == OnnxType.UINT64 && type.isFloating()) {
            Tensor high = x.less(0).cast(DType.F64).mul(0x1p64);
            return x.cast(DType.F64).add(high).cast(type.carrier());
        }
        boolean large = type.isInteger() && value.type().isFloating() && type != OnnxType.INT32;
        // What is too great for a narrow type wraps, as it does between integers.
        return (large ? x.cast(DType.I64) : x).cast(type.carrier());
    }
}
