package fathom.nn.train;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// Numbers as people read them.
final class Text {
    private Text() {}

    /// `loss 0.0301 accuracy 0.9912`.
    static String measures(String prefix, Map<String, Double> values) {
        return values.entrySet().stream()
                .map(e -> prefix + e.getKey() + " " + number(e.getValue()))
                .collect(Collectors.joining("  "));
    }

    /// About four digits.
    static String number(double value) {
        double magnitude = Math.abs(value);
        return value != 0 && (magnitude < 1e-3 || magnitude >= 1e5)
                ? String.format(Locale.ROOT, "%.3e", value)
                : String.format(Locale.ROOT, "%.4f", value);
    }

    /// `0:08`, `12:34` or `1:02:03`.
    static String clock(double seconds) {
        long s = Math.round(Math.max(0, seconds));
        return s < 3600
                ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
    }

    /// Samples per second, as a whole number or with one digit when small.
    static String rate(long samples, double seconds) {
        double rate = seconds > 0 ? (double) samples / seconds : 0;
        return String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%.0f", rate) + " samples/s";
    }
}
