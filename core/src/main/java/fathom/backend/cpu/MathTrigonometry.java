package fathom.backend.cpu;

/// F32 sine and cosine as polynomials over [LoopNode]s.
///
/// The argument is reduced to |r| ≤ π/4 by a three-part π/2 and fused multiply-adds (Cody and
/// Waite), which holds up to [#LIMIT]; beyond that every lane is computed in double precision. The
/// polynomials are minimax fits by the Remez exchange, errors 3.7e-9 and 1e-10.
final class MathTrigonometry {
    /// The largest magnitude whose reduction is exact enough.
    static final float LIMIT = 100000f;

    private static final float TWO_OVER_PI = 0.636619772367581f;
    private static final float HALF_PI_1 = 1.5707963705062866f;
    private static final float HALF_PI_2 = -4.371138828673793e-8f;
    private static final float HALF_PI_3 = -1.7151245100058819e-15f;
    private static final float ROUNDER = 12582912f;

    private MathTrigonometry() {}

    static int sin(LoopNode.Builder g, int x) {
        int magnitude = g.unary(LoopCode.ABS, x);
        var wave = new Wave(g, magnitude);
        int odd = g.binary(LoopCode.AND, wave.quadrant, g.constant(1));
        int value = g.select(g.compare(LoopCode.EQUAL, odd, g.constant(0)), wave.sine, wave.cosine);
        int turn = g.binary(LoopCode.AND, wave.quadrant, g.constant(2));
        int sign = g.binary(LoopCode.AND, g.bits(LoopType.I32, x), g.constant(Integer.MIN_VALUE));
        int flip = g.binary(LoopCode.XOR, g.shift(LoopCode.SHIFT_LEFT, turn, 30), sign);
        return guard(g, flipped(g, value, flip), x, LoopCall.SIN_FLOAT);
    }

    static int cos(LoopNode.Builder g, int x) {
        var wave = new Wave(g, g.unary(LoopCode.ABS, x));
        int odd = g.binary(LoopCode.AND, wave.quadrant, g.constant(1));
        int value = g.select(g.compare(LoopCode.EQUAL, odd, g.constant(0)), wave.cosine, wave.sine);
        int turn = g.binary(LoopCode.AND, g.sum(wave.quadrant, g.constant(1)), g.constant(2));
        return guard(g, flipped(g, value, g.shift(LoopCode.SHIFT_LEFT, turn, 30)), x, LoopCall.COS_FLOAT);
    }

    private static int flipped(LoopNode.Builder g, int value, int sign) {
        return g.bits(LoopType.F32, g.binary(LoopCode.XOR, g.bits(LoopType.I32, value), sign));
    }

    private static int guard(LoopNode.Builder g, int result, int x, LoopCall call) {
        return g.add(LoopCode.GUARD, LoopType.F32, result, x, -1, call.ordinal());
    }

    /// Sine and cosine of the reduced argument, and the quadrant it came from in the low two bits.
    private static final class Wave {
        final int quadrant;
        final int sine;
        final int cosine;

        Wave(LoopNode.Builder g, int x) {
            int rounder = g.constant(ROUNDER);
            int shifted = g.fma(x, g.constant(TWO_OVER_PI), rounder);
            int whole = g.difference(shifted, rounder);
            int r = g.fma(whole, g.constant(-HALF_PI_1), x);
            r = g.fma(whole, g.constant(-HALF_PI_2), r);
            r = g.fma(whole, g.constant(-HALF_PI_3), r);
            int square = g.product(r, r);
            int s = g.polynomial(square, -0.16666655f, 0.008332155f, -0.00019514078f);
            int c = g.polynomial(square, 0.041666646f, -0.0013887337f, 2.4433838e-05f);
            quadrant = g.bits(LoopType.I32, shifted);
            sine = g.fma(g.product(r, square), s, r);
            int rest = g.fma(square, c, g.constant(-0.5f));
            cosine = g.fma(square, rest, g.constant(1f));
        }
    }
}
