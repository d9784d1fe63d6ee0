package fathom.io.onnx.format;

import java.util.List;
import java.util.Map;

/// An operation.
///
/// @param name what it is called, perhaps nothing
/// @param domain whose operator it is; the standard one is ""
/// @param operator the operator's name
/// @param overload which of several functions of that name
/// @param inputs the names of its operands; "" for one that is left out
/// @param outputs the names of its results; "" for one that nobody wants
/// @param attributes what else it says
public record NodeProto(
        String name,
        String domain,
        String operator,
        String overload,
        List<String> inputs,
        List<String> outputs,
        Map<String, AttributeValue> attributes) {
    public NodeProto {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Map.copyOf(attributes);
    }

    /// Its name, or that of its first result: something to find it by.
    public String title() {
        return !name.isEmpty()
                ? name
                : outputs.stream().filter(o -> !o.isEmpty()).findFirst().orElse("without a name");
    }
}
