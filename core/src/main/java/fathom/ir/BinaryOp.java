package fathom.ir;

/// The two-operand elementwise functions. Both operands have the same shape and type.
public enum BinaryOp {
    ADD,
    SUBTRACT,
    MULTIPLY,
    /// Quotient; on integers truncated toward zero, and an integer divided by zero is 0.
    DIVIDE,
    /// x^y, floating only.
    POWER,
    /// The greater; NaN if either is NaN.
    MAXIMUM,
    /// The smaller; NaN if either is NaN.
    MINIMUM,
    /// x - floor(x / y) * y: the result has the sign of y, as NumPy's `mod`; integer mod 0 is 0.
    MODULO,
    /// x < y, as BOOL.
    LESS,
    /// x <= y, as BOOL.
    LESS_EQUAL,
    /// x == y, as BOOL; also on BOOL.
    EQUAL,
    /// x != y, as BOOL; also on BOOL.
    NOT_EQUAL,
    /// Logical and on BOOL, bitwise and on integers.
    AND,
    /// Logical or on BOOL, bitwise or on integers.
    OR,
    /// Logical exclusive or on BOOL, bitwise on integers.
    XOR,
    /// x >>> y without sign, on integers.
    SHIFT_RIGHT;

    /// Whether the result is BOOL whatever the operands' type.
    public boolean isComparison() {
        return switch (this) {
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> true;
            default -> false;
        };
    }
}
