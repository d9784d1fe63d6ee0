package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// The rule of the first versions: an operand with fewer axes says at which of the other's it begins.
final class Broadcasting {
    private Broadcasting() {}

    /// The second operand, with axes of size 1 at its end where its `axis` asks for them.
    static Tensor second(Call c) {
        Tensor y = c.tensor(1);
        if (c.opset() >= 7 || !c.gives("axis")) {
            return y;
        }
        int rank = c.shape(0).rank();
        int axis = c.integer("axis", 0);
        int missing = rank - (axis < 0 ? axis + rank : axis) - y.rank();
        int[] sizes = Arrays.copyOf(y.shape().dims(), y.rank() + Math.max(0, missing));
        Arrays.fill(sizes, y.rank(), sizes.length, 1);
        return y.reshape(sizes);
    }
}
