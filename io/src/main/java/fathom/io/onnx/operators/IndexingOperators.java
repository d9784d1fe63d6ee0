package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.Tensor;
import java.util.List;

/// Operators that pick and place elements by tensors of indices.
final class IndexingOperators {
    private IndexingOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("Gather", 1, IndexingOperators::gather),
                Operator.of("GatherElements", 11, IndexingOperators::gatherElements));
    }

    /// Indices counted from 0, from such that may be counted backwards from -1.
    static Tensor wrapped(Tensor indices, int size) {
        return indices.less(0).select(indices.add(size), indices);
    }

    private static Value gather(Call c) {
        Tensor x = c.tensor(0);
        int axis = c.integer("axis", 0);
        return c.moved(x.take(wrapped(c.tensor(1), x.dim(axis)), axis));
    }

    private static Value gatherElements(Call c) {
        Tensor x = c.tensor(0);
        int axis = c.integer("axis", 0);
        return c.moved(x.takeAlong(wrapped(c.tensor(1), x.dim(axis)), axis));
    }
}
