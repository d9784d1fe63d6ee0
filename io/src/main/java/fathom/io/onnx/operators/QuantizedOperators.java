package fathom.io.onnx.operators;

import fathom.io.onnx.run.Operator;
import java.util.List;

/// Operators on integers that stand for numbers on a grid.
final class QuantizedOperators {
    private QuantizedOperators() {}

    static List<Operator> table() {
        return List.of();
    }
}
