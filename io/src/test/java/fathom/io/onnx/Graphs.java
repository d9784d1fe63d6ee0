package fathom.io.onnx;

import static fathom.io.onnx.Message.message;

import fathom.io.onnx.format.OnnxType;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Models of one node, for tests of operators that the conformance data does not have.
final class Graphs {
    private Graphs() {}

    /// The first result of an operator.
    static Tensor run(int opset, String operator, List<Tensor> inputs, Message... attributes) {
        return run(opset, operator, 1, inputs, attributes).getFirst();
    }

    /// The results of an operator; where a type of ONNX has no dtype of its own, use [#typed].
    static List<Tensor> run(int opset, String operator, int outputs, List<Tensor> inputs, Message... attributes) {
        List<OnnxType> types = inputs.stream().map(t -> OnnxType.of(t.dtype())).toList();
        return typed(opset, operator, outputs, types, inputs, attributes);
    }

    /// The results of an operator whose inputs are of the given types.
    static List<Tensor> typed(
            int opset, String operator, int outputs, List<OnnxType> types, List<Tensor> inputs, Message... attributes) {
        Message graph = message();
        List<String> names = new ArrayList<>();
        Map<String, Tensor> given = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            names.add("x" + i);
            given.put("x" + i, inputs.get(i));
        }
        List<String> results = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            results.add("y" + i);
        }
        graph.with(1, Message.node(operator, names, results, attributes));
        for (int i = 0; i < inputs.size(); i++) {
            graph.with(11, Message.value("x" + i, types.get(i).code()));
        }
        results.forEach(r -> graph.with(12, Message.value(r, 1)));
        return List.copyOf(read(Message.model(opset, graph)).run(given).values());
    }

    /// The model in the bytes of a message.
    static OnnxModel read(Message model) {
        try {
            Path file = Files.createTempFile("model", ".onnx");
            try {
                Files.write(file, model.bytes().toByteArray());
                return OnnxModel.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
