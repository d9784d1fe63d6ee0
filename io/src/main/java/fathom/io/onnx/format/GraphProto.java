package fathom.io.onnx.format;

import java.util.List;

/// A graph of operations.
///
/// @param name what it is called
/// @param nodes in an order in which they can be computed
/// @param inputs what it is given; those with an initialiser need not be
/// @param outputs what it gives
/// @param initializers values that are in the file
public record GraphProto(
        String name,
        List<NodeProto> nodes,
        List<ValueInfo> inputs,
        List<ValueInfo> outputs,
        List<TensorProto> initializers) {
    public GraphProto {
        nodes = List.copyOf(nodes);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        initializers = List.copyOf(initializers);
    }
}
