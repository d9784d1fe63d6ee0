package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import fathom.backend.reference.ReferenceBackend;
import fathom.compile.Backend;
import fathom.ir.BinaryOp;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.Typing;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A graph written entry by entry, so that nothing is simplified on the way, with its arguments.
final class TestGraph {
    /// What arithmetic finds hard.
    static final double[] HARD = {
        Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.0, -0.0, 1, -1, 0.1, -2.5, 3e38, 1e-40, 7
    };

    /// A backend that has no threads to stop.
    static final Backend REFERENCE = new ReferenceBackend();

    private final List<Entry> entries = new ArrayList<>();
    private final List<Node> types = new ArrayList<>();
    private final List<Buffer> leaves = new ArrayList<>();
    private final List<Double> scalars = new ArrayList<>();

    /// A leaf; the values are repeated until it is full.
    int leaf(DType dtype, int[] shape, double... values) {
        Shape s = Shape.of(shape);
        Buffer buffer = Buffer.allocate(dtype, s.size());
        for (int i = 0; i < s.size(); i++) {
            buffer.setDouble(i, values[i % values.length]);
        }
        leaves.add(buffer);
        return put(new Op.Data(s, dtype), List.of(), leaves.size() - 1);
    }

    /// An F32 leaf of what arithmetic finds hard.
    int hard(int... shape) {
        return leaf(DType.F32, shape, HARD);
    }

    /// A BOOL leaf.
    int mask(int... shape) {
        return leaf(DType.BOOL, shape, 1, 0, 0, 1, 1, 0, 1);
    }

    /// A constant that is part of the structure.
    int full(DType dtype, double value, int... shape) {
        return put(new Op.Full(Shape.of(shape), dtype, value), List.of(), -1);
    }

    /// A constant whose value is an argument.
    int lifted(DType dtype, double value, int... shape) {
        scalars.add(value);
        return put(new Op.Full(Shape.of(shape), dtype, Double.NaN), List.of(), scalars.size() - 1);
    }

    /// An operation.
    ///
    /// @throws IllegalArgumentException if the operands do not fit
    int op(Op op, Integer... inputs) {
        return put(op, List.of(inputs), -1);
    }

    int unary(UnaryOp function, int x) {
        return op(new Op.Unary(function), x);
    }

    int binary(BinaryOp function, int x, int y) {
        return op(new Op.Binary(function), x, y);
    }

    int cast(DType to, int x) {
        return op(new Op.Cast(to), x);
    }

    int select(int condition, int yes, int no) {
        return op(new Op.Select(), condition, yes, no);
    }

    int reduce(ReduceOp how, int x, Integer... axes) {
        return op(new Op.Reduce(how, List.of(axes)), x);
    }

    int reshape(int x, int... shape) {
        return op(new Op.Reshape(Shape.of(shape)), x);
    }

    int broadcast(int x, int... shape) {
        return op(new Op.Broadcast(Shape.of(shape)), x);
    }

    int permute(int x, Integer... order) {
        return op(new Op.Permute(List.of(order)), x);
    }

    /// A slice of a matrix.
    int slice(int x, int row, int column, int rows, int columns, int rowStep, int columnStep) {
        return op(new Op.Slice(List.of(row, column), List.of(rows, columns), List.of(rowStep, columnStep)), x);
    }

    /// A padded matrix.
    int pad(int x, double value, int top, int bottom, int left, int right) {
        return op(new Op.Pad(List.of(top, left), List.of(bottom, right), List.of(0, 0), value), x);
    }

    int concat(int axis, Integer... parts) {
        return op(new Op.Concat(axis), parts);
    }

    private int put(Op op, List<Integer> inputs, int argument) {
        Typing.Type type = Typing.infer(op, inputs.stream().map(types::get).toList());
        entries.add(new Entry(op, inputs, type.shape(), type.dtype(), argument));
        types.add(Node.data(Buffer.allocate(type.dtype(), type.shape().size()), type.shape()));
        return entries.size() - 1;
    }

    int size() {
        return entries.size();
    }

    Entry entry(int number) {
        return entries.get(number);
    }

