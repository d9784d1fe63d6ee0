package fathom.guide;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.List;

/// Boxes in a grid and arrows between them: a computation, the parts of a network.
///
/// ```
/// Diagram.of("y = w · x").box("x", 0, 0, "x").box("w", 0, 1, "w").box("y", 1, 0.5, "×", "= 6")
///         .arrow("x", "y", "3").arrow("w", "y", "2");
/// ```
///
/// @param title stands above
/// @param boxes the boxes
/// @param arrows what goes between them
public record Diagram(String title, List<Box> boxes, List<Arrow> arrows) implements Picture {
    private static final double ACROSS = 150;
    private static final double DOWN = 84;
    private static final double WIDTH = 92;
    private static final double HEIGHT = 52;
    private static final double TOP = 32;
    private static final double MARGIN = 4;

    public Diagram {
        boxes = List.copyOf(boxes);
        arrows = List.copyOf(arrows);
    }

    /// A box.
    ///
    /// @param id what arrows call it
    /// @param column where it stands from left to right, from 0
    /// @param row where it stands from top to bottom, from 0
    /// @param lines its text, one or two lines
    /// @param colour the index of its frame's colour
    public record Box(String id, double column, double row, List<String> lines, int colour) {}

    /// A line with a tip from one box to another.
    ///
    /// @param above what stands beside it
    public record Arrow(String from, String to, String above) {}

    /// A diagram with nothing in it.
    public static Diagram of(String title) {
        return new Diagram(title, List.of(), List.of());
    }

    /// Adds a box in the first colour.
    public Diagram box(String id, double column, double row, String... lines) {
        return box(id, column, row, 0, lines);
    }

    /// Adds a box.
    ///
    /// @param colour the index of its frame's colour
    /// @throws IllegalArgumentException if there is a box of that name
    public Diagram box(String id, double column, double row, int colour, String... lines) {
        boolean fresh = boxes.stream().noneMatch(b -> b.id.equals(id));
        Require.that(fresh, "diagram '%s': two boxes %s, expected different names", title, id);
        List<Box> more = new ArrayList<>(boxes);
        more.add(new Box(id, column, row, List.of(lines), colour));
        return new Diagram(title, more, arrows);
    }

    /// Adds an arrow with words beside it.
    ///
    /// @throws IllegalArgumentException if there is no such box
    public Diagram arrow(String from, String to, String above) {
        find(from);
        find(to);
        List<Arrow> more = new ArrayList<>(arrows);
        more.add(new Arrow(from, to, above));
        return new Diagram(title, boxes, more);
    }

    private Box find(String id) {
        return boxes.stream()
                .filter(b -> b.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "diagram '%s': no box %s, expected one of %s".formatted(title, id, boxes)));
    }

    @Override
    public double width() {
        return boxes.stream().mapToDouble(b -> b.column).max().orElse(0) * ACROSS + WIDTH + 2 * MARGIN;
    }

    @Override
    public double height() {
        return TOP + boxes.stream().mapToDouble(b -> b.row).max().orElse(0) * DOWN + HEIGHT + 2 * MARGIN;
    }

    private static double x(Box box) {
        return MARGIN + box.column * ACROSS + WIDTH / 2;
    }

    private static double y(Box box) {
        return TOP + MARGIN + box.row * DOWN + HEIGHT / 2;
    }

    @Override
    public String content() {
        Svg svg = new Svg().text("title", MARGIN, 20, "start", title);
        arrows.forEach(a -> arrow(svg, find(a.from), find(a.to), a.above));
        for (Box b : boxes) {
            svg.rectangle("stroke " + Svg.colour(b.colour), x(b) - WIDTH / 2, y(b) - HEIGHT / 2, WIDTH, HEIGHT);
            double first = y(b) + 4.5 - 9 * (b.lines.size() - 1);
            for (int i = 0; i < b.lines.size(); i++) {
                svg.text(i == 0 ? "title" : "", x(b), first + 18 * i, "middle", b.lines.get(i));
            }
        }
        return svg.toString();
    }

    /// From the edge of one box to the edge of the other, along the line between their middles.
    private static void arrow(Svg svg, Box from, Box to, String above) {
        double dx = x(to) - x(from);
        double dy = y(to) - y(from);
        double length = Math.hypot(dx, dy);
        double share = Math.min(dx == 0 ? 1 : WIDTH / 2 / Math.abs(dx), dy == 0 ? 1 : HEIGHT / 2 / Math.abs(dy));
        double x1 = x(from) + dx * share;
        double y1 = y(from) + dy * share;
        double x2 = x(to) - dx * (share + 3 / length);
        double y2 = y(to) - dy * (share + 3 / length);
        svg.line("faint", x1, y1, x2, y2);
        double ux = dx / length * 9;
        double uy = dy / length * 9;
        svg.path(
                "fill faint",
                "M%s %sL%s %sL%s %sz"
                        .formatted(
                                Svg.number(x2 + ux / 3), Svg.number(y2 + uy / 3),
                                Svg.number(x2 - ux - uy / 2), Svg.number(y2 - uy + ux / 2),
                                Svg.number(x2 - ux + uy / 2), Svg.number(y2 - uy - ux / 2)));
        svg.text("halo", (x1 + x2) / 2, (y1 + y2) / 2 - 4, "middle", above);
    }
}
