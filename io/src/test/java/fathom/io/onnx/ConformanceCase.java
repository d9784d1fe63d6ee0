package fathom.io.onnx;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Runs a case of the conformance data as the suite's own runner does.
final class ConformanceCase {
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-7;
    /// What the data has for them came from another generator of random numbers: only what both keep can be
    /// compared.
    private static final Set<String> RANDOM = Set.of("Bernoulli", "Dropout", "RandomUniformLike");
    /// The data's bfloat16 were cut off where the specification rounds them: a unit of the last place.
    private static final double UNIT = 0x1p-7;

    private ConformanceCase() {}

    /// Why a case is out of scope, if it is: because of types that Fathom has no tensors of.
    static Optional<String> outOfScope(ModelProto model) {
        for (ValueInfo v : Stream.concat(model.graph().inputs().stream(), model.graph().outputs().stream())
                .toList()) {
            if (!v.kind().equals(ValueInfo.TENSOR)) {
                return Optional.of(v.kind());
            }
            if (v.type().isPresent() && !v.type().get().isSupported()) {
                return Optional.of(v.type().get().toString());
            }
        }
        for (String operator : operators(model.graph())) {
            if (operator.contains("Sequence") && !operator.equals("ReverseSequence")) {
                return Optional.of("sequence");
            }
        }
        return texts(model.graph()) ? Optional.of("string") : Optional.empty();
    }

    private static boolean texts(GraphProto graph) {
        return graph.nodes().stream()
                .flatMap(n -> n.attributes().entrySet().stream())
                .anyMatch(a -> a.getKey().equals("to")
                        && a.getValue() instanceof AttributeValue.Whole w
                        && w.value() == OnnxType.STRING.code());
    }

    /// The names of the operators in a graph and the graphs in it.
    static Set<String> operators(GraphProto graph) {
        Set<String> all = new TreeSet<>();
        for (NodeProto n : graph.nodes()) {
            all.add(n.operator());
            for (AttributeValue a : n.attributes().values()) {
                if (a instanceof AttributeValue.Subgraph s) {
                    all.addAll(operators(s.value()));
                }
            }
        }
        return all;
    }

    /// @return what differs, if anything
    static Optional<String> run(Path folder) {
        OnnxModel model = OnnxModel.read(folder.resolve("model.onnx"));
        GraphProto graph = ModelReader.read(folder.resolve("model.onnx")).graph();
        boolean random = operators(graph).stream().anyMatch(RANDOM::contains);
        for (int set = 0; Files.isDirectory(folder.resolve("test_data_set_" + set)); set++) {
            Path data = folder.resolve("test_data_set_" + set);
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            List<ValueInfo> given = graph.inputs();
            for (int i = 0; i < given.size() && Files.exists(data.resolve("input_" + i + ".pb")); i++) {
                TensorProto t = typed(ModelReader.readTensor(data.resolve("input_" + i + ".pb")), given.get(i));
                inputs.put(given.get(i).name(), Tensor.of(elements(t), Shape.of(t.shape())));
            }
            Map<String, Tensor> outputs = model.run(inputs);
            Tensor.evaluateAll(outputs.values().toArray(Tensor[]::new));
            if (!random && !isSame(model.predict(inputs), outputs)) {
                return Optional.of("predictions differ");
            }
            int i = 0;
            for (Map.Entry<String, Tensor> e : outputs.entrySet()) {
                ValueInfo output = model.outputs().get(i);
                TensorProto expected = typed(ModelReader.readTensor(data.resolve("output_" + i++ + ".pb")), output);
                Optional<String> difference = difference(expected, e.getValue(), random);
                if (difference.isPresent()) {
                    return Optional.of("output '" + e.getKey() + "': " + difference.get());
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isSame(Map<String, Tensor> predicted, Map<String, Tensor> run) {
        return predicted.keySet().equals(run.keySet())
                && run.keySet().stream().allMatch(name -> {
                    Tensor one = Objects.requireNonNull(predicted.get(name));
                    Tensor other = Objects.requireNonNull(run.get(name));
                    return one.type().equals(other.type()) && Arrays.equals(one.toDoubles(), other.toDoubles());
                });
    }

    /// A tensor as the model says it is. NumPy has no bfloat16, and so the data has its bits as uint16.
    private static TensorProto typed(TensorProto t, ValueInfo value) {
        OnnxType type = value.type().orElseThrow();
        if (type != OnnxType.BFLOAT16 || t.type() != OnnxType.UINT16) {
            return t;
        }
        Buffer bits = elements(t);
        Buffer numbers = Buffer.allocate(DType.F32, bits.size());
        for (int i = 0; i < bits.size(); i++) {
            numbers.setDouble(i, Float.intBitsToFloat((int) bits.getLong(i) << 16));
        }
        return new TensorProto(t.name(), type, t.shape(), new TensorProto.Inline(numbers));
    }

    private static Buffer elements(TensorProto t) {
        return ((TensorProto.Inline) t.content()).elements();
    }

    private static Optional<String> difference(TensorProto expected, Tensor found, boolean random) {
        if (found.dtype() != expected.type().outside()) {
            return Optional.of(found.dtype() + ", expected " + expected.type());
        }
        if (!found.shape().toList().equals(expected.shape())) {
            return Optional.of("shape " + found.shape() + ", expected " + expected.shape());
        }
        Buffer right = elements(expected);
        Buffer left = found.buffer();
        for (int i = 0; i < right.size(); i++) {
            double a = left.getDouble(i);
            double b = right.getDouble(i);
            boolean equal = a == b || Double.isNaN(a) && Double.isNaN(b);
            double relative = expected.type() == OnnxType.BFLOAT16 ? UNIT : RELATIVE;
            double tolerance = expected.type().isFloating() ? ABSOLUTE + relative * Math.abs(b) : 0;
            if (!equal && !(random && (a == 0 || b == 0)) && !(Math.abs(a - b) <= tolerance)) {
                return Optional.of("element " + i + " is " + a + ", expected " + b);
            }
        }
        return Optional.empty();
    }
}
