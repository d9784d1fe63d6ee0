package fathom.io;

import fathom.io.KerasLayers.Step;
import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/// A model that was made in Keras 2, put together from what its file says it is made of.
///
/// ```java
/// var model = KerasModel.read(TensorFlowJs.open(Path.of("model.json")));
/// var probabilities = model.apply(images);
/// ```
///
/// It is a `Sequential` model or a graph with one input and one output, whose layers are called once
/// each. Its parameters are named by Keras' layers, as in `Conv1.weight`, and can be trained: layers
/// that are not `trainable` have frozen ones, and leave their running statistics as they are. What
/// regularisers, constraints and initialisers a layer has is not taken over.
public final class KerasModel implements Module {
    private final String input;
    private final List<Step> steps;
    private final String output;
    private final List<Variable> frozen;

    private KerasModel(String input, List<Step> steps, String output) {
        this.input = input;
        this.steps = List.copyOf(steps);
        this.output = output;
        this.frozen = steps.stream().flatMap(step -> step.frozen().stream()).toList();
    }

    /// Reads a layers model of TensorFlow.js.
    ///
    /// @throws IllegalArgumentException if the file is damaged, or as from [#of]
    /// @throws UncheckedIOException if the file cannot be read
    public static KerasModel read(TensorFlowJs file) {
        ModelConfiguration topology = file.topology()
                .orElseThrow(() ->
                        new IllegalArgumentException(file.path() + ": no 'model_config', expected a layers model"));
        return of(topology, file.readAll());
    }

    /// Puts a model together.
    ///
    /// @param topology `class_name` and `config`, as Keras' `to_json` writes them
    /// @param weights by the names of layer and weight, as in `Conv1/kernel`
    /// @throws IllegalArgumentException if it has layers or settings that Fathom does not have, all
    ///   such layers named at once, or weights that do not fit
    public static KerasModel of(ModelConfiguration topology, Map<String, Tensor> weights) {
        String kind = topology.text("class_name");
        boolean isSequential = kind.equals("Sequential");
        boolean isGraph = kind.equals("Model") || kind.equals("Functional");
        Require.that(
                isSequential || isGraph,
                "%s: a %s, expected a Sequential, Model or Functional",
                topology.where(),
                SafetensorsHeader.quoted(kind));
        // Sequential models of old are an array of layers and nothing else.
        boolean isBare = topology.values().get("config") instanceof List;
        ModelConfiguration config =
                isBare ? topology : topology.object("config").orElse(topology);
        List<ModelConfiguration> objects = TensorFlowJs.objects(config, isBare ? "config" : "layers");
        checkKinds(topology, objects);
        List<KerasLayer> layers = isSequential ? chain(topology, objects, weights) : graph(topology, objects, weights);
        String output = isSequential ? layers.getLast().name() : end(config, "output_layers");
        String input = isSequential ? layers.getFirst().inputs().getFirst() : end(config, "input_layers");
        return new KerasModel(input, steps(topology, input, layers, output), output);
    }

    private static void checkKinds(ModelConfiguration topology, List<ModelConfiguration> layers) {
        Set<String> unknown = new TreeSet<>();
        boolean any = false;
        for (ModelConfiguration layer : layers) {
            String kind = layer.text("class_name");
            any |= !isInput(layer);
            if (!isInput(layer) && !KerasLayers.has(kind)) {
                unknown.add(SafetensorsHeader.quoted(kind));
            }
        }
        Require.that(any, "%s: no layers, expected some", topology.where());
        Require.that(unknown.isEmpty(), "%s: layers that Fathom does not read: %s", topology.where(), unknown);
    }

    private static boolean isInput(ModelConfiguration layer) {
        return layer.text("class_name").equals("InputLayer");
    }

    // ---- which layer follows which ----

    private static List<KerasLayer> chain(
            ModelConfiguration topology, List<ModelConfiguration> objects, Map<String, Tensor> weights) {
        Map<String, Map<String, Tensor>> weightsOf = byLayer(weights);
        List<KerasLayer> layers = new ArrayList<>();
        String before = "input";
        for (ModelConfiguration object : objects) {
            if (!isInput(object)) {
                layers.add(layer(object, List.of(before), weightsOf));
                before = layers.getLast().name();
            }
        }
        checkAllUsed(topology, weightsOf);
        return layers;
    }

    private static List<KerasLayer> graph(
            ModelConfiguration topology, List<ModelConfiguration> objects, Map<String, Tensor> weights) {
        Map<String, Map<String, Tensor>> weightsOf = byLayer(weights);
        List<KerasLayer> layers = new ArrayList<>();
        for (ModelConfiguration object : objects) {
            if (!isInput(object)) {
                layers.add(layer(object, inputs(object), weightsOf));
            }
        }
        checkAllUsed(topology, weightsOf);
        return layers;
    }

