package fathom.compile;

import java.util.Locale;

/// Numbers with three digits and a unit, for people.
public final class Units {
    private static final String[] THOUSANDS = {"", "k", "M", "G", "T", "P", "E"};

    private Units() {}

    /// For example `1.23 MB`.
    public static String bytes(double bytes) {
        return scaled(bytes) + "B";
    }

    /// For example `1.23 MFLOP`.
    public static String flops(double flops) {
        return scaled(flops) + "FLOP";
    }

    /// For example `1.23 M`.
    public static String count(double count) {
        return scaled(count).strip();
    }

    private static String scaled(double value) {
        double v = value;
        int power = 0;
        // What would be rounded to 1000 is 1 of the next unit.
        while (v >= 999.5 && power < THOUSANDS.length - 1) {
            v /= 1000;
            power++;
        }
        int digits = power == 0 || v >= 99.95 ? 0 : v >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f ", v) + THOUSANDS[power];
    }
}
