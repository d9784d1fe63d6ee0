package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import java.util.Locale;

/// The static methods, most of them of [MathCalls], that scalar code may call: for what has no vector form, and
/// for arguments beyond the reach of a polynomial.
enum LoopCall {
    EXP(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    LOG(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    EXPM1(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    LOG1P(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    SIN(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    COS(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    TANH(StrictMath.class, LoopType.F64, LoopType.F64, 1),
    ERF(LoopType.F64, 1),
    POWER(LoopType.F64, 2),
    POWER_FLOAT(LoopType.F32, 2),
    SIN_FLOAT(LoopType.F32, 1),
    COS_FLOAT(LoopType.F32, 1),
    DIVIDE_INT(LoopType.I32, 2),
    DIVIDE_LONG(LoopType.I64, 2),
    MODULO_INT(LoopType.I32, 2),
    MODULO_LONG(LoopType.I64, 2),
    HALF_TO_FLOAT(LoopType.I32, LoopType.F32),
    FLOAT_TO_HALF(LoopType.F32, LoopType.I32),
    BFLOAT_TO_FLOAT(LoopType.I32, LoopType.F32),
    FLOAT_TO_BFLOAT(LoopType.F32, LoopType.I32);

    /// The type of the result.
    final LoopType result;

    private final ClassDesc owner;
    private final String method;
    private final MethodTypeDesc signature;

    LoopCall(LoopType type, int operands) {
        this(MathCalls.class, type, type, operands);
    }

    LoopCall(LoopType operand, LoopType result) {
        this(MathCalls.class, operand, result, 1);
    }

    LoopCall(Class<?> owner, LoopType operand, LoopType result, int operands) {
        this.result = result;
        this.owner = KernelClasses.describe(owner);
        this.method = camelCase(name());
        this.signature = MethodTypeDesc.of(result.primitive, Collections.nCopies(operands, operand.primitive));
    }

    /// operands → result.
    void emit(CodeBuilder code) {
        code.invokestatic(owner, method, signature);
    }

    private static String camelCase(String name) {
        var words = new StringBuilder();
        boolean upper = false;
        for (char letter : name.toLowerCase(Locale.ROOT).toCharArray()) {
            if (letter == '_') {
                upper = true;
            } else {
                words.append(upper ? Character.toUpperCase(letter) : letter);
                upper = false;
            }
        }
        return words.toString();
    }
}
