package fathom.io.onnx.format;

import java.util.List;
import java.util.Map;

/// What an ONNX file holds, as it stands there: message by message as in the format's
/// specification, `onnx.proto`.
///
/// @param irVersion the version of the format
/// @param producer the program that wrote it, with its version
/// @param graph what is computed
/// @param opsets the version of the operators by their domain; the standard one is ""
/// @param functions operators that the model defines itself
/// @param metadata free text by key
public record ModelProto(
        long irVersion,
        String producer,
        GraphProto graph,
        Map<String, Long> opsets,
        List<FunctionProto> functions,
        Map<String, String> metadata) {
    public ModelProto {
        opsets = Map.copyOf(opsets);
        functions = List.copyOf(functions);
        metadata = Map.copyOf(metadata);
    }
}
