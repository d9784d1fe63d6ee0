package fathom.cli.files;

import java.util.Locale;

/// Numbers of bytes for people.
public final class Sizes {
    private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final double STEP = 1024;

    private Sizes() {}

    /// As `1.5 MiB`.
    public static String of(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= STEP) {
            size /= STEP;
            unit++;
        }
        return unit == 0 ? bytes + " " + UNITS[0] : String.format(Locale.ROOT, "%.1f %s", size, UNITS[unit]);
    }
}
