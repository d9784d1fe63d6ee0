package fathom.compile.simplify;

import fathom.ir.Graph;

/// Computes equal operations on equal operands once. `x + y` and `y + x` are equal: they differ in
/// nothing but which NaN they make of two.
final class CommonSubexpressions implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.merge(graph);
    }
}
