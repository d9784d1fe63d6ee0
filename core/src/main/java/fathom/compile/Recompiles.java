package fathom.compile;

import fathom.ir.Graph;
import java.util.Set;

/// Says in a line why a graph had to be compiled.
final class Recompiles {
    private Recompiles() {}

    static String reason(Graph graph, Set<Graph> known) {
        String size = graph.entries().size() + " operations: ";
        if (known.isEmpty()) {
            return size + "the first graph";
        }
        int best = -1;
        String difference = "";
        for (Graph g : known) {
            int same = 0;
            int n = Math.min(g.entries().size(), graph.entries().size());
            while (same < n && g.entries().get(same).equals(graph.entries().get(same))) {
                same++;
            }
            if (same > best) {
                best = same;
                difference = same == n
                        ? "as a known graph but with other operations after " + same
                        : "differs from a known graph first in operation %s: %s, known %s"
                                .formatted(
                                        same,
                                        graph.entries().get(same).op(),
                                        g.entries().get(same).op());
            }
        }
        return size + difference;
    }
}
