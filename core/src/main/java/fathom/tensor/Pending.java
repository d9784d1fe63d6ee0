package fathom.tensor;

import fathom.ir.Node;
import java.util.List;

/// Keeps graphs that nobody reads from growing without end.
///
/// A loop such as `x = f(x, batch)` that never reads a value would record nodes, and keep batches,
/// for ever. So a node with very much pending work or data below it is evaluated when it is made;
/// and where no variable is involved and the history is very long, the history is given up
/// (differentiating through it is an error from then on, never a wrong result). Work below a
/// variable is on its way to a gradient and best compiled in one piece, so there only the longest
/// chain counts.
final class Pending {
    private static final long MOST_NODES = 100_000;
    private static final long MOST_BYTES = 2L << 30;
    private static final int MOST_DEPTH = 20_000;

    private Pending() {}

    static Node bounded(Node node) {
        if (node.isEvaluated()) {
            return node;
        }
        boolean tooMuch = node.tracked()
                ? node.pendingDepth() > MOST_DEPTH
                : node.depth() > MOST_DEPTH || node.pendingNodes() > MOST_NODES || node.pendingBytes() > MOST_BYTES;
        if (!tooMuch) {
            return node;
        }
        Device.current().evaluateNodes(List.of(node));
        return !node.tracked() && node.depth() > MOST_DEPTH ? Node.withoutHistory(node) : node;
    }
}
