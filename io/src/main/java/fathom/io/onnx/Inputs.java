package fathom.io.onnx;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Checks what a model is given.
final class Inputs {
    private Inputs() {}

    /// A tensor as the value of an input. The sizes that a file says are not insisted on: many files name
    /// the batch that they were exported with, and work for any.
    ///
    /// @throws IllegalArgumentException if the dtype differs from what the file says
    static Value value(ValueInfo input, Tensor tensor) {
        OnnxType type = input.type().orElse(OnnxType.of(tensor.dtype()));
        DType outside = type.outside();
        boolean fits = tensor.dtype() == outside || tensor.dtype() == type.carrier();
        String message = "input '%s': %s, expected %s, carried in %s";
        Require.that(fits, message, input.name(), tensor.type(), input, outside);
        return tensor.dtype() == type.carrier()
                ? Value.computed(type, tensor)
                : Value.of(type, tensor.cast(type.carrier()));
    }

    /// What of the inputs is not as the file says, which may be why a run failed; "" if all is.
    static String unusual(List<ValueInfo> inputs, Map<String, Tensor> given) {
        List<String> all = new ArrayList<>();
        for (ValueInfo input : inputs) {
            Tensor tensor = given.get(input.name());
            if (tensor != null && !fits(input, tensor)) {
                all.add("input '%s' is %s, the file says %s".formatted(input.name(), tensor.type(), input));
            }
        }
        return all.isEmpty() ? "" : " (" + String.join("; ", all) + ")";
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
