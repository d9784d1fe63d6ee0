package fathom.io.onnx.operators;

import fathom.io.onnx.run.Operator;
import java.util.List;

/// Operators that sample images and signals.
final class ImageOperators {
    private ImageOperators() {}

    static List<Operator> table() {
        return List.of();
    }
}
