package fathom.cli.picture;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Round values along an axis, from at or below the data to at or above it.
///
/// @param low the axis's start
/// @param high the axis's end
/// @param step from one mark to the next: 1, 2 or 5 times a power of ten
record Ticks(double low, double high, double step) {
    /// An axis over the values, with about `about` marks.
    static Ticks over(double min, double max, int about) {
        if (!(max > min)) {
            double half = min == 0 ? 0.5 : Math.abs(min) * 0.05;
            return over(min - half, min + half, about);
        }
        double raw = (max - min) / about;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double lead = raw / power;
        double step = (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
        // A hair's breadth of rounding must not add an empty step.
        double low = Math.floor(min / step + 1e-9) * step;
        double high = Math.ceil(max / step - 1e-9) * step;
        return new Ticks(low, high, step);
    }

    /// The marked values.
    List<Double> values() {
        List<Double> all = new ArrayList<>();
        long n = Math.round((high - low) / step);
        for (long i = 0; i <= n; i++) {
            all.add(low + i * step);
        }
        return all;
    }

    /// A value with as many decimals as the steps need.
    String label(double value) {
        int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
        return text.matches("-0(\\.0*)?") ? text.substring(1) : text;
    }

    /// Where a value lies between the start (0) and the end (1).
    double share(double value) {
        return (value - low) / (high - low);
    }
}
