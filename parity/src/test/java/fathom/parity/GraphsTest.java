package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;
import static fathom.parity.Torch.longs;
import static fathom.parity.Torch.scalar;

import fathom.nn.GraphAttention;
import fathom.nn.GraphConv;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers over the edges of graphs, against formulas over matrices of all pairs of vertices. The
/// first input is the vertices, the others are the layer's parameters.
@RequiresLibtorch
class GraphsTest {
    @TestFactory
    Stream<DynamicTest> graphConv() {
        return Stream.of(new Graph(7, 12), new Graph(1, 0), new Graph(33, 150), new Graph(5, 1))
                .flatMap(g -> Case.tests(
                        Case.layer(
                                        "graph convolution of " + g,
                                        List.of(normal(g.vertices, 4), normal(4, 3), normal(3)),
                                        p -> new GraphConv(p.get(1), Optional.of(p.get(2)))
                                                .apply(p.get(0).value(), g.edges()),
                                        t -> convolution(g, t).add(t.get(2)))
                                .within(2),
                        Case.layer(
                                        "without bias, of " + g,
                                        List.of(normal(g.vertices, 4), normal(4, 3)),
                                        p -> new GraphConv(p.get(1), Optional.empty())
                                                .apply(p.get(0).value(), g.edges()),
                                        t -> convolution(g, t))
                                .within(2)));
    }

    private static Tensor convolution(Graph g, List<Tensor> t) {
        Tensor near = g.adjacency(t.getFirst());
        Tensor degrees =
                torch.diag(near.sum(longs(1), false, new ScalarTypeOptional()).pow(scalar(-0.5)));
        return degrees.matmul(near).matmul(degrees).matmul(t.get(0)).matmul(t.get(1));
    }

    @TestFactory
    Stream<DynamicTest> graphAttention() {
        return Stream.of(new Graph(7, 12), new Graph(1, 0), new Graph(33, 150), new Graph(5, 1))
                .flatMap(g -> Case.tests(
                        attention("side by side", g, 3, false, 0.5),
                        attention("averaged", g, 2, true, 0.5),
                        attention("with one head", g, 1, false, 0.5),
                        // Scores so far apart that exponentials of them all overflow and vanish.
                        attention("far apart", g, 2, false, 100)));
    }

    private static Case attention(String name, Graph g, int heads, boolean mean, double spread) {
        int units = 3;
        return Case.layer(
                        "graph attention " + name + ", of " + g,
                        List.of(
                                normal(g.vertices, 4),
                                uniform(-0.8, 0.8, 4, heads * units),
                                uniform(-spread, spread, heads, units),
                                uniform(-spread, spread, heads, units),
                                normal(mean ? units : heads * units)),
                        p -> new GraphAttention(p.get(1), p.get(2), p.get(3), Optional.of(p.get(4)), 0.2, mean, 0)
                                .apply(p.get(0).value(), g.edges()),
                        t -> attention(g, t, heads, units, mean))
                .within(spread > 1 ? 10 : 4);
    }

    private static Tensor attention(Graph g, List<Tensor> t, int heads, int units, boolean mean) {
        // [heads, V, units]
        Tensor mapped =
                t.get(0).matmul(t.get(1)).reshape(g.vertices, heads, units).transpose(0, 1);
        Tensor sources = mapped.matmul(t.get(2).unsqueeze(2));
        Tensor targets = mapped.matmul(t.get(3).unsqueeze(2));
        // Row i: what leads to vertex i.
        Tensor scores = torch.leaky_relu(targets.add(sources.transpose(1, 2)), scalar(0.2));
        Tensor absent = g.adjacency(t.getFirst()).eq(scalar(0));
        Tensor shares =
                scores.masked_fill(absent, scalar(Double.NEGATIVE_INFINITY)).softmax(-1);
        Tensor all = shares.matmul(mapped).transpose(0, 1);
        Tensor y = mean ? all.mean(1) : all.flatten(1, 2);
        return y.add(t.get(4));
    }

    /// A random graph of edges in one direction, none twice and none from a vertex to itself.
    private record Graph(int vertices, int count) {
        fathom.tensor.Tensor edges() {
            int[] all = new Random(vertices)
                    .ints(0, vertices * vertices)
                    .filter(i -> i / vertices != i % vertices)
                    .distinct()
                    .limit(count)
                    .flatMap(i -> IntStream.of(i / vertices, i % vertices))
                    .toArray();
            return fathom.tensor.Tensor.of(all, count, 2);
        }

        /// 1 at row i and column j if an edge leads from j to i, or they are the same.
        Tensor adjacency(Tensor like) {
            double[] near = new double[vertices * vertices];
            int[] all = edges().toInts();
            for (int i = 0; i < count; i++) {
                near[all[2 * i + 1] * vertices + all[2 * i]] = 1;
            }
            for (int i = 0; i < vertices; i++) {
                near[i * vertices + i] = 1;
            }
            ScalarType type = like.scalar_type();
            return Torch.of(fathom.tensor.Tensor.of(near, vertices, vertices)).to(type);
        }
    }
}
