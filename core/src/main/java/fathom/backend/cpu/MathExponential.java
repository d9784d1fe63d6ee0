package fathom.backend.cpu;

/// F32 exponential, logarithm and their relatives as polynomials over [LoopNode]s.
///
/// Every polynomial is a minimax fit by the Remez exchange in 40-digit arithmetic, the coefficients
/// then rounded to F32; the errors named are those of the fit, in units of the relative error.
final class MathExponential {
    private static final float LOG2_E = 1.442695040888963f;
    private static final float LN2_HIGH = 0.6931471824645996f;
    private static final float LN2_LOW = -1.9046542121259336e-9f;

    /// 1.5 · 2^23: adding it leaves the nearest integer in the low bits.
    private static final float ROUNDER = 12582912f;

    private static final int ROUNDER_BITS = 0x4B400000;

    private MathExponential() {}

    /// x = n ln 2 + r with |r| ≤ ln 2 / 2.
    private record Reduced(int n, int r) {}

    private static Reduced reduce(LoopNode.Builder g, int x) {
        int shifted = g.fma(x, g.constant(LOG2_E), g.constant(ROUNDER));
        int whole = g.difference(shifted, g.constant(ROUNDER));
        int r = g.fma(whole, g.constant(-LN2_HIGH), x);
        r = g.fma(whole, g.constant(-LN2_LOW), r);
        int n = g.difference(g.bits(LoopType.I32, shifted), g.constant(ROUNDER_BITS));
        return new Reduced(n, r);
    }

    /// 2^n for -127 < n < 128.
    private static int powerOfTwo(LoopNode.Builder g, int n) {
        int biased = g.sum(n, g.constant(127));
        return g.bits(LoopType.F32, g.shift(LoopCode.SHIFT_LEFT, biased, 23));
    }

    /// e^r = 1 + r + r² q(r), fit error 3.3e-9.
    private static int expOfSmall(LoopNode.Builder g, int r) {
        int q = g.polynomial(r, 0.49999994f, 0.16666515f, 0.041668456f, 0.008369419f, 0.0013813146f);
        return g.sum(g.fma(g.product(r, r), q, r), g.constant(1f));
    }

    /// e^r - 1 = r + r² q(r), fit error 2.5e-10 relative to r.
    private static int expm1OfSmall(LoopNode.Builder g, int r) {
        int q = g.polynomial(r, 0.5f, 0.16666667f, 0.041666344f, 0.00833327f, 0.0013942046f, 0.00019915623f);
        return g.fma(g.product(r, r), q, r);
    }

    /// e^x for x ≤ 88; in two steps, so that subnormal results are right and NaN stays NaN.
    private static int expWithoutOverflow(LoopNode.Builder g, int x) {
        var reduced = reduce(g, x);
        int half = g.shift(LoopCode.SHIFT_RIGHT_SIGNED, reduced.n, 1);
        int rest = g.difference(reduced.n, half);
        int scaled = g.product(expOfSmall(g, reduced.r), powerOfTwo(g, half));
        scaled = g.product(scaled, powerOfTwo(g, rest));
        return g.select(g.compare(LoopCode.LESS, x, g.constant(-104f)), g.constant(0f), scaled);
    }

    /// e^x for -80 < x < 80.
    static int expOfModerate(LoopNode.Builder g, int x) {
        var reduced = reduce(g, x);
        return g.product(expOfSmall(g, reduced.r), powerOfTwo(g, reduced.n));
    }

    static int exp(LoopNode.Builder g, int x) {
        return g.select(
                g.compare(LoopCode.LESS, g.constant(88.722839f), x),
                g.constant(Float.POSITIVE_INFINITY),
                expWithoutOverflow(g, x));
    }

    /// 1 / (1 + e^-x) for x ≥ 0 and e^x / (1 + e^x) below: never overflows.
    static int sigmoid(LoopNode.Builder g, int x) {
        int e = expWithoutOverflow(g, g.unary(LoopCode.NEGATE, g.unary(LoopCode.ABS, x)));
        int one = g.constant(1f);
        int numerator = g.select(g.compare(LoopCode.LESS, x, g.constant(0f)), e, one);
        return g.binary(LoopCode.DIVIDE, numerator, g.sum(e, one));
    }

    /// 2^n (e^r - 1) + (2^n - 1), computed at half the size so that 2^128 is not needed.
    static int expm1(LoopNode.Builder g, int x) {
        var reduced = reduce(g, x);
        int half = powerOfTwo(g, g.sum(reduced.n, g.constant(-1)));
        int sum = g.fma(half, expm1OfSmall(g, reduced.r), g.difference(half, g.constant(0.5f)));
        int result = g.sum(sum, sum);
        result = g.select(
                g.compare(LoopCode.LESS, g.constant(88.722839f), x), g.constant(Float.POSITIVE_INFINITY), result);
        result = g.select(g.compare(LoopCode.LESS, x, g.constant(-17.5f)), g.constant(-1f), result);
        // Halving would cost the smallest numbers their last bit, and -0 its sign.
        int negligible = g.compare(LoopCode.LESS, g.unary(LoopCode.ABS, x), g.constant(0x1p-26f));
        return g.select(negligible, x, result);
    }

