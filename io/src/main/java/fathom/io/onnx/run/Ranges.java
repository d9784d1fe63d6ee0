package fathom.io.onnx.run;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.SmallFloats;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// Brings what was computed in a wider type back into the range of the one that ONNX says: integers
/// wrap as they do in two's complement, floats are rounded.
final class Ranges {
    private Ranges() {}

    static Tensor within(OnnxType type, Tensor x) {
        return switch (type) {
            case FLOAT16 -> x.cast(DType.F16).cast(DType.F32);
            case BFLOAT16 -> x.cast(DType.BF16).cast(DType.F32);
            case UINT16, UINT32, UINT4, UINT2 -> x.and(full(x, type.greatest()));
            case INT8, INT16, INT4, INT2 -> signed(x, type.bits());
            default -> {
                SmallFloats small = SmallFloats.of(type);
                yield small == null ? x : Minifloats.round(x, small);
            }
        };
    }

    private static Tensor full(Tensor x, long value) {
        return Tensor.full(x.shape(), x.dtype(), value);
    }

    /// The lowest bits as a number with sign: flipping the sign bit and taking its value away again
    /// spreads it.
    private static Tensor signed(Tensor x, int bits) {
        long sign = 1L << (bits - 1);
        return x.and(full(x, 2 * sign - 1)).xor(full(x, sign)).sub(sign);
    }
}
