package fathom.cli.explain;

import java.util.ArrayList;
import java.util.List;
import org.eclipse.elk.alg.layered.options.LayeredOptions;
import org.eclipse.elk.core.RecursiveGraphLayoutEngine;
import org.eclipse.elk.core.math.ElkPadding;
import org.eclipse.elk.core.math.KVector;
import org.eclipse.elk.core.options.CoreOptions;
import org.eclipse.elk.core.options.Direction;
import org.eclipse.elk.core.options.EdgeRouting;
import org.eclipse.elk.core.options.HierarchyHandling;
import org.eclipse.elk.core.options.SizeConstraint;
import org.eclipse.elk.core.util.BasicProgressMonitor;
import org.eclipse.elk.graph.ElkEdge;
import org.eclipse.elk.graph.ElkEdgeSection;
import org.eclipse.elk.graph.ElkNode;
import org.eclipse.elk.graph.util.ElkGraphUtil;

/// Where the boxes and lines of a graph go: in layers from top to bottom, found by the Eclipse
/// Layout Kernel.
///
/// @param width of the whole picture
/// @param height of the whole picture
/// @param boxes one for each box
/// @param frames one for each frame
/// @param lines for each link its corners
record Layout(double width, double height, List<Area> boxes, List<Area> frames, List<List<Point>> lines) {
    /// Room above a frame's boxes for its heading.
    static final int HEADING = 24;

    private static final int MARGIN = 12;

    /// What is to be placed.
    ///
    /// @param frame the number of the frame that it is in, or -1
    record Box(double width, double height, int frame) {}

    /// What is to be joined.
    record Link(int from, int to) {}

    /// A rectangle of the picture.
    record Area(double x, double y, double width, double height) {}

    /// A point of the picture.
    record Point(double x, double y) {}

    /// Places boxes.
    ///
    /// @param headings for each frame the width of its heading
    static Layout of(List<Box> boxes, List<Double> headings, List<Link> links) {
        ElkNode root = ElkGraphUtil.createGraph();
        root.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID);
        root.setProperty(CoreOptions.DIRECTION, Direction.DOWN);
        root.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.ORTHOGONAL);
        root.setProperty(LayeredOptions.MERGE_EDGES, true);
        root.setProperty(LayeredOptions.MERGE_HIERARCHY_EDGES, true);
        root.setProperty(CoreOptions.HIERARCHY_HANDLING, HierarchyHandling.INCLUDE_CHILDREN);
        root.setProperty(CoreOptions.PADDING, new ElkPadding(MARGIN));
        root.setProperty(CoreOptions.SPACING_NODE_NODE, 18.0);
        root.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, 34.0);
        List<ElkNode> frames = new ArrayList<>();
        for (double width : headings) {
            ElkNode frame = ElkGraphUtil.createNode(root);
            frame.setProperty(CoreOptions.PADDING, new ElkPadding(HEADING + 4, MARGIN, MARGIN, MARGIN));
            frame.setProperty(CoreOptions.NODE_SIZE_CONSTRAINTS, SizeConstraint.minimumSize());
            frame.setProperty(CoreOptions.NODE_SIZE_MINIMUM, new KVector(width, HEADING));
            frames.add(frame);
        }
        List<ElkNode> nodes = new ArrayList<>();
        for (Box b : boxes) {
            ElkNode node = ElkGraphUtil.createNode(b.frame < 0 ? root : frames.get(b.frame));
            node.setDimensions(b.width, b.height);
            nodes.add(node);
        }
        List<ElkEdge> edges = new ArrayList<>();
        for (Link l : links) {
            edges.add(ElkGraphUtil.createSimpleEdge(nodes.get(l.from), nodes.get(l.to)));
        }
        new RecursiveGraphLayoutEngine().layout(root, new BasicProgressMonitor());
        return new Layout(
                root.getWidth(),
                root.getHeight(),
                nodes.stream().map(Layout::area).toList(),
                frames.stream().map(Layout::area).toList(),
                edges.stream().map(Layout::line).toList());
    }

    private static Area area(ElkNode node) {
        Point at = origin(node);
        return new Area(at.x, at.y, node.getWidth(), node.getHeight());
    }

    /// Positions are relative to what a node is in.
    private static Point origin(ElkNode node) {
        double x = 0;
        double y = 0;
        for (ElkNode n = node; n != null; n = n.getParent()) {
            x += n.getX();
            y += n.getY();
        }
        return new Point(x, y);
    }

    private static List<Point> line(ElkEdge edge) {
        Point at = origin(edge.getContainingNode());
        List<Point> corners = new ArrayList<>();
        for (ElkEdgeSection s : edge.getSections()) {
            corners.add(new Point(at.x + s.getStartX(), at.y + s.getStartY()));
            s.getBendPoints().forEach(b -> corners.add(new Point(at.x + b.getX(), at.y + b.getY())));
            corners.add(new Point(at.x + s.getEndX(), at.y + s.getEndY()));
        }
        return corners;
    }
}
