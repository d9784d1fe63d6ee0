package fathom.tensor;

/// The type of a tensor's elements.
///
/// `F16` and `BF16` are storage types: such tensors can be created, cast, moved and saved, and are
/// cast to `F32` for arithmetic. Types never mix silently: an operation on two tensors of different
/// types is an error that names both, and [Tensor#cast] is the way out.
public enum DType {
    /// 32-bit IEEE 754 floating point: the default.
    F32(4, Kind.FLOAT),
    /// 64-bit IEEE 754 floating point.
    F64(8, Kind.FLOAT),
    /// 16-bit IEEE 754 floating point; storage only.
    F16(2, Kind.HALF),
    /// The upper 16 bits of an `F32`; storage only.
    BF16(2, Kind.HALF),
    /// 32-bit signed integer: the type of indices and labels.
    I32(4, Kind.INTEGER),
    /// 64-bit signed integer.
    I64(8, Kind.INTEGER),
    /// 8-bit unsigned integer: the type of image bytes.
    U8(1, Kind.INTEGER),
    /// True or false, one byte each.
    BOOL(1, Kind.BOOLEAN);

    private enum Kind {
        FLOAT,
        HALF,
        INTEGER,
        BOOLEAN
    }

    private final int bytes;
    private final Kind kind;

    DType(int bytes, Kind kind) {
        this.bytes = bytes;
        this.kind = kind;
    }

    /// Bytes that one element takes.
    public int bytes() {
        return bytes;
    }

    /// Whether arithmetic with fractions is defined: `F32` and `F64`.
    public boolean isFloating() {
        return kind == Kind.FLOAT;
    }

    /// Whether this is a storage-only half-width float: `F16` or `BF16`.
    public boolean isHalf() {
        return kind == Kind.HALF;
    }

    /// Whether this is `I32`, `I64` or `U8`.
    public boolean isInteger() {
        return kind == Kind.INTEGER;
    }

    /// Whether arithmetic (add, multiply, compare by size) is defined: all but `BOOL` and halves.
    public boolean isNumeric() {
        return kind == Kind.FLOAT || kind == Kind.INTEGER;
    }
}
