package fathom.backend.cpu;

/// The machine-level operations that a [LoopKernel] is expanded to. Each means exactly the same
/// bits as a vector operation and as a scalar one (NaNs are not told apart), which is why a
/// kernel's two forms agree.
enum LoopCode {
    /// Element of input `immediate`.
    LOAD,
    /// Run-time scalar `immediate`.
    SCALAR,
    /// Affine coordinate `immediate`.
    COORDINATE,
    /// The constant with the raw bits `immediate`.
    CONSTANT,
    ADD,
    SUBTRACT,
    MULTIPLY,
    /// Floating only.
    DIVIDE,
    /// a · b + c rounded once.
    FMA,
    NEGATE,
    ABS,
    SQRT,
    /// As `Math.min`.
    MINIMUM,
    /// As `Math.max`.
    MAXIMUM,
    /// Of integers or booleans.
    AND,
    OR,
    XOR,
    /// Of a boolean.
    NOT,
    /// By the constant `immediate`.
    SHIFT_LEFT,
    /// Keeps the sign; by the constant `immediate`.
    SHIFT_RIGHT_SIGNED,
    /// By the second operand.
    SHIFT_RIGHT,
    LESS,
    LESS_EQUAL,
    EQUAL,
    NOT_EQUAL,
    /// a ? b : c
    SELECT,
    /// The same bits as another type of the same width.
    BITS,
    /// Conversion between numbers by Java's rules.
    CONVERT,
    /// The static method of [MathCalls] number `immediate` of [LoopCall]: in scalar form only.
    CALL,
    /// a, unless |b| is above [MathTrigonometry#LIMIT]: then method `immediate` of b.
    GUARD,
    /// Random word: seed, block offset, element index; in scalar form only.
    RANDOM
}
