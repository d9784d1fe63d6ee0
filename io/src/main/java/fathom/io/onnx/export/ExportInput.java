package fathom.io.onnx.export;

import fathom.tensor.DType;
import java.util.List;

/// An input of an exported model.
///
/// @param name what it is called
/// @param dtype of its elements
/// @param axes its sizes
record ExportInput(String name, DType dtype, List<Axis> axes) {
    ExportInput {
        axes = List.copyOf(axes);
    }
}
