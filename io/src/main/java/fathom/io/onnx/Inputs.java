package fathom.io.onnx;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;

/// Checks what a model is given.
final class Inputs {
    private Inputs() {}

    /// A tensor as the value of an input.
    ///
    /// @throws IllegalArgumentException if dtype or shape differ from what the file says
    static Value value(ValueInfo input, Tensor tensor) {
        OnnxType type = input.type().orElse(OnnxType.of(tensor.dtype()));
        String message = "input '%s': %s, expected %s, carried in %s";
        DType outside = type.outside();
        boolean fits = tensor.dtype() == outside || tensor.dtype() == type.carrier();
        Require.that(fits && fits(input, tensor), message, input.name(), tensor.type(), input, outside);
        return tensor.dtype() == type.carrier()
                ? Value.computed(type, tensor)
                : Value.of(type, tensor.cast(type.carrier()));
    }

    private static boolean fits(ValueInfo input, Tensor tensor) {
        if (input.shape().isEmpty()) {
            return true;
        }
        List<ValueInfo.Dimension> sizes = input.shape().get();
        boolean fits = sizes.size() == tensor.rank();
        for (int i = 0; fits && i < sizes.size(); i++) {
            fits = !(sizes.get(i) instanceof ValueInfo.Fixed f) || f.size() == tensor.dim(i);
        }
        return fits;
    }
}
