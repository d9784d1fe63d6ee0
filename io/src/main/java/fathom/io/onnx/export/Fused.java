package fathom.io.onnx.export;

import java.util.List;
import java.util.function.Function;

/// Several operations that ONNX has one operator for.
///
/// @param inputs what is read from outside
/// @param emit makes the nodes
record Fused(List<Term> inputs, Function<Emitter, Value> emit) {
    Fused {
        inputs = List.copyOf(inputs);
    }
}
