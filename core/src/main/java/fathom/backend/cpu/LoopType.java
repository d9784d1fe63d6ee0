package fathom.backend.cpu;

import fathom.tensor.DType;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;

/// The type in which a value is computed.
enum LoopType {
    F32(TypeKind.FLOAT, 32, "FloatVector"),
    F64(TypeKind.DOUBLE, 64, "DoubleVector"),
    I32(TypeKind.INT, 32, "IntVector"),
    I64(TypeKind.LONG, 64, "LongVector"),
    /// An int that is 0 or 1, or a vector mask.
    BOOL(TypeKind.INT, 0, "VectorMask");

    /// The kind of local variable in scalar form.
    final TypeKind kind;

    /// The primitive type.
    final ClassDesc primitive;

    /// Width of a vector lane, 0 if it adapts to its neighbours.
    final int width;

    /// The class of vectors of it.
    final ClassDesc vector;

    LoopType(TypeKind kind, int width, String vector) {
        this.kind = kind;
        this.primitive = kind.upperBound();
        this.width = width;
        this.vector = LoopNames.inPackage(vector);
    }

    boolean isFloating() {
        return this == F32 || this == F64;
    }

    /// The raw bits of a value, which for a whole type is converted as Java does.
    long bits(double value) {
        return switch (this) {
            case F32 -> Float.floatToRawIntBits((float) value);
            case F64 -> Double.doubleToRawLongBits(value);
            case I32, I64, BOOL -> (long) value;
        };
    }

    /// The type that stands for elements of the given type: `U8` is computed as an `I32` from 0 to
    /// 255, halves are passed around as their bits.
    static LoopType of(DType type) {
        return switch (type) {
            case F32 -> F32;
            case F64 -> F64;
            case I32, U8, F16, BF16 -> I32;
            case I64 -> I64;
            case BOOL -> BOOL;
        };
    }

    /// The kind of element in arrays of the given type.
    static TypeKind elementKind(DType type) {
        return switch (type) {
            case F32 -> TypeKind.FLOAT;
            case F64 -> TypeKind.DOUBLE;
            case I32 -> TypeKind.INT;
            case I64 -> TypeKind.LONG;
            case U8, BOOL -> TypeKind.BYTE;
            case F16, BF16 -> TypeKind.SHORT;
        };
    }

    /// The class of arrays of the given type.
    static ClassDesc array(DType type) {
        return elementKind(type).upperBound().arrayType();
    }
}
