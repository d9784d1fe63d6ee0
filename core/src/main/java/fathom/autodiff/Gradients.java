package fathom.autodiff;

import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Reverse-mode differentiation, as a transformation of the graph.
///
/// The gradient of a tensor is a tensor like any other: nothing is computed until it is read, it is
/// compiled together with what it was derived from, and it can be differentiated again.
///
/// ```java
/// var x = Tensor.scalar(3);
/// var y = x.mul(x).mul(x);
/// var slope = Gradients.of(y, x);          // 27
/// var curvature = Gradients.of(slope, x);  // 18
/// ```
public final class Gradients {
    private Gradients() {}

    /// The gradient of a scalar with respect to one tensor, shaped as that.
    ///
    /// @throws IllegalArgumentException if `y` has more than one element, is not F32 or F64, or
    ///   does not depend on `x`
    public static Tensor of(Tensor y, Tensor x) {
        return of(y, List.of(x)).getFirst();
    }

    /// The gradients of a scalar with respect to several tensors, in their order.
    ///
    /// @throws IllegalArgumentException if `y` has more than one element, is not F32 or F64, or
    ///   does not depend on one of them
    public static List<Tensor> of(Tensor y, List<Tensor> xs) {
        return required(y, xs, ofUsed(y, xs));
    }

    /// As [#of(Tensor, List)], with null for a tensor that `y` does not depend on.
    ///
    /// @throws IllegalArgumentException if `y` has more than one element or is not F32 or F64
    public static List<@Nullable Tensor> ofUsed(Tensor y, List<Tensor> xs) {
        String message = "gradients: of a tensor of shape %s, expected one element; sum() or mean() it, or call"
                + " vectorJacobian";
        Require.that(y.size() == 1, message, y.shape());
        return backward(y, Tensor.full(y.shape(), y.dtype(), 1), xs);
    }

    /// The product of a cotangent, shaped as `y`, with the Jacobian of `y`: the gradient of `(y *
    /// cotangent).sum()`.
    ///
    /// @throws IllegalArgumentException if shape or dtype of the cotangent differ from those of
    ///   `y`, or `y` does not depend on one of the tensors
    public static List<Tensor> vectorJacobian(Tensor y, Tensor cotangent, List<Tensor> xs) {
        boolean fits = cotangent.type().equals(y.type());
        Require.that(fits, "vectorJacobian: a cotangent of %s, expected %s", cotangent.type(), y.type());
        return required(y, xs, backward(y, cotangent, xs));
    }

    /// A function of a tensor whose steps are not kept for the gradient, but computed anew when that
    /// is: less memory for more time. Only the argument is kept. Chen, Xu, Zhang and Guestrin:
    /// *Training deep nets with sublinear memory cost* (2016).
    ///
    /// @param function what is computed, of the argument and of tensors that are there already
    /// @throws IllegalArgumentException if the function reads elements of what it computes
    public static Tensor checkpoint(UnaryOperator<Tensor> function, Tensor x) {
        return checkpoint(all -> function.apply(all.getFirst()), List.of(x));
    }

    /// [#checkpoint(UnaryOperator, Tensor)] of several tensors. What does not depend on the first of
    /// them is kept.
    ///
    /// @param function what is computed, of the arguments and of tensors that are there already
    /// @throws IllegalArgumentException if the function reads elements of what it computes
    public static Tensor checkpoint(Function<List<Tensor>, Tensor> function, List<Tensor> xs) {
        List<Tensor> stand = xs.stream()
                .map(x -> Tensor.of(new Op.Data(x.shape(), x.dtype())))
                .toList();
        Node y = function.apply(stand).node();
        List<Node> arguments = new ArrayList<>();
        stand.forEach(t -> arguments.add(t.node()));
        List<Node> operands = new ArrayList<>();
        xs.forEach(x -> operands.add(x.node()));
        for (Node n : Graph.topological(List.of(y))) {
            boolean isLeaf = n.isEvaluated() || n.op() instanceof Op.Data;
            if (isLeaf && !arguments.contains(n)) {
                arguments.add(n);
                operands.add(n);
            }
        }
        return new Tensor(Node.of(new Op.Checkpoint(Graph.closed(List.of(y), arguments)), operands));
    }

    private static List<Tensor> required(Tensor y, List<Tensor> xs, List<@Nullable Tensor> gradients) {
        List<Tensor> out = new ArrayList<>();
        for (int i = 0; i < gradients.size(); i++) {
            Tensor g = gradients.get(i);
            if (g == null) {
                throw new IllegalArgumentException("gradients: %s does not depend on tensor %s, %s"
                        .formatted(y.node(), i, xs.get(i).node()));
            }
            out.add(g);
        }
        return out;
    }

    private static List<@Nullable Tensor> backward(Tensor y, Tensor seed, List<Tensor> xs) {
        Require.that(y.dtype().isFloating(), "gradients: of a tensor of %s, expected F32 or F64", y.dtype());
        Set<Node> targets = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Tensor x : xs) {
            // Constants are folded away while the graph is built: the result could lack a part.
            String message = "gradients: by %s, a constant; copy() it, or make it a Variable, before it is used";
            Require.that(!(x.node().op() instanceof Op.Full), message, x.node());
            targets.add(x.node());
        }
        List<Node> order = topological(y.node());
        Set<Node> needed = dependents(order, targets);
        Map<Node, Tensor> gradients = new IdentityHashMap<>();
        if (needed.contains(y.node())) {
            gradients.put(y.node(), seed);
        }
        for (Node n : order.reversed()) {
            Tensor dy = gradients.get(n);
            if (dy == null || !isAnyIn(n.inputs(), needed)) {
                continue;
            }
            List<@Nullable Tensor> parts = new Derivatives(n, dy, needed).ofOperands();
            for (int i = 0; i < parts.size(); i++) {
                Tensor part = parts.get(i);
                Node input = n.inputs().get(i);
                if (part != null && needed.contains(input)) {
                    gradients.merge(input, part, Tensor::add);
                }
            }
        }
        List<@Nullable Tensor> out = new ArrayList<>();
        xs.forEach(x -> out.add(gradients.get(x.node())));
        return out;
    }

    /// The nodes that depend on a target, targets included.
    private static Set<Node> dependents(List<Node> order, Set<Node> targets) {
        Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Node n : order) {
            if (targets.contains(n) || !(n.op() instanceof Op.StopGradient) && isAnyIn(n.inputs(), needed)) {
                needed.add(n);
            }
        }
        return needed;
    }

    private static boolean isAnyIn(List<Node> nodes, Set<Node> set) {
        for (int i = 0; i < nodes.size(); i++) {
            if (set.contains(nodes.get(i))) {
                return true;
            }
        }
        return false;
    }

    /// All nodes below one, evaluated or not, operands first.
    private static List<Node> topological(Node root) {
        return Graph.topological(List.of(root), n -> {
            String lost = "gradients: through a chain of more than 20000 operations, whose history was given up to save"
                    + " memory; start it from a Variable to keep the history";
            Require.that(!n.isHistoryLost(), lost);
            return false;
        });
    }
}
