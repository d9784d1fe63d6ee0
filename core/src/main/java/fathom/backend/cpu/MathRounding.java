package fathom.backend.cpu;

/// Rounding, sign and remainder over [LoopNode]s, for both floating types.
final class MathRounding {
    private MathRounding() {}

    /// The magnitude of the non-negative `magnitude` with the sign of `sign`.
    static int copySign(LoopNode.Builder g, int magnitude, int sign) {
        var type = g.type(magnitude);
        var bitsType = type == LoopType.F32 ? LoopType.I32 : LoopType.I64;
        int mask = g.leaf(LoopCode.CONSTANT, bitsType, type == LoopType.F32 ? Integer.MIN_VALUE : Long.MIN_VALUE);
        int signBit = g.binary(LoopCode.AND, g.bits(bitsType, sign), mask);
        return g.bits(type, g.binary(LoopCode.OR, g.bits(bitsType, magnitude), signBit));
    }

    /// The nearest whole number, ties to even: adding 2^23 (2^52) leaves no place for a fraction.
    static int round(LoopNode.Builder g, int x) {
        var type = g.type(x);
        int big = g.constant(type, type == LoopType.F32 ? 0x1p23 : 0x1p52);
        int magnitude = g.unary(LoopCode.ABS, x);
        int rounded = g.difference(g.sum(magnitude, big), big);
        return g.select(g.compare(LoopCode.LESS, magnitude, big), copySign(g, rounded, x), x);
    }

    static int floor(LoopNode.Builder g, int x) {
        int rounded = round(g, x);
        int lower = g.difference(rounded, g.constant(g.type(x), 1));
        return g.select(g.compare(LoopCode.LESS, x, rounded), lower, rounded);
    }

    /// As -floor(-x), which also gives -0 where `Math.ceil` does.
    static int ceil(LoopNode.Builder g, int x) {
        return g.unary(LoopCode.NEGATE, floor(g, g.unary(LoopCode.NEGATE, x)));
    }

    static int sign(LoopNode.Builder g, int x) {
        var type = g.type(x);
        int zero = g.constant(type, 0);
        int negative = g.select(g.compare(LoopCode.LESS, x, zero), g.constant(type, -1), x);
        return g.select(g.compare(LoopCode.LESS, zero, x), g.constant(type, 1), negative);
    }

    /// x - floor(x / y) · y with the product unrounded. Where the quotient was rounded up to a
    /// whole number the remainder has the wrong sign and one y is put back.
    static int modulo(LoopNode.Builder g, int x, int y) {
        int zero = g.constant(g.type(x), 0);
        int quotient = floor(g, g.binary(LoopCode.DIVIDE, x, y));
        int rest = g.fma(g.unary(LoopCode.NEGATE, quotient), y, x);
        int different = g.binary(LoopCode.XOR, g.compare(LoopCode.LESS, rest, zero), g.compare(LoopCode.LESS, y, zero));
        int wrong = g.binary(LoopCode.AND, different, g.compare(LoopCode.NOT_EQUAL, rest, zero));
        return g.select(wrong, g.sum(rest, y), rest);
    }
}
