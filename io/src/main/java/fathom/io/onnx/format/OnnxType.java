package fathom.io.onnx.format;

import fathom.tensor.DType;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The element types of ONNX, with the numbers that its files have for them.
///
/// Fathom has fewer: a value of a type that it lacks is carried in a wider one that holds all of its
/// values, and brought back into the type's range after each operation.
public enum OnnxType {
    FLOAT(1, 32, DType.F32, DType.F32),
    UINT8(2, 8, DType.U8, DType.U8),
    INT8(3, 8, DType.I32, DType.I32),
    UINT16(4, 16, DType.I32, DType.I32),
    INT16(5, 16, DType.I32, DType.I32),
    INT32(6, 32, DType.I32, DType.I32),
    INT64(7, 64, DType.I64, DType.I64),
    STRING(8, 0, null, null),
    BOOL(9, 8, DType.BOOL, DType.BOOL),
    FLOAT16(10, 16, DType.F32, DType.F16),
    DOUBLE(11, 64, DType.F64, DType.F64),
    UINT32(12, 32, DType.I64, DType.I64),
    /// Carried in I64, whose negative numbers stand for those from 2^63 on.
    UINT64(13, 64, DType.I64, DType.I64),
    COMPLEX64(14, 64, null, null),
    COMPLEX128(15, 128, null, null),
    BFLOAT16(16, 16, DType.F32, DType.BF16),
    FLOAT8E4M3FN(17, 8, DType.F32, DType.F32),
    FLOAT8E4M3FNUZ(18, 8, DType.F32, DType.F32),
    FLOAT8E5M2(19, 8, DType.F32, DType.F32),
    FLOAT8E5M2FNUZ(20, 8, DType.F32, DType.F32),
    UINT4(21, 4, DType.I32, DType.I32),
    INT4(22, 4, DType.I32, DType.I32),
    FLOAT4E2M1(23, 4, DType.F32, DType.F32),
    FLOAT8E8M0(24, 8, DType.F32, DType.F32),
    UINT2(25, 2, DType.I32, DType.I32),
    INT2(26, 2, DType.I32, DType.I32);

    private final int code;
    private final int bits;
    private final @Nullable DType carrier;
    private final @Nullable DType outside;

    OnnxType(int code, int bits, @Nullable DType carrier, @Nullable DType outside) {
        this.code = code;
        this.bits = bits;
        this.carrier = carrier;
        this.outside = outside;
    }

    /// The type of a number in a file, if there is one.
    public static Optional<OnnxType> of(long code) {
        return code >= 1 && code <= values().length ? Optional.of(values()[(int) code - 1]) : Optional.empty();
    }

    /// The type that a tensor of a dtype is of.
    public static OnnxType of(DType dtype) {
        return switch (dtype) {
            case F32 -> FLOAT;
            case F64 -> DOUBLE;
            case F16 -> FLOAT16;
            case BF16 -> BFLOAT16;
            case I32 -> INT32;
            case I64 -> INT64;
            case U8 -> UINT8;
            case BOOL -> BOOL;
        };
    }

    /// The number that stands for it in files.
    public int code() {
        return code;
    }

    /// Bits that an element takes in a file; 0 for strings.
    public int bits() {
        return bits;
    }

    /// Whether there are tensors of it here: not strings and complex numbers.
    public boolean isSupported() {
        return carrier != null;
    }

    /// The dtype in which Fathom computes with it.
    ///
    /// @throws IllegalArgumentException for strings and complex numbers
    public DType carrier() {
        if (carrier == null) {
            throw new IllegalArgumentException("tensors of " + this + ", expected numbers or truth values");
        }
        return carrier;
    }

    /// The dtype of a model's inputs and outputs of this type: the carrier, but halves as they are.
    ///
    /// @throws IllegalArgumentException for strings and complex numbers
    public DType outside() {
        return outside == null ? carrier() : outside;
    }

    /// Whether it has fractions.
    public boolean isFloating() {
        return carrier == DType.F32 || carrier == DType.F64;
    }

    /// Whether it holds whole numbers, of which truth values are none.
    public boolean isInteger() {
        return carrier != null && !isFloating() && this != BOOL;
    }

    /// Whether it is an integer without sign.
    public boolean isUnsigned() {
        return isInteger() && name().startsWith("U");
    }

    /// The smallest and the greatest value of an integer type; those of [#UINT64] as its carrier has them.
    ///
    /// @throws IllegalStateException if it is none
    public long least() {
        if (!isInteger()) {
            throw new IllegalStateException(this + " is no integer type");
        }
        return isUnsigned() ? 0 : -1L << (bits - 1);
    }

    /// The greatest value of an integer type.
    ///
    /// @throws IllegalStateException if it is none
    public long greatest() {
        return isUnsigned() ? this == UINT64 ? -1 : (1L << bits) - 1 : ~least();
    }

    /// The value of a bit pattern of a floating type that F32 carries, of which the lowest bits count.
    ///
    /// @throws IllegalStateException for other types
    public float fraction(int pattern) {
        SmallFloats small = SmallFloats.of(this);
        return switch (this) {
            case FLOAT -> Float.intBitsToFloat(pattern);
            case FLOAT16 -> Float.float16ToFloat((short) pattern);
            case BFLOAT16 -> Float.intBitsToFloat(pattern << 16);
            case FLOAT8E8M0 -> (pattern & 255) == 255 ? Float.NaN : (float) Math.scalb(1.0, (pattern & 255) - 127);
            default -> {
                if (small == null) {
                    throw new IllegalStateException(this + " is no floating type that F32 carries");
                }
                yield small.value(pattern);
            }
        };
    }

    /// As ONNX writes it in signatures: `float16`, `int64`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
