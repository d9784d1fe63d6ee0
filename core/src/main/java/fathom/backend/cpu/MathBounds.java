package fathom.backend.cpu;

/// The greater or the smaller of a value and a scalar, over [LoopNode]s, for both floating types.
///
/// Processors' own instructions know neither that NaN is stronger than any number nor that 0 is greater than -0, so
/// `Math.max` of vectors takes several of them. Where one operand is the same at every point, what is special about it
/// is settled before the loop, and three are left: a comparison, an "or" of masks and a choice.
final class MathBounds {
    private MathBounds() {}

    /// Whether there is a shorter way for these operands than [LoopCode#MAXIMUM] or [LoopCode#MINIMUM].
    static boolean fits(LoopNode.Builder g, int x, int y) {
        return g.type(x).isFloating()
                && g.nodes().get(y).code() == LoopCode.SCALAR
                && g.nodes().get(x).code() != LoopCode.SCALAR;
    }

    /// `Math.max(x, bound)`. Zeros are the same to a comparison, so a bound of -0 is put a little lower.
    static int maximum(LoopNode.Builder g, int x, int bound) {
        return bounded(g, g.compare(LoopCode.LESS_EQUAL, x, besideZero(g, bound, -0.0)), x, bound);
    }

    /// `Math.min(x, bound)`
    static int minimum(LoopNode.Builder g, int x, int bound) {
        return bounded(g, g.compare(LoopCode.LESS_EQUAL, besideZero(g, bound, 0.0), x), x, bound);
    }

    private static int bounded(LoopNode.Builder g, int isBeyond, int x, int bound) {
        int isNaN = g.compare(LoopCode.NOT_EQUAL, bound, bound);
        return g.select(g.binary(LoopCode.OR, isBeyond, isNaN), bound, x);
    }

    /// The bound, or the next number on the zero's side of it if it is that zero.
    private static int besideZero(LoopNode.Builder g, int bound, double zero) {
        LoopType type = g.type(bound);
        boolean single = type == LoopType.F32;
        LoopType bitsType = single ? LoopType.I32 : LoopType.I64;
        long raw = single ? Float.floatToRawIntBits((float) zero) : Double.doubleToRawLongBits(zero);
        int isZero = g.compare(LoopCode.EQUAL, g.bits(bitsType, bound), g.leaf(LoopCode.CONSTANT, bitsType, raw));
        double least = single ? Float.MIN_VALUE : Double.MIN_VALUE;
        return g.select(isZero, g.constant(type, Math.copySign(least, zero)), bound);
    }
}
