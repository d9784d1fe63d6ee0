package fathom.backend.cpu;

import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// Names of what emitted loops call in the JDK.
final class LoopNames {
    static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    static final ClassDesc FLOAT = ClassDesc.of("java.lang.Float");
    static final ClassDesc DOUBLE = ClassDesc.of("java.lang.Double");
    static final MethodTypeDesc I_TO_F = MethodTypeDesc.of(ConstantDescs.CD_float, ConstantDescs.CD_int);
    static final MethodTypeDesc F_TO_I = MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_float);
    static final MethodTypeDesc L_TO_D = MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_long);
    static final MethodTypeDesc D_TO_L = MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_double);
    static final MethodTypeDesc D_TO_D = MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double);

    private static final String PACKAGE = "jdk.incubator.vector";
    static final ClassDesc VECTOR = ClassDesc.of(PACKAGE, "Vector");
    static final ClassDesc SPECIES = ClassDesc.of(PACKAGE, "VectorSpecies");
    static final ClassDesc MASK = ClassDesc.of(PACKAGE, "VectorMask");
    static final ClassDesc BYTES = ClassDesc.of(PACKAGE, "ByteVector");
    static final ClassDesc OPERATORS = ClassDesc.of(PACKAGE, "VectorOperators");
    static final ClassDesc ASSOCIATIVE = OPERATORS.nested("Associative");
    static final ClassDesc BINARY = OPERATORS.nested("Binary");
    static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
    static final ClassDesc CONVERSION = OPERATORS.nested("Conversion");

    private LoopNames() {}

    /// The vector class whose lanes are of the type.
    static ClassDesc vector(LoopType type) {
        return ClassDesc.of(
                PACKAGE,
                switch (type) {
                    case F32 -> "FloatVector";
                    case F64 -> "DoubleVector";
                    case I32 -> "IntVector";
                    case I64 -> "LongVector";
                    case BOOL -> "VectorMask";
                });
    }
}
