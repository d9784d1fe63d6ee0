package fathom.nn.optim;

import fathom.ir.BinaryOp;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A gradient that is zero but for some rows, as that of a table of which rows were taken. It is known by
/// how it would be computed, as a sum of [Op.ScatterAdd]; that itself is then never computed.
///
/// @param indices I32 `[R]`, the rows, of which some may be named several times
/// @param places I32 `[R]`, for each of them where its row is in `sums`
/// @param sums `[R, ...]`, the gradient of each different row, in the order of their indices, and then
///   zeros: its norm is that of the whole gradient
record RowGradient(Tensor indices, Tensor places, Tensor sums) {

    /// The rows of a gradient, or nothing if it may have any.
    static Optional<RowGradient> of(Tensor gradient) {
        List<Node> parts = new ArrayList<>();
        if (!scattered(gradient.node(), parts)) {
            return Optional.empty();
        }
        List<Tensor> indices = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (Node part : parts) {
            Tensor rows = new Tensor(part.inputs().get(1)).cast(DType.I32).flatten(0);
            indices.add(rows);
            values.add(new Tensor(part.inputs().get(0)).reshape(gradient.shape().with(0, rows.dim(0))));
        }
        return Optional.of(of(joined(indices), joined(values)));
    }

    private static RowGradient of(Tensor indices, Tensor values) {
        int count = indices.dim(0);
        Tensor order = indices.argsort(0, false);
        Tensor sorted = indices.take(order, 0);
        Tensor isNew = sorted.slice(0, 1, count)
                .notEqual(sorted.slice(0, 0, count - 1))
                .cast(DType.I32);
        Tensor numbers =
                Tensor.concat(0, Tensor.full(Shape.of(1), DType.I32, 0), isNew).cumsum(0);
        // The inverse of a permutation is what sorts it.
        Tensor places = numbers.take(order.argsort(0, false), 0);
        Tensor zeros = Tensor.full(values.shape(), values.dtype(), 0);
        return new RowGradient(indices, places, zeros.scatterAdd(places, values, 0));
    }

    private static Tensor joined(List<Tensor> parts) {
        return parts.size() == 1 ? parts.getFirst() : Tensor.concat(0, parts);
    }

    /// Whether a node is a sum of rows that are added to zeros, which go to `parts`.
    private static boolean scattered(Node node, List<Node> parts) {
        if (node.isEvaluated()) {
            return false;
        }
        if (node.op() instanceof Op.ScatterAdd s && s.axis() == 0 && s.batch() == 0) {
            return parts.add(node);
        }
        return node.op() instanceof Op.Binary b
                && b.function() == BinaryOp.ADD
                && scattered(node.inputs().get(0), parts)
                && scattered(node.inputs().get(1), parts);
    }

    /// For each of the indices the gradient of its row.
    ///
    /// @param changed what became of `sums`
    Tensor each(Tensor changed) {
        return changed.take(places, 0);
    }
}
