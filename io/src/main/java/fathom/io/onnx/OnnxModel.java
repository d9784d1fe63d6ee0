package fathom.io.onnx;

import fathom.io.onnx.format.ExternalData;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import fathom.io.onnx.format.TensorProto;
import fathom.io.onnx.format.ValueInfo;
import fathom.io.onnx.operators.Operators;
import fathom.io.onnx.run.Runner;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.tensor.Compiled;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A model from an ONNX file: a function of named tensors, with parameters that can be trained.
///
/// ```java
/// var model = OnnxModel.read(Path.of("model.onnx"));
/// var outputs = model.predict(Map.of("x", x));
/// ```
///
/// Its operators are expressed with the operations of [Tensor], so what it computes is lazy, compiled,
/// and differentiable like anything else. Images are `[N, C, H, W]` here, as ONNX has them.
///
/// Initialisers of floating point numbers with at least one axis are parameters, named as in the file,
/// but for those that an operator takes for a setting, such as the scales of `Resize` or the statistics
/// of `BatchNormalization`. Weights of convolutions are laid out as in [fathom.nn]: `[KH, KW, C, K]`.
///
/// Elements of types that [DType] lacks are carried in a wider one: int8, uint16 and int16 in I32, uint32
/// and uint64 in I64. Halves are taken and given as such, and computed with as ONNX says, rounded after
/// each operation.
public final class OnnxModel implements Module {
    private final List<ValueInfo> places;
    private final List<ValueInfo> outputs;
    private final List<ValueInfo> inputs;
    private final Set<String> optional;
    private final Map<String, Parameter> parameters;
    private final Runner runner;
    private final boolean isRandom;
    private final Map<List<String>, Compiled> compiled = new ConcurrentHashMap<>();

    private OnnxModel(ModelProto model) {
        GraphProto graph = Initializers.lifted(model.graph());
        Set<String> initial =
                graph.initializers().stream().map(TensorProto::name).collect(Collectors.toSet());
        this.places = graph.inputs();
        this.outputs = graph.outputs();
        boolean old = model.irVersion() < 4;
        // Before version 4 of the format every initialiser was an input as well.
        this.inputs = graph.inputs().stream()
                .filter(i -> !(old && initial.contains(i.name())))
                .toList();
        this.optional = new HashSet<>(initial);
        this.parameters = new LinkedHashMap<>();
        Map<String, Supplier<Tensor>> values = new LinkedHashMap<>();
        Initializers.weights(graph, Operators.TABLE).forEach((name, weight) -> {
            parameters.put(name, weight.parameter());
            values.put(name, weight::value);
        });
        this.runner = Runner.of(Operators.TABLE, model, graph, values);
        this.isRandom = runner.isRandom();
    }

    /// Reads a model, and the files beside it in which its tensors are.
    ///
    /// @throws IllegalArgumentException if the file is not a sound one, or has something that is not
    ///   supported: then the message names all of that, each node with its operator and the version of
    ///   the operators
    /// @throws UncheckedIOException if it cannot be read
    public static OnnxModel read(Path file) {
        ModelProto model = ExternalData.resolve(ModelReader.read(file), file);
        try {
            return new OnnxModel(model);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /// The inputs: name, type and shape, with names for sizes that may differ from call to call.
    public List<ValueInfo> inputs() {
        return inputs;
    }

    /// The outputs: name, type and shape, as far as the file says it.
    public List<ValueInfo> outputs() {
        return outputs;
    }

    /// The parameters by their names in the file.
    @Override
    public Map<String, Object> parts() {
        return Collections.unmodifiableMap(parameters);
    }

    /// The output of a model with one input and one output.
    ///
    /// @throws IllegalArgumentException if it has more, or the tensor does not fit
    @Override
    public Tensor forward(Tensor x) {
        List<String> needed = inputs.stream()
                .map(ValueInfo::name)
                .filter(n -> !optional.contains(n))
                .toList();
        String message = "a model of the inputs %s and outputs %s, expected one of each: run() takes more";
        boolean one = needed.size() == 1 && outputs().size() == 1;
        Require.that(one, message, inputs, outputs());
        return run(Map.of(needed.getFirst(), x)).values().iterator().next();
    }

    /// The outputs for given inputs, by name. Nothing is computed until it is read;
    /// [Tensor#evaluateAll] computes several outputs in one program.
    ///
    /// @param given the inputs by name; those that have an initialiser may be left out
    /// @return the outputs by name, in their order
    /// @throws IllegalArgumentException if an input is missing, unknown, or of another type than the file
    ///   says; or if shapes do not fit, then the message names the node
    public Map<String, Tensor> run(Map<String, Tensor> given) {
        List<String> names = inputs.stream().map(ValueInfo::name).toList();
        for (String name : given.keySet()) {
            Require.that(names.contains(name), "no input '%s', expected those of %s", name, inputs);
        }
        List<@Nullable Value> values = new ArrayList<>();
        for (ValueInfo input : places) {
            Tensor tensor = given.get(input.name());
            boolean fits = tensor != null || optional.contains(input.name());
            Require.that(fits, "input '%s' is missing, expected %s", input.name(), input);
            values.add(tensor == null ? null : Inputs.value(input, tensor));
        }
        List<Value> results = results(values, given);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            Value v = results.get(i);
            outputs.put(outputs().get(i).name(), v.tensor().cast(v.type().outside()));
        }
        return outputs;
    }

    /// The outputs for given inputs, by name, computed at once and without history: for serving.
    ///
    /// They are those of [#run] to the last bit. But the graph is built once for each set of shapes, which
    /// [#run] does in every call; of a small model and a single sample that is a third of the time. A
    /// model that depends on chance, or on its inputs' elements in ways that change the graph, is run as
    /// by [#run].
    ///
    /// @param given the inputs by name; those that have an initialiser may be left out
    /// @return the outputs by name, in their order
    /// @throws IllegalArgumentException as [#run] does
    public Map<String, Tensor> predict(Map<String, Tensor> given) {
        if (isRandom || Context.isTraining()) {
            Map<String, Tensor> lazy = run(given);
            Tensor.evaluateAll(lazy.values().toArray(Tensor[]::new));
            Map<String, Tensor> results = new LinkedHashMap<>();
            lazy.forEach((name, tensor) -> results.put(name, tensor.detach()));
            return results;
        }
        // In one order, whatever the map's is.
        SortedMap<String, Tensor> sorted = new TreeMap<>(given);
        Compiled function = compiled.computeIfAbsent(List.copyOf(sorted.keySet()), this::compiled);
        List<Tensor> results = function.call(List.copyOf(sorted.values()));
        Map<String, Tensor> byName = new LinkedHashMap<>();
        for (int i = 0; i < results.size(); i++) {
            byName.put(outputs.get(i).name(), results.get(i));
        }
        return byName;
    }

    private Compiled compiled(List<String> names) {
        return Compiled.of(
                tensors -> {
                    Map<String, Tensor> given = new LinkedHashMap<>();
                    for (int i = 0; i < names.size(); i++) {
                        given.put(names.get(i), tensors.get(i));
                    }
                    return List.copyOf(run(given).values());
                },
                parameters.values().stream().map(Parameter::variable).toList());
    }

    private List<Value> results(List<@Nullable Value> values, Map<String, Tensor> given) {
        try {
            return runner.run(values);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(e.getMessage() + Inputs.unusual(inputs, given), e);
        }
    }
}
