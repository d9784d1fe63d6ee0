package fathom.cli.explain;

import java.util.Locale;

/// Pieces of HTML and SVG.
final class Markup {
    private Markup() {}

    /// Text that stands between tags or in an attribute.
    static String text(String s) {
        return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /// A coordinate.
    static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.1f", value);
    }

    /// At most so many characters of a text.
    static String shortened(String s, int most) {
        return s.length() <= most ? s : s.substring(0, most - 1) + "…";
    }
}
