package fathom.backend.reference;

/// The Gauss error function, to the last few bits of a double.
final class ErrorFunction {
    private ErrorFunction() {}

    static double erf(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        double a = Math.abs(x);
        return Math.copySign(a < 3 ? series(a) : 1 - complement(a), x);
    }

    /// erf x = 2/sqrt(pi) e^(-x^2) * (x + 2 x^3 / 3 + 4 x^5 / 15 + ...): no term is negative, so
    /// nothing cancels.
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > sum * 1e-18; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    /// erfc x = e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from inside
    /// out.
    private static double complement(double x) {
        double tail = x;
        for (int n = 60; n >= 1; n--) {
            tail = x + n / 2.0 / tail;
        }
        return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
    }
}