    /// All that was written.
    Graph graph(Integer... roots) {
        return new Graph(List.copyOf(entries), List.of(roots));
    }

    /// The graph without what the roots do not need; equal entries stay apart.
    Graph needed(Integer... roots) {
        boolean[] needed = new boolean[entries.size()];
        for (int r : roots) {
            needed[r] = true;
        }
        for (int i = needed.length - 1; i >= 0; i--) {
            for (int in : needed[i] ? entries.get(i).inputs() : List.<Integer>of()) {
                needed[in] = true;
            }
        }
        int[] renamed = new int[needed.length];
        List<Entry> kept = new ArrayList<>();
        for (int i = 0; i < needed.length; i++) {
            if (needed[i]) {
                Entry e = entries.get(i);
                renamed[i] = kept.size();
                List<Integer> in = e.inputs().stream().map(k -> renamed[k]).toList();
                kept.add(new Entry(e.op(), in, e.shape(), e.dtype(), e.argument()));
            }
        }
        return new Graph(
                List.copyOf(kept), Arrays.stream(roots).map(r -> renamed[r]).toList());
    }

    List<Buffer> run(Backend backend, Graph graph) {
        double[] arguments = scalars.stream().mapToDouble(Double::doubleValue).toArray();
        return backend.compile(graph)
                .run(leaves, arguments, Collections.nCopies(graph.roots().size(), null));
    }

    /// What a pass makes of the graph, which is asserted to have the same results.
    Graph simplified(Pass pass, Integer... roots) {
        Graph graph = needed(roots);
        Graph simple = pass.apply(graph);
        assertSame(pass, graph, simple);
        return simple;
    }

    /// Asserts that a pass finds nothing to do.
    void assertKept(Pass pass, Integer... roots) {
        Graph graph = needed(roots);
        assertThat(pass.apply(graph)).isSameAs(graph);
    }

    /// Asserts that two graphs have the same results on the reference backend, bit for bit.
    void assertSame(Pass pass, Graph graph, Graph simple) {
        assertThat(simple.roots()).hasSameSizeAs(graph.roots());
        String name = pass.getClass().getSimpleName();
        String difference = difference(run(REFERENCE, graph), run(REFERENCE, simple));
        if (difference != null) {
            fail("%s: %s%nit was%n%s%nand became%n%s", name, difference, listing(graph), simple);
        }
    }

    /// What tells results from others, NaN being NaN; null if nothing does.
    static @Nullable String difference(List<Buffer> expected, List<Buffer> actual) {
        for (int r = 0; r < expected.size(); r++) {
            Buffer e = expected.get(r);
            Buffer a = actual.get(r);
            if (a.dtype() != e.dtype() || a.size() != e.size()) {
                return "result %d is %s[%d], expected %s[%d]".formatted(r, a.dtype(), a.size(), e.dtype(), e.size());
            }
            boolean fractions = e.dtype().isFloating() || e.dtype().isHalf();
            for (int i = 0; i < e.size(); i++) {
                boolean same =
                        fractions ? Double.compare(a.getDouble(i), e.getDouble(i)) == 0 : a.getLong(i) == e.getLong(i);
                if (!same) {
                    return "element %d of result %d is %s, expected %s".formatted(i, r, a.getDouble(i), e.getDouble(i));
                }
            }
        }
        return null;
    }

    /// The graph with its arguments, for reading.
    String listing(Graph graph) {
        StringBuilder b = new StringBuilder(graph.toString());
        for (int i = 0; i < leaves.size(); i++) {
            Buffer leaf = leaves.get(i);
            double[] values = new double[leaf.size()];
            Arrays.setAll(values, leaf::getDouble);
            b.append("\nargument ").append(i).append(" = ").append(Arrays.toString(values));
        }
        return scalars.isEmpty()
                ? b.toString()
                : b.append("\nscalars = ").append(scalars).toString();
    }

    /// The titles of what a pass leaves of the operations, leaves not counted, in order; the
    /// results are asserted to be the same.
    List<String> left(Pass pass, Integer... roots) {
        return simplified(pass, roots).entries().stream()
                .filter(e -> !e.isLeaf())
                .map(e -> e.op().title())
                .toList();
    }
}
