package fathom.io.onnx.operators;

import fathom.io.onnx.run.Operator;
import java.util.List;

/// Operators of transformers.
final class AttentionOperators {
    private AttentionOperators() {}

    static List<Operator> table() {
        return List.of();
    }
}
