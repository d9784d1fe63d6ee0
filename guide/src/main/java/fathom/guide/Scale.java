package fathom.guide;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// One axis of a plot: where values stand along it, and which of them are marked.
///
/// @param low the value at its start
/// @param high the value at its end
/// @param step from one mark to the next; for a logarithmic axis, of exponents
/// @param logarithmic whether equal distances are equal factors
record Scale(double low, double high, double step, boolean logarithmic) {
    private static final int MARKS = 6;

    /// An axis from one value to another.
    static Scale between(double low, double high, boolean logarithmic) {
        String message = "plot: values from %s to %s along an axis, expected finite ones%s";
        boolean fits = Double.isFinite(low) && Double.isFinite(high) && !(logarithmic && low <= 0);
        Require.that(fits, message, low, high, logarithmic ? " above 0" : "");
        double half = high > low ? 0 : logarithmic ? low * 0.05 : Math.max(0.5, Math.abs(low) * 0.05);
        double from = low - half;
        double to = high + half;
        if (logarithmic) {
            double decades = Math.log10(to / from);
            return new Scale(from, to, Math.max(1, Math.ceil(decades / MARKS)), true);
        }
        double raw = (to - from) / MARKS;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double lead = raw / power;
        return new Scale(from, to, (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power, false);
    }

    /// Where a value stands, from the start (0) to the end (1).
    double share(double value) {
        return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    }

    /// The marked values.
    List<Double> marks() {
        double from = logarithmic ? Math.log10(low) : low;
        double to = logarithmic ? Math.log10(high) : high;
        List<Double> all = new ArrayList<>();
        // A hair's breadth of rounding must not lose the mark at an end.
        for (long i = (long) Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) {
            all.add(logarithmic ? Math.pow(10, i * step) : i * step);
        }
        return all;
    }

    /// A marked value with as many decimals as the marks need.
    String label(double mark) {
        if (logarithmic) {
            long exponent = Math.round(Math.log10(mark));
            return exponent >= -3 && exponent <= 4 ? decimals(mark, Math.max(0, -exponent)) : "1e" + exponent;
        }
        return decimals(mark, (long) Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
    }

    private static String decimals(double value, long count) {
        String text = String.format(Locale.ROOT, "%." + count + "f", value);
        return text.matches("-0(\\.0*)?") ? text.substring(1) : text;
    }
}
