package fathom.ir;

/// The one-operand elementwise functions.
public enum UnaryOp {
    /// -x
    NEGATE,
    /// |x|
    ABS,
    /// -1, 0 or 1; NaN stays NaN.
    SIGN,
    /// e^x
    EXP,
    /// Natural logarithm.
    LOG,
    /// e^x - 1, exact near zero.
    EXPM1,
    /// ln(1 + x), exact near zero.
    LOG1P,
    /// Square root.
    SQRT,
    /// Sine of radians.
    SIN,
    /// Cosine of radians.
    COS,
    /// Hyperbolic tangent.
    TANH,
    /// Gauss error function.
    ERF,
    /// 1 / (1 + e^-x)
    SIGMOID,
    /// Largest whole number not above x.
    FLOOR,
    /// Smallest whole number not below x.
    CEIL,
    /// Nearest whole number, ties to even.
    ROUND,
    /// Logical not, on BOOL.
    NOT;

    /// Whether only floating types are accepted.
    public boolean floatingOnly() {
        return switch (this) {
            case NEGATE, ABS, SIGN, NOT -> false;
            default -> true;
        };
    }
}
