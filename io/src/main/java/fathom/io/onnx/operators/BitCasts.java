package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// The bits of elements as elements of another type of as many bits. Of NaN they are always the same.
final class BitCasts {
    private static final int HALF_INFINITY = 0x7C00;
    private static final int HALF_SIGN = 0x8000;

    private BitCasts() {}

    /// @throws IllegalArgumentException if the types have different numbers of bits
    static Value to(Value value, OnnxType type) {
        int bits = value.type().bits();
        Require.that(
                bits == type.bits(), "%s, of %s bits, as %s, expected a type of as many", value.type(), bits, type);
        if (value.type() == type) {
            return value;
        }
        Tensor whole = bits(value);
        return type.isFloating()
                ? Value.of(type, fraction(type, whole))
                : Value.computed(type, whole.cast(type.carrier()));
    }

    /// Whole numbers of which the lowest bits are those of the elements.
    private static Tensor bits(Value value) {
        Tensor x = value.tensor();
        return switch (value.type()) {
            case FLOAT -> x.bitCast(DType.I32);
            case DOUBLE -> x.bitCast(DType.I64);
            case BFLOAT16 -> x.bitCast(DType.I32).shiftRight(16);
            case FLOAT16 -> ofHalves(x);
            case BOOL -> x.cast(DType.I32);
            default -> value.type().isFloating() ? patterns(value.type(), x) : x;
        };
    }

    /// Times 2^-112 a half has the exponent of its type in single precision, those below its normal numbers too.
    private static Tensor ofHalves(Tensor x) {
        Tensor magnitude = x.abs().mul(0x1p-112).bitCast(DType.I32).shiftRight(13);
        int infinity = Float.floatToIntBits(Float.POSITIVE_INFINITY) >> 13;
        Tensor finiteOrNot =
                magnitude.greaterEqual(infinity).select(magnitude.sub(infinity - HALF_INFINITY), magnitude);
        return x.bitCast(DType.I32).shiftRight(31).mul(HALF_SIGN).add(finiteOrNot);
    }

    /// By comparison with each that there is, zeros told apart.
    private static Tensor patterns(OnnxType type, Tensor x) {
        Tensor all = table(type).bitCast(DType.I32);
        return x.bitCast(DType.I32).unsqueeze(-1).equal(all).cast(DType.I32).argmax(-1);
    }

    private static Tensor fraction(OnnxType type, Tensor bits) {
        return switch (type) {
            case FLOAT -> bits.cast(DType.I32).bitCast(DType.F32);
            case DOUBLE -> bits.bitCast(DType.F64);
            default -> {
                Tensor index = bits.cast(DType.I32);
                yield table(type).take(index.and(Tensor.full(index.shape(), DType.I32, (1 << type.bits()) - 1)), 0);
            }
        };
    }

    /// The values of all bit patterns of a type of two bytes or less.
    private static Tensor table(OnnxType type) {
        float[] values = new float[1 << type.bits()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.fraction(i);
        }
        return Tensor.of(values);
    }
}
