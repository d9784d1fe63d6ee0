package fathom.io.onnx.operators;

import fathom.io.onnx.run.Operator;
import java.util.List;

/// Operators that go along time.
final class RecurrentOperators {
    private RecurrentOperators() {}

    static List<Operator> table() {
        return List.of();
    }
}
