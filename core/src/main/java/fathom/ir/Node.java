package fathom.ir;

import fathom.ir.Typing.Type;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One operation applied to operands: a vertex of the graph that tensors build.
///
/// Nodes are compared by identity. Shape and dtype are checked and computed once, when the node is
/// made. A node's value is absent until it is evaluated; the operands stay reachable afterwards, so
/// that it can still be differentiated.
public final class Node {
    private static final Peephole.Terms<Node> TERMS = new Terms();

    private final Op op;
    private final List<Node> inputs;
    private final Shape shape;
    private final DType dtype;
    private final boolean tracked;
    private final int depth;
    private final int pendingDepth;
    private final long pendingBytes;
    private final long pendingNodes;
    private volatile @Nullable Buffer value;
    private final long version;
    private boolean historyLost;

    private Node(Op op, List<Node> inputs, Type type, boolean tracked, @Nullable Buffer value) {
        this.op = op;
        this.inputs = inputs;
        this.shape = type.shape();
        this.dtype = type.dtype();
        this.value = value;
        this.version = value == null ? 0 : value.version();
        int itself = value == null ? 1 : 0;
        boolean anyTracked = tracked;
        int deepest = 0;
        int deepestPending = 0;
        long bytes = 0;
        long nodes = itself;
        for (Node n : inputs) {
            anyTracked |= n.tracked;
            deepest = Math.max(deepest, n.depth);
            boolean pending = n.value == null;
            long held = pending ? n.pendingBytes : (long) n.shape.size() * n.dtype.bytes();
            bytes = Math.min(Long.MAX_VALUE / 4, bytes + held);
            if (pending) {
                deepestPending = Math.max(deepestPending, n.pendingDepth);
                nodes = Math.min(Long.MAX_VALUE / 4, nodes + n.pendingNodes);
            }
        }
        this.tracked = anyTracked;
        this.depth = deepest + itself;
        this.pendingDepth = deepestPending + itself;
        this.pendingBytes = bytes;
        this.pendingNodes = nodes;
    }

    private Node(Buffer value, Shape shape, boolean tracked) {
        this(new Op.Data(shape, value.dtype()), List.of(), new Type(shape, value.dtype()), tracked, value);
    }

    /// The operation on the operands, or an equal simpler node.
    ///
    /// @throws IllegalArgumentException naming the operation, every operand's shape and dtype and
    ///   what was expected, if they do not fit
    public static Node of(Op op, List<Node> inputs) {
        Type type = Typing.infer(op, inputs);
        Node simpler = Peephole.simplify(TERMS, op, inputs, type.shape(), type.dtype());
        return simpler != null ? simpler : new Node(op, List.copyOf(inputs), type, false, null);
    }

    /// [#of(Op, List)].
    public static Node of(Op op, Node... inputs) {
        return of(op, List.of(inputs));
    }

    /// A leaf over existing elements.
    public static Node data(Buffer value, Shape shape) {
        return new Node(value, shape, false);
    }

    /// A leaf over the present elements of a variable.
    public static Node variable(Buffer value, Shape shape) {
        return new Node(value, shape, true);
    }

    public Op op() {
        return op;
    }

    /// The operands.
    public List<Node> inputs() {
        return inputs;
    }

    public Shape shape() {
        return shape;
    }

    public DType dtype() {
        return dtype;
    }

    public Type type() {
        return new Type(shape, dtype);
    }

    /// Whether a variable is among what this was computed from.
    public boolean tracked() {
        return tracked;
    }

    /// The longest way down to a leaf.
    public int depth() {
        return depth;
    }

    /// The longest way down to a value that is already computed.
    public int pendingDepth() {
        return pendingDepth;
    }

    /// An upper bound on the bytes of the computed values that this node keeps in memory until it
    /// is computed itself.
    public long pendingBytes() {
        return pendingBytes;
    }

    /// An upper bound on the number of nodes below this one that are not computed yet.
    public long pendingNodes() {
        return pendingNodes;
    }

    /// Whether the value is there.
    public boolean isEvaluated() {
        return value != null;
    }

    /// The value.
    ///
    /// @throws IllegalStateException if it is not computed yet, or was a variable's and has been
    ///   overwritten by later updates
    public Buffer value() {
        Buffer v = value;
        if (v == null) {
            throw new IllegalStateException(op.title() + " " + shape + ": not evaluated");
        }
        if (v.version() != version) {
            throw new IllegalStateException("a value of shape " + shape + " was read from a variable that has been"
                    + " updated more than once since: evaluate what depends on it before, or keep a copy()");
        }
        return v;
    }

    /// Gives the node its value. Done once, by the evaluator.
    public void evaluated(Buffer buffer) {
        this.value = buffer;
    }

    /// A leaf that holds an evaluated node's value but not its history. Differentiating through it
    /// is an error, so that a gradient is never silently missing a part.
    public static Node withoutHistory(Node node) {
        Node leaf = new Node(node.value(), node.shape(), false);
        leaf.historyLost = true;
        return leaf;
    }

    /// Whether this leaf was made by [#withoutHistory].
    public boolean isHistoryLost() {
        return historyLost;
    }

    /// One line: operation, shape, dtype.
    @Override
    public String toString() {
        return op.title() + " " + type();
    }

    /// Nodes as simplifications look at them.
    private record Terms() implements Peephole.Terms<Node> {
        @Override
        public Op op(Node x) {
            return x.op;
        }

        @Override
        public List<Node> inputs(Node x) {
            return x.inputs;
        }

        @Override
        public Shape shape(Node x) {
            return x.shape;
        }

        @Override
        public DType dtype(Node x) {
            return x.dtype;
        }

        @Override
        public boolean isEvaluated(Node x) {
            return x.isEvaluated();
        }

        @Override
        public @Nullable Double constant(Node x) {
            return x.op instanceof Op.Full f ? (Double) f.value() : null;
        }

        @Override
        public Node fullLike(Node constant, Shape shape) {
            double value = constant.op instanceof Op.Full f ? f.value() : Double.NaN;
            return make(new Op.Full(shape, constant.dtype, value), shape, constant.dtype, List.of());
        }

        @Override
        public Node make(Op op, Shape shape, DType dtype, List<Node> inputs) {
            return new Node(op, inputs, new Type(shape, dtype), false, null);
        }
    }
}
