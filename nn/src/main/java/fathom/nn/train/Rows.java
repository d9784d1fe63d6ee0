package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Applies a function to many rows, some at a time, so that its intermediate values stay small.
final class Rows {
    private static final int AT_ONCE = 256;

    private Rows() {}

    static Tensor map(Tensor x, UnaryOperator<Tensor> function) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException("predict: a scalar, expected samples along the first axis");
        }
        int n = x.dim(0);
        if (n <= AT_ONCE) {
            return function.apply(x).evaluate();
        }
        // The parts are copies rather than slices: those would be a program each.
        Buffer all = x.buffer();
        int row = x.size() / n;
        List<Tensor> parts = new ArrayList<>();
        for (int from = 0; from < n; from += AT_ONCE) {
            int count = Math.min(AT_ONCE, n - from);
            Buffer part = Buffer.allocate(x.dtype(), count * row);
            System.arraycopy(all.array(), from * row, part.array(), 0, count * row);
            parts.add(function.apply(Tensor.of(part, x.shape().with(0, count))).evaluate());
        }
        Tensor first = parts.getFirst();
        Shape shape = first.shape().with(0, n);
        Buffer result = Buffer.allocate(first.dtype(), shape.size());
        int to = 0;
        for (Tensor part : parts) {
            System.arraycopy(part.buffer().array(), 0, result.array(), to, part.size());
            to += part.size();
        }
        return Tensor.of(result, shape);
    }
}