    /// tanh |x| = t / (t + 2) with t = e^(2|x|) - 1; exactly ±1 from 9.02 on.
    static int tanh(LoopNode.Builder g, int x) {
        int magnitude = g.unary(LoopCode.ABS, x);
        var reduced = reduce(g, g.sum(magnitude, magnitude));
        int scale = powerOfTwo(g, reduced.n);
        int one = g.constant(1f);
        int t = g.fma(scale, expm1OfSmall(g, reduced.r), g.difference(scale, one));
        int result = g.binary(LoopCode.DIVIDE, t, g.sum(t, g.constant(2f)));
        result = g.select(g.compare(LoopCode.LESS, g.constant(9.02f), magnitude), one, result);
        return MathRounding.copySign(g, result, x);
    }

    static int log(LoopNode.Builder g, int x) {
        int tiny = g.compare(LoopCode.LESS, x, g.constant(Float.MIN_NORMAL));
        int scaled = g.select(tiny, g.product(x, g.constant(8388608f)), x);
        int bias = g.select(tiny, g.constant(-23f), g.constant(0f));
        var split = split(g, scaled);
        int f = g.difference(split.mantissa, g.constant(1f));
        return logSpecials(g, x, x, logOfMantissa(g, f, g.sum(split.exponent, bias)));
    }

    private static final int SQRT_HALF_BITS = 0x3f3504f3;
    private static final int EXPONENT_MASK = 0xff800000;

    /// A normal number as mantissa · 2^exponent with √½ ≤ mantissa < √2; `shifted` is the exponent in
    /// its place.
    private record Split(int exponent, int shifted, int mantissa) {}

    private static Split split(LoopNode.Builder g, int x) {
        int bits = g.bits(LoopType.I32, x);
        int distance = g.difference(bits, g.constant(SQRT_HALF_BITS));
        int exponent = g.convert(LoopType.F32, g.shift(LoopCode.SHIFT_RIGHT_SIGNED, distance, 23));
        int shifted = g.binary(LoopCode.AND, distance, g.constant(EXPONENT_MASK));
        return new Split(exponent, shifted, g.bits(LoopType.F32, g.difference(bits, shifted)));
    }

    /// e ln 2 + ln(1 + f) for √½ ≤ 1 + f < √2, with ln(1 + f) = f - f²/2 + f³ P(f), fit error 6e-9
    /// relative to f.
    private static int logOfMantissa(LoopNode.Builder g, int f, int exponent) {
        int p = g.polynomial(
                f,
                0.33333316f,
                -0.2500081f,
                0.20002286f,
                -0.16624555f,
                0.14181192f,
                -0.13128753f,
                0.12881646f,
                -0.078596145f);
        int tail = g.product(g.fma(f, p, g.constant(-0.5f)), g.product(f, f));
        int low = g.fma(exponent, g.constant(LN2_LOW), tail);
        return g.fma(exponent, g.constant(LN2_HIGH), g.sum(low, f));
    }

    /// Of `argument`: infinity and NaN as they are, zero to -infinity, below to NaN; else `result`.
    private static int logSpecials(LoopNode.Builder g, int argument, int whole, int result) {
        int infinity = g.constant(Float.POSITIVE_INFINITY);
        int zero = g.constant(0f);
        result = g.select(g.compare(LoopCode.LESS, whole, infinity), result, whole);
        result = g.select(g.compare(LoopCode.EQUAL, argument, zero), g.constant(Float.NEGATIVE_INFINITY), result);
        return g.select(g.compare(LoopCode.LESS, argument, zero), g.constant(Float.NaN), result);
    }

    /// ln u for u = 1 + x rounded, with what the rounding lost added to the mantissa.
    static int log1p(LoopNode.Builder g, int x) {
        int one = g.constant(1f);
        int u = g.sum(x, one);
        int lost = g.difference(x, g.difference(u, one));
        var split = split(g, u);
        // Nothing that counts is lost above 2^24; the bound keeps the scale a number.
        int bounded = g.binary(LoopCode.MINIMUM, split.shifted, g.constant(64 << 23));
        int scale = g.bits(LoopType.F32, g.difference(g.constant(127 << 23), bounded));
        int f = g.fma(lost, scale, g.difference(split.mantissa, one));
        int result = logSpecials(g, u, u, logOfMantissa(g, f, split.exponent));
        return g.select(g.compare(LoopCode.EQUAL, x, g.constant(0f)), x, result);
    }
}
