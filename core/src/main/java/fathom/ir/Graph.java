package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The structure of a computation, freed of its data: what is compiled, and the key under which the
/// compiled program is cached.
///
/// Nodes become numbered entries in topological order, with equal ones merged. Elements that exist
/// already become arguments, and so do constants, except for a few values that simplifications look
/// for: a learning rate that changes every step does not make a new program.
///
/// @param entries the operations, operands before users
/// @param roots the entries whose values are wanted
public record Graph(List<Entry> entries, List<Integer> roots) {

    /// One operation.
    ///
    /// @param op the operation; a lifted constant has the value NaN
    /// @param inputs the operands' numbers
    /// @param shape the result's shape
    /// @param dtype the result's dtype
    /// @param argument the number of the leaf or scalar that it stands for, or -1
    public record Entry(Op op, List<Integer> inputs, Shape shape, DType dtype, int argument) {
        /// Whether this is a lifted constant, whose value is a scalar argument.
        public boolean isScalarArgument() {
            return op instanceof Op.Full && argument >= 0;
        }

        /// Whether this is a leaf, whose elements are a buffer argument.
        public boolean isLeaf() {
            return op instanceof Op.Data;
        }

        /// Of what tells entries apart; shape and dtype follow from it. By hand, as [#equals]: both
        /// are called for every entry of every step.
        @Override
        public int hashCode() {
            return (op.hashCode() * 31 + inputs.hashCode()) * 31 + argument;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Entry e
                    && argument == e.argument
                    && dtype == e.dtype
                    && inputs.equals(e.inputs)
                    && op.equals(e.op)
                    && shape.equals(e.shape);
        }
    }

    /// A graph with the arguments of one run.
    ///
    /// @param graph the structure
    /// @param leaves the nodes that hold the buffer arguments
    /// @param scalars the scalar arguments
    public record Call(Graph graph, List<Node> leaves, double[] scalars) {}

    /// The structure below the given nodes, down to leaves and evaluated nodes.
    ///
    /// @throws UnknownValueException if one of them stands for a value that is not known
    public static Call of(List<Node> roots) {
        return of(roots, List.of());
    }

    /// The same where some nodes stand for values that are given later.
    ///
    /// @param arguments these nodes, which are the first leaves, in this order
    /// @throws UnknownValueException if another node stands for a value that is not known
    public static Call of(List<Node> roots, List<Node> arguments) {
        // The last root first: a step's updates come in the order of the layers, and the gradients of
        // the last layer are the first that can be computed, so that what they need is not kept.
        List<Node> order = topological(roots.reversed());
        List<Entry> entries = new ArrayList<>(order.size());
        List<Node> leaves = new ArrayList<>(arguments);
        double[] scalars = new double[order.size()];
        int scalarCount = 0;
        Map<Node, Integer> numbers = new IdentityHashMap<>(order.size());
        Map<Entry, Integer> known = HashMap.newHashMap(order.size());
        Map<Buffer, Integer> buffers = new IdentityHashMap<>();
        for (Node n : order) {
            Entry e;
            if (n.isEvaluated()) {
                Integer a = buffers.putIfAbsent(n.value(), leaves.size());
                if (a == null) {
                    a = leaves.size();
                    leaves.add(n);
                }
                Op data = n.op() instanceof Op.Data d ? d : new Op.Data(n.shape(), n.dtype());
                e = new Entry(data, List.of(), n.shape(), n.dtype(), a);
            } else if (n.op() instanceof Op.Checkpoint c) {
                List<Integer> operands = numbers(numbers, n.inputs());
                numbers.put(n, expand(c.body(), operands, entries, known));
                continue;
            } else if (n.op() instanceof Op.Full f && !isStructural(f.value())) {
                // One argument for each node, not for each value: which values happen to be equal
                // in one step must not shape the program.
                int a = scalarCount++;
                scalars[a] = f.value();
                Op lifted = new Op.Full(f.shape(), f.dtype(), Double.NaN);
                e = new Entry(lifted, List.of(), n.shape(), n.dtype(), a);
            } else {
                int argument = n.op() instanceof Op.Data ? arguments.indexOf(n) : -1;
                if (argument < 0 && n.op() instanceof Op.Data) {
                    throw new UnknownValueException(n + " stands for a value that is not known here: a tensor made"
                            + " inside of a cell or a checkpoint was used outside");
                }
                e = new Entry(n.op(), numbers(numbers, n.inputs()), n.shape(), n.dtype(), argument);
            }
            numbers.put(n, add(e, entries, known));
        }
        Graph graph = new Graph(List.copyOf(entries), numbers(numbers, roots));
        return new Call(graph, List.copyOf(leaves), Arrays.copyOf(scalars, scalarCount));
    }

    private static int add(Entry e, List<Entry> entries, Map<Entry, Integer> known) {
        Integer there = known.putIfAbsent(e, entries.size());
        if (there != null) {
            return there;
        }
        entries.add(e);
        return entries.size() - 1;
    }