    private static KerasLayer layer(
            ModelConfiguration object, List<String> inputs, Map<String, Map<String, Tensor>> weightsOf) {
        ModelConfiguration config = object.object("config")
                .orElseThrow(() -> new IllegalArgumentException(object.where() + ": no 'config', expected an object"));
        String name = object.has("name") ? object.text("name") : config.text("name");
        Map<String, Tensor> own = weightsOf.remove(name);
        return new KerasLayer(name, object.text("class_name"), config, inputs, own == null ? Map.of() : own);
    }

    /// The layers that one follows: `[[["before", 0, 0, {}], ...]]`, of which the numbers say which
    /// call of the layer and which of its results.
    private static List<String> inputs(ModelConfiguration object) {
        List<?> calls = object.list("inbound_nodes");
        String where = object.where() + ": " + SafetensorsHeader.quoted(object.text("name")) + ": 'inbound_nodes'";
        boolean isOnce = calls.size() == 1 && calls.getFirst() instanceof List;
        Require.that(isOnce, "%s, expected one call in the words of Keras 2, and there are %s", where, calls.size());
        List<String> inputs = new ArrayList<>();
        for (Object node : (List<?>) calls.getFirst()) {
            inputs.add(first(where, node));
        }
        Require.that(!inputs.isEmpty(), "%s has no layers, expected some", where);
        return inputs;
    }

    /// The name in `["name", 0, 0]`, where no arguments may follow.
    private static String first(String where, Object node) {
        boolean fits = node instanceof List<?> parts
                && parts.size() >= 3
                && parts.get(0) instanceof String
                && parts.get(1).equals(0L)
                && parts.get(2).equals(0L)
                && (parts.size() == 3
                        || parts.get(3) instanceof ModelConfiguration arguments
                                && arguments.values().isEmpty());
        Require.that(fits, "%s, expected [name, 0, 0] and no arguments", where);
        return (String) Objects.requireNonNull(((List<?>) node).getFirst());
    }

    private static String end(ModelConfiguration config, String key) {
        List<?> ends = config.list(key);
        String where = config.where() + ": '" + key + "'";
        Require.that(ends.size() == 1, "%s has %s, expected one", where, ends.size());
        return first(where, ends.getFirst());
    }

    // ---- weights ----

    private static Map<String, Map<String, Tensor>> byLayer(Map<String, Tensor> weights) {
        Map<String, Map<String, Tensor>> all = new LinkedHashMap<>();
        weights.forEach((name, weight) -> {
            int end = name.lastIndexOf('/');
            all.computeIfAbsent(name.substring(0, Math.max(0, end)), _ -> new LinkedHashMap<>())
                    .put(name.substring(end + 1), weight);
        });
        return all;
    }

    private static void checkAllUsed(ModelConfiguration topology, Map<String, Map<String, Tensor>> left) {
        Require.that(
                left.isEmpty(), "%s: weights of layers that it does not have: %s", topology.where(), left.keySet());
    }

    /// Keras writes layers after those that they follow.
    private static List<Step> steps(ModelConfiguration topology, String input, List<KerasLayer> layers, String output) {
        Set<String> before = new HashSet<>(Set.of(input));
        List<Step> steps = new ArrayList<>();
        for (KerasLayer layer : layers) {
            for (String name : layer.inputs()) {
                layer.require(before.contains(name), "follows '%s', expected a layer before it".formatted(name));
            }
            layer.require(before.add(layer.name()), "there twice");
            steps.add(KerasLayers.build(layer));
        }
        Require.that(before.contains(output), "%s: no layer '%s', which is the output", topology.where(), output);
        return steps;
    }

    // ---- use ----

    /// The layers' names, in the order in which they are computed.
    public List<String> layers() {
        return steps.stream().map(Step::name).toList();
    }

    /// @param x `[N, ...]` of the shape that the model was made for, images as `[N, H, W, C]`
    /// @throws IllegalArgumentException if the shape does not fit; the message names the layer
    @Override
    public Tensor forward(Tensor x) {
        return Context.frozen(frozen, () -> run(x));
    }

    private Tensor run(Tensor x) {
        Map<String, Tensor> results = new HashMap<>();
        results.put(input, x);
        for (Step step : steps) {
            List<Tensor> inputs = new ArrayList<>();
            step.inputs().forEach(name -> inputs.add(Objects.requireNonNull(results.get(name))));
            results.put(step.name(), step.function().apply(inputs));
        }
        return Objects.requireNonNull(results.get(output));
    }

    @Override
    public Map<String, Object> parts() {
        Map<String, Object> parts = new LinkedHashMap<>();
        steps.forEach(step -> step.module().ifPresent(module -> parts.put(step.name(), module)));
        return Collections.unmodifiableMap(parts);
    }
}
