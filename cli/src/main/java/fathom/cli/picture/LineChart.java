package fathom.cli.picture;

import fathom.cli.picture.Canvas.Align;
import java.awt.Color;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.List;
import java.util.Locale;

/// Curves over epochs, or over something else: one panel for each quantity, side by side.
public final class LineChart {
    private static final List<Color> COLORS = List.of(new Color(0x2563eb), new Color(0xea580c), new Color(0x059669));
    private static final int PANEL_WIDTH = 760;
    private static final int HEIGHT = 560;
    private static final double LABEL = 18;
    private static final int MOST_DOTS = 40;

    private LineChart() {}

    /// One curve; `values[i]` belongs to epoch `i + 1` or the axis's point `i`, NaN leaves a gap.
    public record Series(String name, double[] values) {}

    /// One pair of axes.
    ///
    /// @param title what stands above, and along the vertical axis
    /// @param percent whether 0.5 is shown as 50 %
    /// @param across what the curves go over
    /// @param series the curves
    public record Panel(String title, boolean percent, Axis across, List<Series> series) {
        /// Curves over epochs.
        public Panel(String title, boolean percent, List<Series> series) {
            this(title, percent, Axis.epochs(longest(series)), series);
        }

        private static int longest(List<Series> series) {
            return series.stream().mapToInt(s -> s.values().length).max().orElse(1);
        }
    }

    /// Draws the panels.
    public static Canvas draw(List<Panel> panels) {
        Canvas canvas = new Canvas(PANEL_WIDTH * panels.size(), HEIGHT);
        for (int i = 0; i < panels.size(); i++) {
            drawPanel(canvas, panels.get(i), i * PANEL_WIDTH);
        }
        return canvas;
    }

    private static void drawPanel(Canvas canvas, Panel panel, double offset) {
        double left = offset + 100;
        double right = offset + PANEL_WIDTH - 36;
        double top = 72;
        double bottom = HEIGHT - 80;
        double factor = panel.percent() ? 100 : 1;
        Ticks y = verticalTicks(panel, factor);
        String title = panel.title().substring(0, 1).toUpperCase(Locale.ROOT)
                + panel.title().substring(1);
        canvas.title(title, (left + right) / 2, 40, 24, Align.CENTRE, Canvas.INK);

        for (double v : y.values()) {
            double at = bottom - y.share(v) * (bottom - top);
            canvas.line(left, at, right, at, Canvas.GRID, 1);
            canvas.text(y.label(v), left - 12, at, LABEL, Align.RIGHT, Canvas.FAINT_INK);
        }
        panel.across().marks().forEach((share, label) -> {
            double at = across(share, left, right);
            canvas.line(at, top, at, bottom, Canvas.GRID, 1);
            canvas.text(label, at, bottom + 22, LABEL, Align.CENTRE, Canvas.FAINT_INK);
        });
        canvas.line(left, bottom, right, bottom, Canvas.FRAME, 1.5);
        canvas.line(left, top, left, bottom, Canvas.FRAME, 1.5);
        canvas.text(panel.across().name(), (left + right) / 2, bottom + 54, LABEL, Align.CENTRE, Canvas.INK);
        canvas.verticalText(
                panel.title() + (panel.percent() ? " (%)" : ""), offset + 26, (top + bottom) / 2, LABEL, Canvas.INK);

        for (int s = 0; s < panel.series().size(); s++) {
            double[] values = panel.series().get(s).values();
            Color color = COLORS.get(s % COLORS.size());
            Path2D.Double path = new Path2D.Double();
            boolean pen = false;
            for (int i = 0; i < values.length; i++) {
                if (!Double.isFinite(values[i])) {
                    pen = false;
                    continue;
                }
                double px = across(panel.across().shares().get(i), left, right);
                double py = bottom - y.share(values[i] * factor) * (bottom - top);
                if (pen) {
                    path.lineTo(px, py);
                } else {
                    path.moveTo(px, py);
                }
                pen = true;
                if (panel.across().shares().size() <= MOST_DOTS) {
                    canvas.fill(new Ellipse2D.Double(px - 5, py - 5, 10, 10), color);
                }
            }
            canvas.stroke(path, color, 3);
        }
        legend(canvas, panel, right, panel.percent() ? bottom - 16 : top + 16);
    }

    /// Loss falls and accuracy rises, so the free corner is above or below on the right.
    private static void legend(Canvas canvas, Panel panel, double right, double edge) {
        int n = panel.series().size();
        double row = 30;
        double text = panel.series().stream()
                .mapToDouble(s -> Canvas.width(s.name(), LABEL))
                .max()
                .orElse(0);
        double width = text + 78;
        double height = n * row + 14;
        double x = right - width - 14;
        double y = panel.percent() ? edge - height : edge;
        Rectangle2D.Double box = new Rectangle2D.Double(x, y, width, height);
        canvas.fill(box, new Color(255, 255, 255, 230));
        canvas.stroke(box, Canvas.GRID, 1.5);
        for (int s = 0; s < n; s++) {
            double at = y + 7 + row * (s + 0.5);
            Color color = COLORS.get(s % COLORS.size());
            canvas.line(x + 16, at, x + 50, at, color, 3);
            canvas.fill(new Ellipse2D.Double(x + 28, at - 5, 10, 10), color);
            canvas.text(panel.series().get(s).name(), x + 62, at, LABEL, Align.LEFT, Canvas.INK);
        }
    }

    private static Ticks verticalTicks(Panel panel, double factor) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        for (Series s : panel.series()) {
            for (double v : s.values()) {
                if (Double.isFinite(v)) {
                    min = Math.min(min, v * factor);
                    max = Math.max(max, v * factor);
                }
            }
        }
        if (min > max) {
            return Ticks.over(0, 1, 5);
        }
        // A loss's distance from nothing is what matters; an accuracy's is its distance from 100 %.
        return panel.percent() ? Ticks.over(Math.min(min, 99), 100, 6) : Ticks.over(Math.min(0, min), max, 6);
    }

    private static double across(double share, double left, double right) {
        return left + 16 + (right - left - 32) * share;
    }
}
