package fathom.backend.cpu;

import java.lang.constant.MethodTypeDesc;
import java.util.Collections;
import java.util.Locale;

/// The static methods of [MathCalls] that scalar code may call: for what has no vector form, and
/// for arguments beyond the reach of a polynomial.
enum LoopCall {
    EXP(LoopType.F64, 1),
    LOG(LoopType.F64, 1),
    EXPM1(LoopType.F64, 1),
    LOG1P(LoopType.F64, 1),
    SIN(LoopType.F64, 1),
    COS(LoopType.F64, 1),
    TANH(LoopType.F64, 1),
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

    /// The method's name in [MathCalls].
    final String method;

    /// The method's type.
    final MethodTypeDesc signature;

    LoopCall(LoopType type, int operands) {
        this(type, type, operands);
    }

    LoopCall(LoopType operand, LoopType result) {
        this(operand, result, 1);
    }

    LoopCall(LoopType operand, LoopType result, int operands) {
        this.result = result;
        this.method = camelCase(name());
        this.signature = MethodTypeDesc.of(result.primitive, Collections.nCopies(operands, operand.primitive));
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
