package fathom.io.onnx.export;

import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a model does with inputs of certain shapes that have no elements: nothing is computed.
///
/// @param steps the operations, operands before users
/// @param outputs the outputs' places among the steps, by name
record Recording(List<Step> steps, Map<String, Integer> outputs) {
    /// An operation.
    ///
    /// @param op the operation
    /// @param inputs the operands' places
    /// @param input which of the model's inputs it is, or -1
    /// @param value the tensor, if its elements are known
    /// @param node the node, if it is not inside of a checkpoint
    /// @param path the part of the model that does it; "" if that is not known
    record Step(
            Op op,
            List<Integer> inputs,
            Shape shape,
            DType dtype,
            int input,
            @Nullable Tensor value,
            @Nullable Node node,
            String path) {}

    /// Runs a model as in inference.
    ///
    /// @throws IllegalArgumentException if it reads elements that depend on its inputs, or throws itself
    static Recording of(
            Module model, Function<Map<String, Tensor>, Map<String, Tensor>> call, Map<String, Tensor> inputs) {
        Map<Node, String> paths = new IdentityHashMap<>();
        Modules.CallListener listener = (path, x, y) -> {
            if (!path.isEmpty()) {
                label(path, x.node(), y.node(), paths);
            }
        };
        Map<String, Tensor> outputs;
        try {
            outputs = Modules.listening(model, listener, () -> Context.inference(() -> call.apply(inputs)));
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException(
                    "the model cannot be recorded: perhaps it reads elements that depend on its inputs, which have none"
                            + " while it is exported (" + e.getMessage() + ")",
                    e);
        }
        Require.that(!outputs.isEmpty(), "the model has no outputs, expected at least one");
        return flat(List.copyOf(inputs.values()), outputs, paths);
    }

    /// An input of which nothing is known but its type.
    static Tensor placeholder(Shape shape, DType dtype) {
        return Tensor.of(new Op.Data(shape, dtype));
    }

    /// Notes what lies between the input and the output of a part, but for what its own parts do.
    private static void label(String path, Node from, Node to, Map<Node, String> paths) {
        Deque<Node> open = new ArrayDeque<>(List.of(to));
        while (!open.isEmpty()) {
            Node n = open.pop();
            boolean inner = n != from && !n.isEvaluated() && !(n.op() instanceof Op.Data);
            if (inner && paths.putIfAbsent(n, path) == null) {
                n.inputs().forEach(open::push);
            }
        }
    }

    private static Recording flat(List<Tensor> inputs, Map<String, Tensor> outputs, Map<Node, String> paths) {
        List<Node> places = inputs.stream().map(Tensor::node).toList();
        List<Node> roots = outputs.values().stream().map(Tensor::node).toList();
        List<Step> steps = new ArrayList<>();
        Map<Node, Integer> numbers = new IdentityHashMap<>();
        Map<Object, Integer> buffers = new HashMap<>();
        for (Node n : Graph.topological(roots)) {
            String path = paths.getOrDefault(n, "");
            List<Integer> operands = n.isEvaluated()
                    ? List.of()
                    : n.inputs().stream().map(numbers::get).toList();
            if (!n.isEvaluated() && n.op() instanceof Op.Checkpoint c) {
                numbers.put(n, expand(c.body(), operands, path, steps));
                continue;
            }
            if (n.isEvaluated()) {
                // Each use of a parameter is a node of its own.
                List<Object> key = List.of(System.identityHashCode(n.value().array()), n.shape());
                Integer known = buffers.get(key);
                Tensor there = known == null ? null : steps.get(known).value();
                if (known != null && there != null && there.node().value() == n.value()) {
                    numbers.put(n, known);
                    continue;
                }
                buffers.put(key, steps.size());
            }
            int input = -1;
            for (int i = 0; i < places.size(); i++) {
                input = places.get(i) == n ? i : input;
            }
            boolean isKnown = n.isEvaluated() || input >= 0 || !(n.op() instanceof Op.Data);
            Require.that(isKnown, "%s inside of the model stands for a value that is not known", n);
            Op op = n.isEvaluated() ? new Op.Data(n.shape(), n.dtype()) : n.op();
            Tensor value = n.isEvaluated() ? Tensor.of(n.value(), n.shape()) : null;
            numbers.put(n, steps.size());
            steps.add(new Step(op, operands, n.shape(), n.dtype(), input, value, n, path));
        }
        Map<String, Integer> results = new LinkedHashMap<>();
        outputs.forEach((name, t) -> results.put(name, numbers.getOrDefault(t.node(), -1)));
        return new Recording(List.copyOf(steps), results);
    }

    /// Puts what a checkpoint computes in its place.
    private static int expand(Graph body, List<Integer> operands, String path, List<Step> steps) {
        List<Integer> made = new ArrayList<>();
        for (Graph.Entry e : body.entries()) {
            if (e.isLeaf()) {
                made.add(operands.get(e.argument()));
                continue;
            }
            List<Integer> in = e.inputs().stream().map(made::get).toList();
            if (e.op() instanceof Op.Checkpoint inner) {
                made.add(expand(inner.body(), in, path, steps));
            } else {
                made.add(steps.size());
                steps.add(new Step(e.op(), in, e.shape(), e.dtype(), -1, null, null, path));
            }
        }
        return made.get(body.roots().getFirst());
    }
}
