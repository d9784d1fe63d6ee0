package fathom.guide;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Elements of an SVG picture, added one by one. How they look is said by classes: `ink` and `faint` for
/// what is around, `c1` to `c6` for what is shown, as a line (`stroke`) or an area (`fill`).
final class Svg {
    /// The number of colours.
    static final int COLOURS = 6;

    private static final String STYLE = """
            <style>
            :where(.fathom){--paper:#fff;--ink:#24292f;--faint:#8c959f;--c1:#0969da;--c2:#c2410c;--c3:#15803d;\
            --c4:#7e22ce;--c5:#be123c;--c6:#0f766e}
            @media(prefers-color-scheme:dark){:where(.fathom){--paper:#0d1117;--ink:#e6edf3;--faint:#7d8590;\
            --c1:#58a6ff;--c2:#ff9e64;--c3:#56d364;--c4:#d2a8ff;--c5:#ff7b9c;--c6:#39c5cf}}
            .fathom text{font:13px system-ui,sans-serif;fill:var(--ink)}
            .fathom .title{font-weight:600}
            .fathom .stroke{fill:none;stroke:var(--c,var(--ink));stroke-width:2;stroke-linejoin:round}
            .fathom .thin{stroke-width:1}
            .fathom .fill{fill:var(--c,var(--ink))}
            .fathom .faint{--c:var(--faint)}.fathom .grid{--c:var(--faint);opacity:.25}
            .fathom .c1{--c:var(--c1)}.fathom .c2{--c:var(--c2)}.fathom .c3{--c:var(--c3)}
            .fathom .c4{--c:var(--c4)}.fathom .c5{--c:var(--c5)}.fathom .c6{--c:var(--c6)}
            .fathom .halo{paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
            </style>
            """;

    private final StringBuilder elements = new StringBuilder();

    /// A picture as a file.
    static String document(Picture picture) {
        String size = number(picture.width()) + " " + number(picture.height());
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fathom\" viewBox=\"0 0 " + size + "\" width=\""
                + number(picture.width()) + "\" height=\"" + number(picture.height()) + "\" role=\"img\">\n<title>"
                + escaped(picture.title()) + "</title>\n" + STYLE + picture.content() + "</svg>\n";
    }

    /// The class of the colour of the series with an index.
    static String colour(int series) {
        return "c" + (series % COLOURS + 1);
    }

    Svg line(String classes, double x1, double y1, double x2, double y2) {
        return add("<path class=\"stroke %s\" d=\"M%s %sL%s %s\"/>", classes, x1, y1, x2, y2);
    }

    Svg path(String classes, String d) {
        return add("<path class=\"%s\" d=\"%s\"/>", classes, d);
    }

    Svg circle(String classes, double x, double y, double radius) {
        return add("<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>", classes, x, y, radius);
    }

    Svg rectangle(String classes, double x, double y, double width, double height) {
        String shape = "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>";
        return add(shape, classes, x, y, width, height);
    }

    /// A rectangle that lets through what is behind it.
    ///
    /// @param opacity from 0, nothing to be seen, to 1
    Svg tint(String classes, double x, double y, double width, double height, double opacity) {
        if (number(opacity).equals("0")) {
            return this; // Most of many images is empty.
        }
        String shape = "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" opacity=\"%s\"/>";
        return add(shape, classes, x, y, width, height, opacity);
    }

    /// A text.
    ///
    /// @param anchor `start`, `middle` or `end`: which part of it stands at x
    Svg text(String classes, double x, double y, String anchor, String text) {
        String shape = "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>";
        return add(shape, classes, x, y, anchor, escaped(text));
    }

    /// A text in letters that are all as far apart, whatever font there is.
    Svg letters(double apart, double y, String text) {
        String places = IntStream.range(0, text.length())
                .mapToObj(i -> number((i + 0.5) * apart))
                .collect(Collectors.joining(" "));
        String shape = "<text style=\"font-family:ui-monospace,monospace\" x=\"%s\" y=\"%s\""
                + " text-anchor=\"middle\">%s</text>";
        return add(shape, places, y, escaped(text));
    }

    /// A text that runs upwards.
    Svg upwards(double x, double y, String text) {
        String shape = "<text transform=\"translate(%s %s)rotate(-90)\" text-anchor=\"middle\">%s</text>";
        return add(shape, x, y, escaped(text));
    }

    /// A text that runs upwards and ends at a place.
    Svg upwardsTo(double x, double y, String text) {
        String shape = "<text transform=\"translate(%s %s)rotate(-90)\" text-anchor=\"end\">%s</text>";
        return add(shape, x, y, escaped(text));
    }

    /// What does not show outside of a rectangle; its coordinates begin at the rectangle's corner.
    Svg clipped(double x, double y, double width, double height, Svg inside) {
        add("<svg x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\">", x, y, width, height);
        elements.append(inside.elements).append("</svg>\n");
        return this;
    }

    /// An image whose pixels keep their edges.
    ///
    /// @param png the PNG file in Base64
    Svg image(double x, double y, double width, double height, String png) {
        String shape = "<image x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" style=\"image-rendering:pixelated\""
                + " href=\"data:image/png;base64,%s\"/>";
        return add(shape, x, y, width, height, png);
    }

    /// A picture inside of this one.
    Svg picture(double x, double y, Picture picture) {
        add("<g transform=\"translate(%s %s)\">", x, y);
        elements.append(picture.content()).append("</g>\n");
        return this;
    }

    private Svg add(String format, Object... values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] instanceof Double d ? number(d) : values[i];
        }
        elements.append(String.format(Locale.ROOT, format, values)).append('\n');
        return this;
    }

    @Override
    public String toString() {
        return elements.toString();
    }

    /// A coordinate, to a hundredth.
    static String number(double value) {
        double rounded = Math.rint(value * 100) / 100;
        return rounded == Math.rint(rounded) ? Long.toString((long) rounded) : Double.toString(rounded);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
