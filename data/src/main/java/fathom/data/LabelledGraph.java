package fathom.data;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// One graph, each vertex of which has features and a class.
///
/// ```
/// var logits = convolution.apply(graph.x(), graph.bothWays());
/// ```
///
/// @param x the vertices' features, F32 `[V, features]`
/// @param edges I32 `[E, 2]`, source and target of each
/// @param y the vertices' classes, I32 `[V]`, indices into `classes`
/// @param classes the classes' names
public record LabelledGraph(Tensor x, Tensor edges, Tensor y, List<String> classes) {
    public LabelledGraph {
        classes = List.copyOf(classes);
        boolean fits = x.rank() == 2 && y.dtype() == DType.I32 && y.shape().equals(Shape.of(x.dim(0)));
        String message = "graph: features %s and classes %s, expected [V, features] and I32[V]";
        Require.that(fits, message, x.type(), y.type());
        boolean pairs = edges.dtype() == DType.I32 && edges.rank() == 2 && edges.dim(1) == 2;
        Require.that(pairs, "graph: edges %s, expected I32[E, 2] of source, target", edges.type());
    }

    /// The edges as if they had no direction: each is there in both, once, however often it was given,
    /// and none leads from a vertex to itself.
    ///
    /// @return I32 `[E, 2]`, by source and then by target
    public Tensor bothWays() {
        int[] given = edges.toInts();
        long vertices = x.dim(0);
        TreeSet<Long> once = new TreeSet<>();
        for (int i = 0; i < given.length; i += 2) {
            long a = given[i];
            long b = given[i + 1];
            if (a != b) {
                once.addAll(List.of(a * vertices + b, b * vertices + a));
            }
        }
        int[] both = once.stream()
                .flatMapToInt(edge -> IntStream.of(Math.toIntExact(edge / vertices), (int) (edge % vertices)))
                .toArray();
        return Tensor.of(both, once.size(), 2);
    }
}
