package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// The edges of a graph, by the numbers of their ends, and what is gathered along them. Nothing is
/// ever a matrix of all pairs of vertices. Several graphs are one whose parts are not connected.
///
/// @param pairs I32 or I64 `[E, 2]`, source and target of each
/// @param vertices V, how many vertices there are
record Edges(Tensor pairs, int vertices) {
    Edges {
        Require.that(
                pairs.rank() == 2 && pairs.dim(1) == 2, "edges: %s, expected [E, 2] of source, target", pairs.type());
        Check.indices("edges", "vertex", pairs, vertices);
    }

    /// These, and one from each vertex to itself.
    Edges withLoops() {
        Tensor own = Tensor.arange(vertices).unsqueeze(1).broadcastTo(Shape.of(vertices, 2));
        return new Edges(Tensor.concat(0, pairs.cast(DType.I32), own), vertices);
    }

    /// For each edge the row of its source, `[E, ...]`.
    Tensor atSources(Tensor x) {
        return x.take(pairs.at(1, 0), 0);
    }

    /// For each edge the row of its target, `[E, ...]`.
    Tensor atTargets(Tensor x) {
        return x.take(pairs.at(1, 1), 0);
    }

    /// For each vertex the sum over the edges that lead to it: `[E, ...]` to `[V, ...]`.
    Tensor sum(Tensor x) {
        return Tensor.full(x.shape().with(0, vertices), x.dtype(), 0).scatterAdd(pairs.at(1, 1), x, 0);
    }

    /// Softmax over the edges that lead to the same vertex, in each of H columns: `[E, H]` to the
    /// same.
    Tensor softmax(Tensor scores) {
        Tensor e = scores.sub(atTargets(greatest(scores.detach()))).exp();
        return e.div(atTargets(sum(e)));
    }

    /// For each vertex the greatest over the edges that lead to it, `[E, H]` to `[V, H]`; that of
    /// another vertex where none does.
    ///
    /// Sorting by score, then by target and stable, puts it at the end of the vertex's edges.
    private Tensor greatest(Tensor scores) {
        Tensor targets = pairs.at(1, 1).unsqueeze(1).broadcastTo(scores.shape());
        Tensor byScore = scores.argsort(0, false);
        Tensor byTarget = targets.takeAlong(byScore, 0).argsort(0, false);
        Tensor sorted = scores.takeAlong(byScore.takeAlong(byTarget, 0), 0);
        Tensor counts = sum(Tensor.full(Shape.of(pairs.dim(0)), DType.I32, 1));
        return sorted.take(counts.cumsum(0).sub(1).maximum(0), 0);
    }
}
