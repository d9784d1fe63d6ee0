package fathom.compile.simplify;

import fathom.ir.Graph;

/// Drops what no root needs.
///
/// The [Rewriter] does that for every pass that finds something; this is for what reaches none.
final class DeadCode implements Pass {
    @Override
    public Graph apply(Graph graph) {
        for (int uses : graph.uses()) {
            if (uses == 0) {
                return Rewriter.merge(graph);
            }
        }
        return graph;
    }
}
