package fathom.guide;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Lines, points and bars over two axes.
///
/// ```
/// Plot.of("A parabola and its slope at 3")
///         .x("x").y("y")
///         .curve("x²", x -> x * x, -4, 5)
///         .line("tangent", xs, ys)
///         .points("the place", new double[] {3}, new double[] {9});
/// ```
///
/// A plot does not change; each method returns another one. Axes span what is shown, unless a range is
/// set; what is outside of it is cut off.
///
/// @param title stands above
/// @param across what goes from left to right
/// @param upwards what goes from bottom to top
/// @param series what is shown, later ones above earlier ones
/// @param notes words beside a place
/// @param width in pixels
/// @param height in pixels
public record Plot(
        String title, Axis across, Axis upwards, List<Series> series, List<Note> notes, double width, double height)
        implements Picture {
    private static final double LEFT = 64;
    private static final double RIGHT = 16;
    private static final double BOTTOM = 48;
    private static final double TOP = 32;
    private static final double LEGEND = 22;
    private static final int CURVE_POINTS = 240;

    public Plot {
        series = List.copyOf(series);
        notes = List.copyOf(notes);
    }

    /// One of the two axes.
    ///
    /// @param name what stands beside it
    /// @param logarithmic whether equal distances are equal factors
    /// @param range its ends, or null for those of what is shown
    public record Axis(
            String name, boolean logarithmic, @Nullable Range range) {}

    /// From one value to another.
    public record Range(double low, double high) {}

    /// How a series is drawn.
    public enum Kind {
        LINE,
        POINTS,
        BARS
    }

    /// Values that belong together.
    ///
    /// @param name for the legend; empty for none
    /// @param colour its index
    public record Series(String name, Kind kind, int colour, List<Double> xs, List<Double> ys) {
        public Series {
            String message = "plot: %s has %s values along x and %s along y, expected as many and at least one";
            Require.that(xs.size() == ys.size() && !xs.isEmpty(), message, name, xs.size(), ys.size());
            xs = List.copyOf(xs);
            ys = List.copyOf(ys);
        }
    }

    /// Words beside a place.
    public record Note(double x, double y, String text) {}

    /// An empty plot.
    public static Plot of(String title) {
        Axis none = new Axis("", false, null);
        return new Plot(title, none, none, List.of(), List.of(), 640, 400);
    }

    /// Names the axis from left to right.
    public Plot x(String name) {
        return with(new Axis(name, across.logarithmic, across.range), upwards);
    }

    /// Names the axis from bottom to top.
    public Plot y(String name) {
        return with(across, new Axis(name, upwards.logarithmic, upwards.range));
    }

    /// Has the axis from left to right span these values.
    public Plot rangeX(double low, double high) {
        return with(new Axis(across.name, across.logarithmic, new Range(low, high)), upwards);
    }

    /// Has the axis from bottom to top span these values.
    public Plot rangeY(double low, double high) {
        return with(across, new Axis(upwards.name, upwards.logarithmic, new Range(low, high)));
    }

    /// Has equal distances from left to right be equal factors; all values there must be above 0.
    public Plot logX() {
        return with(new Axis(across.name, true, across.range), upwards);
    }

    /// Has equal distances from bottom to top be equal factors; all values there must be above 0.
    public Plot logY() {
        return with(across, new Axis(upwards.name, true, upwards.range));
    }

    /// Another size, in pixels.
    public Plot size(double newWidth, double newHeight) {
        return new Plot(title, across, upwards, series, notes, newWidth, newHeight);
    }

    /// Adds a line through points.
    ///
    /// @throws IllegalArgumentException if there is none, or not as many xs as ys
    public Plot line(String name, double[] xs, double[] ys) {
        return add(name, Kind.LINE, nextColour(), xs, ys);
    }

    /// Adds a line over 1, 2, 3, ... such as a loss over epochs.
    public Plot line(String name, double... ys) {
        return line(name, IntStream.rangeClosed(1, ys.length).asDoubleStream().toArray(), ys);
    }

    /// Adds the graph of a function.
    public Plot curve(String name, DoubleUnaryOperator function, double from, double to) {
        double[] xs = IntStream.rangeClosed(0, CURVE_POINTS)
                .mapToDouble(i -> from + (to - from) * i / CURVE_POINTS)
                .toArray();
        return line(name, xs, Arrays.stream(xs).map(function).toArray());
    }

    /// Adds dots.
    ///
    /// @throws IllegalArgumentException if there is none, or not as many xs as ys
    public Plot points(String name, double[] xs, double[] ys) {
        return add(name, Kind.POINTS, nextColour(), xs, ys);
    }

    /// Adds bars from 0 to the ys, as broad as the least distance between xs.
    public Plot bars(String name, double[] xs, double[] ys) {
        return add(name, Kind.BARS, nextColour(), xs, ys);
    }

    /// Gives the latest series the colour of another one.
    ///
    /// @param index 0 for the first colour
    public Plot colour(int index) {
        List<Series> others = new ArrayList<>(series);
        Series last = others.removeLast();
        others.add(new Series(last.name, last.kind, index, last.xs, last.ys));
        return new Plot(title, across, upwards, others, notes, width, height);
    }

    /// Adds words beside a place.
    public Plot note(double x, double y, String text) {
        List<Note> more = new ArrayList<>(notes);
        more.add(new Note(x, y, text));
        return new Plot(title, across, upwards, series, more, width, height);
    }

    private int nextColour() {
        return series.stream().mapToInt(s -> s.colour + 1).max().orElse(0);
    }

    private Plot add(String name, Kind kind, int colour, double[] xs, double[] ys) {
        List<Series> more = new ArrayList<>(series);
        more.add(new Series(name, kind, colour, boxed(xs), boxed(ys)));
        return new Plot(title, across, upwards, more, notes, width, height);
    }

    private static List<Double> boxed(double[] values) {
        return DoubleStream.of(values).boxed().toList();
    }

    private Plot with(Axis x, Axis y) {
        return new Plot(title, x, y, series, notes, width, height);
    }

    @Override
    public String content() {
        Require.that(!series.isEmpty(), "plot '%s': nothing to show, expected a line, points or bars", title);
        return new Drawing(this).svg.toString();
    }

    /// A plot as it is drawn.
    private static final class Drawing {
        private final Svg svg = new Svg();
        private final Svg inside = new Svg();
        private final Plot plot;
        private final Scale x;
        private final Scale y;
        private final double top;
        private final double width;
        private final double height;

        Drawing(Plot plot) {
            this.plot = plot;
            double barWidth = plot.series.stream()
                    .filter(s -> s.kind == Kind.BARS)
                    .mapToDouble(Drawing::spacing)
                    .max()
                    .orElse(0);
            DoubleStream xs = plot.series.stream().flatMap(s -> s.xs.stream()).mapToDouble(v -> v);
            x = scale(plot.across, xs.flatMap(v -> DoubleStream.of(v - barWidth / 2, v + barWidth / 2)), 0.02);
            DoubleStream ys = plot.series.stream().flatMap(s -> s.ys.stream()).mapToDouble(v -> v);
            y = scale(plot.upwards, barWidth == 0 ? ys : DoubleStream.concat(ys, DoubleStream.of(0)), 0.05);
            boolean named = plot.series.stream().anyMatch(s -> !s.name.isEmpty());
            top = TOP + (named ? LEGEND : 0);
            width = plot.width - LEFT - RIGHT;
            height = plot.height - top - BOTTOM;
            axes();
            plot.series.forEach(this::series);
            svg.clipped(LEFT, top, width, height, inside);
            plot.notes.forEach(n -> svg.text("halo", LEFT + x(n.x) + 8, top + y(n.y) - 8, "start", n.text));
            if (named) {
                legend();
            }
        }

        private static double spacing(Series s) {
            double[] sorted = s.xs.stream().mapToDouble(v -> v).sorted().toArray();
            return IntStream.range(1, sorted.length)
                    .mapToDouble(i -> sorted[i] - sorted[i - 1])
                    .filter(d -> d > 0)
                    .min()
                    .orElse(1);
        }

        private static Scale scale(Axis axis, DoubleStream values, double margin) {
            if (axis.range != null) {
                return Scale.between(axis.range.low, axis.range.high, axis.logarithmic);
            }
            var all = values.summaryStatistics();
            double free = axis.logarithmic ? 0 : (all.getMax() - all.getMin()) * margin;
            return Scale.between(all.getMin() - free, all.getMax() + free, axis.logarithmic);
        }

        private double x(double value) {
            return width * x.share(value);
        }

        private double y(double value) {
            return height * (1 - y.share(value));
        }

        private void axes() {
            svg.text("title", LEFT, 20, "start", plot.title);
            for (double mark : x.marks()) {
                double at = LEFT + x(mark);
                svg.line("grid thin", at, top, at, top + height);
                svg.text("", at, top + height + 18, "middle", x.label(mark));
            }
            for (double mark : y.marks()) {
                double at = top + y(mark);
                svg.line("grid thin", LEFT, at, LEFT + width, at);
                svg.text("", LEFT - 8, at + 4, "end", y.label(mark));
            }
            svg.path(
                    "stroke faint thin",
                    "M%s %sV%sH%s"
                            .formatted(
                                    Svg.number(LEFT),
                                    Svg.number(top),
                                    Svg.number(top + height),
                                    Svg.number(LEFT + width)));
            svg.text("", LEFT + width / 2, plot.height - 8, "middle", plot.across.name);
            svg.upwards(16, top + height / 2, plot.upwards.name);
        }

        private void series(Series s) {
            String colour = Svg.colour(s.colour);
            switch (s.kind) {
                case LINE -> inside.path("stroke " + colour, path(s));
                case POINTS -> points(s, colour);
                case BARS -> bars(s, colour);
            }
        }

        private String path(Series s) {
            StringBuilder d = new StringBuilder();
            for (int i = 0; i < s.xs.size(); i++) {
                d.append(i == 0 ? "M" : "L").append(Svg.number(x(s.xs.get(i))));
                d.append(' ').append(Svg.number(y(s.ys.get(i))));
            }
            return d.toString();
        }

        /// Many points are small and let others show through.
        private void points(Series s, String colour) {
            boolean many = s.xs.size() > 60;
            double radius = many ? 1.6 : 4.5;
            StringBuilder d = new StringBuilder();
            for (int i = 0; i < s.xs.size(); i++) {
                d.append('M').append(Svg.number(x(s.xs.get(i)) - radius)).append(' ');
                d.append(Svg.number(y(s.ys.get(i)))).append(dot(radius));
            }
            inside.path("fill " + colour + (many ? "\" fill-opacity=\".55" : ""), d.toString());
        }

        private static String dot(double radius) {
            String r = Svg.number(radius);
            String across = Svg.number(2 * radius);
            return "a%s %s 0 1 0 %s 0a%1$s %2$s 0 1 0 -%3$s 0".formatted(r, r, across);
        }

        private void bars(Series s, String colour) {
            double half = spacing(s) * 0.42;
            for (int i = 0; i < s.xs.size(); i++) {
                double left = x(s.xs.get(i) - half);
                double from = y(Math.max(0, s.ys.get(i)));
                double to = y(Math.min(0, s.ys.get(i)));
                inside.rectangle("fill " + colour, left, from, x(s.xs.get(i) + half) - left, to - from);
            }
        }

        private void legend() {
            double at = LEFT;
            for (Series s : plot.series) {
                if (!s.name.isEmpty()) {
                    String colour = Svg.colour(s.colour);
                    if (s.kind == Kind.LINE) {
                        svg.line(colour, at, TOP + 7, at + 18, TOP + 7);
                    } else {
                        svg.circle("fill " + colour, at + 9, TOP + 7, 4.5);
                    }
                    svg.text("", at + 24, TOP + 11, "start", s.name);
                    at += 44 + 7.2 * s.name.length();
                }
            }
        }
    }
}
