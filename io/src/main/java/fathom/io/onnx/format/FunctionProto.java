package fathom.io.onnx.format;

import java.util.List;
import java.util.Map;

/// An operator that a model defines by others.
///
/// @param domain whose it is
/// @param name the operator's name
/// @param overload which of several functions of that name
/// @param inputs the names of its operands inside
/// @param outputs the names of its results inside
/// @param attributes the names of the attributes that a call has to give
/// @param defaults the attributes that a call may give, with the values that they have else
/// @param nodes what it computes
/// @param opsets the versions of the operators in it, by domain
public record FunctionProto(
        String domain,
        String name,
        String overload,
        List<String> inputs,
        List<String> outputs,
        List<String> attributes,
        Map<String, AttributeValue> defaults,
        List<NodeProto> nodes,
        Map<String, Long> opsets) {
    public FunctionProto {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = List.copyOf(attributes);
        defaults = Map.copyOf(defaults);
        nodes = List.copyOf(nodes);
        opsets = Map.copyOf(opsets);
    }
}
