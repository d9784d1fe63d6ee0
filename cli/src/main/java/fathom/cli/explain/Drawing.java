package fathom.cli.explain;

import fathom.cli.explain.Layout.Area;
import fathom.cli.explain.Layout.Box;
import fathom.cli.explain.Layout.Link;
import fathom.cli.explain.Layout.Point;
import java.util.List;
import java.util.stream.Collectors;

/// A graph as an SVG picture: boxes of a few lines of text, lines between them, and frames around
/// some.
///
/// @param boxes what is drawn
/// @param frames headings of what is around boxes
/// @param arrows what is between them
record Drawing(List<Node> boxes, List<Frame> frames, List<Arrow> arrows) {
    /// A box.
    ///
    /// @param lines its text; the first is its title
    /// @param kind how it looks
    /// @param kernel the kernel that it is, or is part of; -1 for none
    /// @param frame the frame that it is in, or -1
    /// @param share which part of it is marked as taking time, 0 to 1
    record Node(List<String> lines, String kind, int kernel, int frame, double share) {}

    /// What is around boxes.
    record Frame(String heading, String kind, int kernel) {}

    /// A line from one box to another.
    ///
    /// @param title what goes along it
    record Arrow(int from, int to, String title) {}

    private static final double CHARACTER = 7.3;
    private static final double LINE = 15;
    private static final double PADDING = 8;
    private static final double BAR = 4;
    private static final double LEAST_WIDTH = 60;

    /// The picture.
    ///
    /// @param id of the element
    String svg(String id) {
        List<Box> sizes = boxes.stream()
                .map(b -> new Box(width(b.lines), b.lines.size() * LINE + 2 * PADDING, b.frame))
                .toList();
        List<Double> headings = frames.stream()
                .map(f -> f.heading.length() * CHARACTER + 2 * PADDING)
                .toList();
        List<Link> links = arrows.stream().map(a -> new Link(a.from, a.to)).toList();
        Layout layout = Layout.of(sizes, headings, links);
        StringBuilder b = new StringBuilder();
        b.append("<svg id=\"%s\" class=\"graph\" viewBox=\"0 0 %s %s\" width=\"%2$s\" height=\"%3$s\">"
                .formatted(id, Markup.number(layout.width()), Markup.number(layout.height())));
        b.append("<defs><marker id=\"%s-tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\""
                .formatted(id));
        b.append(
                " markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"tip\" d=\"M0 1L8 4L0 7z\"/></marker></defs>\n<g>\n");
        for (int i = 0; i < frames.size(); i++) {
            frame(b, frames.get(i), layout.frames().get(i));
        }
        for (int i = 0; i < arrows.size(); i++) {
            arrow(b, arrows.get(i), layout.lines().get(i), id);
        }
        for (int i = 0; i < boxes.size(); i++) {
            box(b, boxes.get(i), layout.boxes().get(i));
        }
        return b.append("</g></svg>\n").toString();
    }

    private static double width(List<String> lines) {
        int longest = lines.stream().mapToInt(String::length).max().orElse(0);
        return Math.max(LEAST_WIDTH, longest * CHARACTER + 2 * PADDING);
    }

    private static void frame(StringBuilder b, Frame f, Area a) {
        b.append("<g class=\"frame %s\" data-k=\"%d\">".formatted(f.kind, f.kernel));
        b.append(rectangle(a));
        b.append("<text class=\"title\" x=\"%s\" y=\"%s\">%s</text></g>\n"
                .formatted(Markup.number(a.x() + PADDING), Markup.number(a.y() + LINE + 1), Markup.text(f.heading)));
    }

    private static void box(StringBuilder b, Node n, Area a) {
        b.append("<g class=\"node %s\" data-k=\"%d\">".formatted(n.kind, n.kernel));
        b.append(rectangle(a));
        if (n.share > 0) {
            double full = a.width() - 2 * PADDING;
            b.append("<rect class=\"bar\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>"
                    .formatted(
                            Markup.number(a.x() + PADDING),
                            Markup.number(a.y() + a.height() - BAR - 2),
                            Markup.number(full * n.share),
                            Markup.number(BAR)));
        }
        for (int i = 0; i < n.lines.size(); i++) {
            b.append("<text%s x=\"%s\" y=\"%s\">%s</text>"
                    .formatted(
                            i == 0 ? " class=\"title\"" : "",
                            Markup.number(a.x() + PADDING),
                            Markup.number(a.y() + PADDING + (i + 1) * LINE - 4),
                            Markup.text(n.lines.get(i))));
        }
        b.append("</g>\n");
    }

    private static String rectangle(Area a) {
        return "<rect class=\"box\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"5\"/>"
                .formatted(
                        Markup.number(a.x()),
                        Markup.number(a.y()),
                        Markup.number(a.width()),
                        Markup.number(a.height()));
    }

    private void arrow(StringBuilder b, Arrow arrow, List<Point> corners, String id) {
        String path = corners.stream()
                .map(p -> Markup.number(p.x()) + " " + Markup.number(p.y()))
                .collect(Collectors.joining("L", "M", ""));
        b.append("<path class=\"line\" data-from=\"%d\" data-to=\"%d\" marker-end=\"url(#%s-tip)\" d=\"%s\">"
                .formatted(boxes.get(arrow.from).kernel, boxes.get(arrow.to).kernel, id, path));
        b.append("<title>").append(Markup.text(arrow.title)).append("</title></path>\n");
    }
}
