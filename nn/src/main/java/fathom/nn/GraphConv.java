package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Convolution over a graph, `[V, in]` to `[V, out]`: `D^-1/2 (A + I) D^-1/2 X W + b`, where A is the
/// adjacency and D the degrees, each vertex its own neighbour, too. Kipf and Welling:
/// *Semi-supervised classification with graph convolutional networks* (2017).
///
/// Edges have a direction, from source to target: an undirected one is two, and none leads from a
/// vertex to itself. Degrees are counted at the targets.
///
/// @param weight `[in, out]`
/// @param bias `[out]`, if any
public record GraphConv(Parameter weight, Optional<Parameter> bias) implements Module {
    public GraphConv {
        Check.weight("GraphConv", weight, 2, "[in, out]");
        Check.bias("GraphConv", bias, weight);
    }

    /// Refused: without edges there is no graph.
    ///
    /// @throws IllegalArgumentException always
    @Override
    public Tensor forward(Tensor x) {
        throw Calls.needsMore(x, "apply(x, edges)");
    }

    /// Of a graph, or of several side by side.
    ///
    /// @param x `[V, in]`, the vertices
    /// @param edges I32 or I64 `[E, 2]`, source and target of each
    /// @return `[V, out]`
    /// @throws IllegalArgumentException if shapes do not fit, or an edge leads nowhere
    public Tensor apply(Tensor x, Tensor edges) {
        return Calls.apply(this, x, () -> convolved(x, edges));
    }

    private Tensor convolved(Tensor x, Tensor pairs) {
        int in = weight.shape().dim(0);
        Require.that(x.rank() == 2 && x.dim(1) == in, "input %s, expected vertices [V, %s]", x.type(), in);
        Edges edges = new Edges(pairs, x.dim(0));
        Tensor ones = Tensor.full(Shape.of(pairs.dim(0)), x.dtype(), 1);
        Tensor factor = edges.sum(ones).add(1).sqrt().rdiv(1).unsqueeze(1);
        Tensor scaled = x.matmul(weight.value()).mul(factor);
        Tensor y = edges.sum(edges.atSources(scaled)).add(scaled).mul(factor);
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// The blueprint of a [GraphConv], for samples that are vertices.
    ///
    /// @param units outputs
    /// @param bias whether there is a bias, initially zero
    /// @param initializer where the weights come from
    public record Blueprint(int units, boolean bias, Initializer initializer) implements Layer {
        public Blueprint {
            Require.positive("graphConv: units", units);
        }

        public Blueprint withoutBias() {
            return new Blueprint(units, false, initializer);
        }

        public Blueprint initializer(Initializer other) {
            return new Blueprint(units, bias, other);
        }

        @Override
        public GraphConv build(Shape input, RandomStream random) {
            output(input);
            Tensor weight = initializer.create(Shape.of(input.dim(0), units), random);
            return new GraphConv(Parameter.of(weight), bias ? Optional.of(Init.zeros(units)) : Optional.empty());
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 1, "vertices [in]");
            return Shape.of(units);
        }
    }
}
