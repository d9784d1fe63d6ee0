package fathom.backend.cpu;

import java.util.Locale;

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
    ADD("ADD"),
    SUBTRACT("SUB"),
    MULTIPLY("MUL"),
    /// Floating only.
    DIVIDE("DIV"),
    /// a · b + c rounded once.
    FMA("FMA"),
    NEGATE("NEG"),
    ABS("ABS"),
    SQRT("SQRT"),
    /// As `Math.min`.
    MINIMUM("MIN"),
    /// As `Math.max`.
    MAXIMUM("MAX"),
    /// Of integers or booleans.
    AND("AND"),
    OR("OR"),
    XOR("XOR"),
    /// Of a boolean.
    NOT("NOT"),
    /// By the constant `immediate`.
    SHIFT_LEFT("LSHL"),
    /// Keeps the sign; by the constant `immediate`.
    SHIFT_RIGHT_SIGNED("ASHR"),
    /// By the second operand.
    SHIFT_RIGHT("LSHR"),
    LESS("LT"),
    LESS_EQUAL("LE"),
    EQUAL("EQ"),
    NOT_EQUAL("NE"),
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
    RANDOM;

    /// Its name among the JDK's vector operators, which is also part of the name of the bytecode;
    /// empty if it is none of them.
    final String symbol;

    LoopCode() {
        this("");
    }

    LoopCode(String symbol) {
        this.symbol = symbol;
    }

    /// The name of the method of vectors, and of `Math`.
    String method() {
        return symbol.toLowerCase(Locale.ROOT);
    }
}
