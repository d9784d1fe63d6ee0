package fathom.compile.simplify;

import fathom.ir.Graph;
import java.util.List;

/// Makes a graph do less before a backend compiles it.
///
/// What can be said of one operation and its operands alone is done as the graph is built, by
/// `Peephole`, so that differentiation sees it too; the pass [Peepholes] applies those same rules to
/// what the others uncover. Here is what needs the whole graph, or what a gradient must not see.
public final class Simplify {
    private static final int MOST_ROUNDS = 8;

    private static final List<Pass> PASSES = List.of(
            // Equal operations on equal operands are one, commutative ones in either order.
            new CommonSubexpressions(),
            // The rules that hold while a graph is built, for what the passes below uncover.
            new Peepholes(),
            // Operations on constants are constants, where every backend computes the same bits.
            new ConstantFolding(),
            // x + (-0), max(x, x), -(-x), not not x, x / 2 = x * 0.5, choices that are none, ...
            new Identities(),
            // Of conversions in a row those go that lose nothing.
            new CastChains(),
            // Slices of slices, of pads and of parts put together, parts put together again.
            new MovementChains(),
            // The greatest of repeated elements, or of greatest ones, is found once.
            new RepeatedReductions(),
            // Parts padded with zeros and added are put side by side.
            new SumsOfPads(),
            // What is computed from repeated elements is computed before they are repeated.
            new LateBroadcasts(),
            // Of values of which only a part is wanted only that part is computed.
            new EarlySlices(),
            // Rectifiers, masks and sums go to the smaller side of pooling.
            new PooledRectifiers(),
            // What no root needs goes.
            new DeadCode());

    private Simplify() {}

    /// An equal graph that does less: the passes in order, again and again until none finds more.
    public static Graph graph(Graph graph) {
        Graph now = graph;
        int idle = 0;
        for (int i = 0; i < MOST_ROUNDS * PASSES.size() && idle < PASSES.size(); i++) {
            Graph next = PASSES.get(i % PASSES.size()).apply(now);
            idle = next == now ? idle + 1 : 0;
            now = next;
        }
        return now;
    }

    /// The passes, in order.
    static List<Pass> passes() {
        return PASSES;
    }
}