    /// Adds what a closed graph does; its root's number.
    private static int expand(Graph body, List<Integer> operands, List<Entry> entries, Map<Entry, Integer> known) {
        List<Integer> made = new ArrayList<>();
        for (Entry e : body.entries) {
            if (e.isLeaf()) {
                made.add(operands.get(e.argument()));
                continue;
            }
            List<Integer> in = e.inputs().stream().map(made::get).toList();
            made.add(
                    e.op() instanceof Op.Checkpoint inner
                            ? expand(inner.body(), in, entries, known)
                            : add(new Entry(e.op(), in, e.shape(), e.dtype(), -1), entries, known));
        }
        return made.get(body.roots.getFirst());
    }

    /// The structure between some nodes and what is computed from them alone, constants included:
    /// what one step of a recurrence does.
    ///
    /// @param arguments the leaves, which get their numbers in this list
    /// @throws IllegalArgumentException if the roots depend on other leaves
    public static Graph closed(List<Node> roots, List<Node> arguments) {
        List<Entry> entries = new ArrayList<>();
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        Map<Entry, Integer> known = new HashMap<>();
        for (Node n : topological(roots, arguments::contains)) {
            int argument = arguments.indexOf(n);
            boolean isLeaf = n.isEvaluated() || n.op() instanceof Op.Data;
            Require.that(argument >= 0 || !isLeaf, "%s where only what is given may be used", n);
            List<Integer> in = argument >= 0 ? List.of() : numbers(numbers, n.inputs());
            Op op = argument >= 0 ? new Op.Data(n.shape(), n.dtype()) : n.op();
            Entry e = new Entry(op, in, n.shape(), n.dtype(), argument);
            numbers.put(n, known.computeIfAbsent(e, _ -> {
                entries.add(e);
                return entries.size() - 1;
            }));
        }
        return new Graph(List.copyOf(entries), numbers(numbers, roots));
    }

    /// The roots of a closed graph, with nodes for its arguments.
    public List<Node> instantiate(List<Node> arguments) {
        List<Node> made = new ArrayList<>();
        for (Entry e : entries) {
            made.add(
                    e.isLeaf()
                            ? arguments.get(e.argument())
                            : Node.of(e.op(), e.inputs().stream().map(made::get).toList()));
        }
        return roots.stream().map(made::get).toList();
    }

    private static List<Integer> numbers(Map<Node, Integer> numbers, List<Node> nodes) {
        Integer[] in = new Integer[nodes.size()];
        for (int i = 0; i < in.length; i++) {
            Integer number = numbers.get(nodes.get(i));
            if (number == null) {
                throw new IllegalStateException("not in topological order: " + nodes.get(i));
            }
            in[i] = number;
        }
        return List.of(in);
    }

    private static boolean isStructural(double v) {
        return v == 0 || v == 1 || v == -1 || v == 2 || v == 0.5 || Double.isInfinite(v);
    }

    /// The nodes below the roots, each after its operands; evaluated ones count as leaves.
    /// Iterative, so that no depth overflows the stack.
    public static List<Node> topological(List<Node> roots) {
        return topological(roots, Node::isEvaluated);
    }

    /// The nodes below the roots, each after its operands.
    ///
    /// @param isLeaf which nodes to stop at; each is asked once
    public static List<Node> topological(List<Node> roots, Predicate<Node> isLeaf) {
        List<Node> order = new ArrayList<>();
        Map<Node, Boolean> done = new IdentityHashMap<>();
        Deque<Node> stack = new ArrayDeque<>();
        for (Node root : roots) {
            stack.push(root);
            while (!stack.isEmpty()) {
                Node n = stack.peek();
                List<Node> inputs = n.inputs();
                Boolean state = done.putIfAbsent(n, false);
                if (state == null && !isLeaf.test(n) && !inputs.isEmpty()) {
                    for (int i = 0; i < inputs.size(); i++) {
                        if (!done.containsKey(inputs.get(i))) {
                            stack.push(inputs.get(i));
                        }
                    }
                } else {
                    stack.pop();
                    if (!Boolean.TRUE.equals(state)) {
                        done.put(n, true);
                        order.add(n);
                    }
                }
            }
        }
        return order;
    }

    /// How many times each entry is used, roots included.
    public int[] uses() {
        int[] uses = new int[entries.size()];
        for (Entry e : entries) {
            for (int i : e.inputs()) {
                uses[i]++;
            }
        }
        for (int r : roots) {
            uses[r]++;
        }
        return uses;
    }

    /// A listing, one entry a line.
    @Override
    public String toString() {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < entries.size(); i++) {
            Entry e = entries.get(i);
            b.append('%').append(i).append(" = ").append(e.op().title());
            b.append(e.inputs().stream().map(v -> "%" + v).toList());
            b.append(' ').append(e.dtype()).append(e.shape());
            if (e.argument() >= 0) {
                b.append(" argument ").append(e.argument());
            }
            b.append('\n');
        }
        return b.append("return ").append(Arrays.toString(roots.toArray())).toString();
    }
}
