package fathom.compile.simplify;

import fathom.ir.Graph;

/// A graph made simpler: other entries, the same results, bit for bit where it does not say
/// otherwise. It takes time linear in the number of entries, and gives back the very same object if
/// there is nothing to do.
@FunctionalInterface
public interface Pass {
    Graph apply(Graph graph);
}
