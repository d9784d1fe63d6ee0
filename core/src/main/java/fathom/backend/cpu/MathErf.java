package fathom.backend.cpu;

/// The Gauss error function: in F32 as polynomials over [LoopNode]s, in F64 as a method.
final class MathErf {
    private MathErf() {}

    /// For |x| ≤ 1, x + x p(x²); above, 1 - e^-g(|x|), where p and g are minimax fits (Remez
    /// exchange) with errors 1.2e-9 and 1.1e-9 of the result.
    static int erf(LoopNode.Builder g, int x) {
        int magnitude = g.unary(LoopCode.ABS, x);
        int square = g.product(x, x);
        int p = g.polynomial(
                square,
                0.12837911f,
                -0.37612626f,
                0.112835854f,
                -0.026853813f,
                0.0051883277f,
                -0.00080101937f,
                7.8538615e-05f);
        int inner = g.fma(x, p, x);
        // Beyond 4 the result rounds to one; the bound keeps the polynomial where it was fitted.
        int four = g.constant(4f);
        int bounded = g.select(g.compare(LoopCode.LESS, four, magnitude), four, magnitude);
        int exponent = g.polynomial(
                bounded,
                -0.0003424483f,
                -1.1270853f,
                -0.63815165f,
                -0.10310055f,
                0.021834949f,
                -0.0029468392f,
                0.00018629123f);
        int one = g.constant(1f);
        int outer = g.difference(one, MathExponential.expOfModerate(g, exponent));
        outer = MathRounding.copySign(g, outer, x);
        return g.select(g.compare(LoopCode.LESS, one, magnitude), outer, inner);
    }

    /// The error function of a double, within about 1e-16 of the truth.
    ///
    /// Below 2 by the series `2/√π e^(-x²) x Σ (2x²)ⁿ / (1·3·…·(2n+1))`, whose terms are all
    /// positive; above by the continued fraction of the complement (Abramowitz and Stegun 7.1.6 and
    /// 7.1.14).
    static double erf(double x) {
        double a = Math.abs(x);
        if (Double.isNaN(x) || a == 0) {
            return x;
        }
        if (a >= 6) {
            return Math.copySign(1, x);
        }
        return Math.copySign(a < 2 ? series(a) : 1 - fraction(a), x);
    }

    private static final double TWO_OVER_ROOT_PI = 1.1283791670955126;

    private static double series(double a) {
        double square = a * a;
        double term = a;
        double sum = a;
        for (int n = 1; term > sum * 1e-17; n++) {
            term *= 2 * square / (2 * n + 1);
            sum += term;
        }
        return TWO_OVER_ROOT_PI * StrictMath.exp(-square) * sum;
    }

    private static double fraction(double a) {
        double tail = a;
        for (int n = 120; n >= 1; n--) {
            tail = a + 0.5 * n / tail;
        }
        return StrictMath.exp(-a * a) * TWO_OVER_ROOT_PI / 2 / tail;
    }
}
