package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Attention over a graph, `[V, in]` to `[V, heads * units]`: each vertex gets the mean of its
/// neighbours' and its own vector after a linear map, weighted by the softmax of `leakyRelu(s · source
/// + t · target)` with the vectors s and t of each head. Veličković et al.: *Graph attention
/// networks* (2018).
///
/// Edges have a direction, from source to target: an undirected one is two, and none leads from a
/// vertex to itself.
///
/// @param weight `[in, heads * units]`
/// @param source `[heads, units]`, s of each head
/// @param target `[heads, units]`, t of each head
/// @param bias of the result, if any
/// @param slope of the leaky rectifier below 0
/// @param mean whether the heads' results are averaged, `[V, units]`, and not side by side
/// @param dropout the probability with which a neighbour's share is dropped in training
public record GraphAttention(
        Parameter weight,
        Parameter source,
        Parameter target,
        Optional<Parameter> bias,
        double slope,
        boolean mean,
        double dropout)
        implements Module {
    public GraphAttention {
        Check.weight("GraphAttention", weight, 2, "[in, heads * units]");
        Shape s = source.shape();
        boolean fits = s.rank() == 2
                && target.shape().equals(s)
                && weight.shape().dim(1) == s.size()
                && (bias.isEmpty() || bias.get().shape().equals(Shape.of(mean ? s.dim(1) : s.size())));
        String expected = "GraphAttention: weight %s, source %s, target %s and bias %s, expected [in, heads * units],"
                + " [heads, units], the same and as many as outputs";
        Require.that(
                fits,
                expected,
                weight.shape(),
                s,
                target.shape(),
                bias.map(Parameter::shape).orElse(Shape.SCALAR));
        Require.notNegative("graphAttention: slope", slope);
        Require.fraction("graphAttention: dropout", dropout);
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
    /// @return `[V, heads * units]`, or `[V, units]` if heads are averaged
    /// @throws IllegalArgumentException if shapes do not fit, or an edge leads nowhere
    public Tensor apply(Tensor x, Tensor edges) {
        return Calls.apply(this, x, () -> attend(x, edges));
    }

    private Tensor attend(Tensor x, Tensor pairs) {
        int in = weight.shape().dim(0);
        Require.that(x.rank() == 2 && x.dim(1) == in, "input %s, expected vertices [V, %s]", x.type(), in);
        int heads = source.shape().dim(0);
        Edges edges = new Edges(pairs, x.dim(0)).withLoops();
        Tensor mapped =
                x.matmul(weight.value()).reshape(x.dim(0), heads, source.shape().dim(1));
        Tensor fromSources = mapped.mul(source.value()).sum(-1);
        Tensor fromTargets = mapped.mul(target.value()).sum(-1);
        Tensor scores = edges.atSources(fromSources).add(edges.atTargets(fromTargets));
        Tensor shares = new Dropout(dropout).forward(edges.softmax(Activations.leakyRelu(scores, slope)));
        Tensor all = edges.sum(edges.atSources(mapped).mul(shares.unsqueeze(2)));
        Tensor y = mean ? all.mean(1) : all.flatten(1);
        return bias.isPresent() ? y.add(bias.get().value()) : y;
    }

    /// The blueprint of a [GraphAttention], for samples that are vertices.
    ///
    /// @param units outputs of a head
    /// @param heads how many there are
    /// @param mean whether the heads' results are averaged and not side by side
    /// @param dropout the probability with which a neighbour's share is dropped in training
    public record Blueprint(int units, int heads, boolean mean, double dropout) implements Layer {
        private static final double SLOPE = 0.2;

        public Blueprint {
            Require.positive("graphAttention: units", units);
            Require.positive("graphAttention: heads", heads);
            Require.fraction("graphAttention: dropout", dropout);
        }

        /// With the mean of the heads' results, as the paper has it for the last layer.
        public Blueprint averaged() {
            return new Blueprint(units, heads, true, dropout);
        }

        public Blueprint dropout(double p) {
            return new Blueprint(units, heads, mean, p);
        }

        @Override
        public GraphAttention build(Shape input, RandomStream random) {
            int outputs = output(input).dim(0);
            return new GraphAttention(
                    weights(random.split("weight"), input.dim(0), heads * units),
                    weights(random.split("source"), heads, units),
                    weights(random.split("target"), heads, units),
                    Optional.of(Init.zeros(outputs)),
                    SLOPE,
                    mean,
                    dropout);
        }

        private static Parameter weights(RandomStream random, int rows, int columns) {
            return Parameter.of(Initializer.glorotUniform().create(Shape.of(rows, columns), random));
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 1, "vertices [in]");
            return Shape.of(mean ? units : heads * units);
        }
    }
}
