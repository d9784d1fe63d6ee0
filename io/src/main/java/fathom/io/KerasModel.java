package fathom.io;

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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A model that was made in Keras 2 or 3, put together from what its file says it is made of.
///
/// ```java
/// var model = KerasModel.read(KerasFile.open(Path.of("digits.keras")));
/// var probabilities = model.apply(images);
/// ```
///
/// It is a `Sequential` model or a graph, whose layers are called once each and may be models
/// themselves. Its parameters are named by Keras' layers, as in `Conv1.weight`, and can be trained:
/// layers that are not `trainable` have frozen ones, and leave their running statistics as they are.
/// What regularisers, constraints and initialisers a layer has is not taken over, nor is the dropout
/// within recurrent layers, which is for training alone.
public final class KerasModel implements Module {
    private final List<String> inputs;
    private final List<KerasStep> steps;
    private final List<String> outputs;
    private final List<Variable> frozen;

    private KerasModel(List<String> inputs, List<KerasStep> steps, List<String> outputs) {
        this.inputs = List.copyOf(inputs);
        this.steps = List.copyOf(steps);
        this.outputs = List.copyOf(outputs);
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

    /// Reads a whole model from a file of Keras 3, `*.keras`, or of Keras 2, `*.h5`.
    ///
    /// @throws IllegalArgumentException if the file is damaged or has weights alone, or as from [#of]
    /// @throws UncheckedIOException if the file cannot be read
    public static KerasModel read(KerasFile file) {
        ModelConfiguration topology = file.topology()
                .orElseThrow(() -> new IllegalArgumentException(
                        file.path() + ": weights alone, expected a whole model, as Keras' model.save writes it"));
        return of(topology, file.readAll());
    }

    /// Puts a model together.
    ///
    /// @param topology `class_name` and `config`, as Keras' `to_json` writes them
    /// @param weights by the names of layer and weight, as in `Conv1/kernel`, or as Keras 3 numbers them, as in
    ///   `layers/conv2d/vars/0`
    /// @throws IllegalArgumentException if it has layers or settings that Fathom does not have, all
    ///   such layers named at once, or weights that do not fit
    public static KerasModel of(ModelConfiguration topology, Map<String, Tensor> weights) {
        Set<String> unknown = new TreeSet<>();
        addUnknown(topology, unknown);
        Require.that(unknown.isEmpty(), "%s: layers that Fathom does not read: %s", topology.where(), unknown);
        KerasPool pool = KerasPool.of(weights);
        KerasModel model = of(topology, pool);
        pool.checkAllUsed(topology.where());
        return model;
    }

    private static boolean isModel(ModelConfiguration layer) {
        return Set.of("Sequential", "Model", "Functional").contains(layer.text("class_name"));
    }

    private static boolean isInput(ModelConfiguration layer) {
        return layer.text("class_name").equals("InputLayer");
    }

    private static void addUnknown(ModelConfiguration model, Set<String> unknown) {
        Require.that(
                isModel(model),
                "%s: a %s, expected a Sequential, Model or Functional",
                model.where(),
                SafetensorsHeader.quoted(model.text("class_name")));
        List<ModelConfiguration> layers = layers(model);
        for (ModelConfiguration layer : layers) {
            if (isModel(layer)) {
                addUnknown(layer, unknown);
            } else if (!isInput(layer) && !KerasLayers.has(layer)) {
                unknown.add(SafetensorsHeader.quoted(layer.text("class_name")));
            }
        }
        Require.that(!layers.stream().allMatch(KerasModel::isInput), "%s: no layers, expected some", model.where());
    }

    /// Sequential models of old are an array of layers and nothing else.
    private static boolean isBare(ModelConfiguration model) {
        return model.values().get("config") instanceof List;
    }

    private static ModelConfiguration config(ModelConfiguration model) {
        return isBare(model) ? model : model.object("config").orElse(model);
    }

    private static List<ModelConfiguration> layers(ModelConfiguration model) {
        return TensorFlowJs.objects(config(model), isBare(model) ? "config" : "layers");
    }

    private static String name(ModelConfiguration layer) {
        return layer.has("name") ? layer.text("name") : config(layer).text("name");
    }

    // ---- which layer follows which ----

    private static KerasModel of(ModelConfiguration model, KerasPool pool) {
        List<ModelConfiguration> layers = layers(model);
        boolean isSequential = model.text("class_name").equals("Sequential");
        Set<String> models = new HashSet<>();
        layers.stream().filter(KerasModel::isModel).map(KerasModel::name).forEach(models::add);
        String before = "input";
        List<String> inputs = isSequential ? List.of(before) : KerasCalls.ends(config(model), "input_layers", models);
        Set<String> known = new HashSet<>(inputs);
        Map<String, Integer> kinds = new HashMap<>();
        List<KerasStep> steps = new ArrayList<>();
        for (ModelConfiguration layer : layers) {
            if (!isInput(layer)) {
                List<String> follows = isSequential ? List.of(before) : KerasCalls.inputs(layer, models);
                KerasStep step = step(layer, follows, pool, kinds);
                check(layer, step, known);
                steps.add(step);
                before = step.name();
            }
        }
        List<String> outputs = isSequential ? List.of(before) : KerasCalls.ends(config(model), "output_layers", models);
        for (String output : outputs) {
            Require.that(known.contains(output), "%s: no layer '%s', which is the output", model.where(), output);
        }
        return new KerasModel(inputs, steps, outputs);
    }

    /// Keras writes layers after those that they follow.
    private static void check(ModelConfiguration layer, KerasStep step, Set<String> known) {
        String where = layer.where() + ": layer " + SafetensorsHeader.quoted(step.name());
        for (String name : step.inputs()) {
            Require.that(known.contains(name), "%s follows '%s', expected a layer before it", where, name);
        }
        Require.that(known.add(step.name()), "%s is there twice", where);
    }

    private static KerasStep step(
            ModelConfiguration layer, List<String> follows, KerasPool pool, Map<String, Integer> kinds) {
        String name = name(layer);
        String kind = layer.text("class_name");
        if (isModel(layer)) {
            KerasPool own = pool.takeModel(name, kind, kinds);
            KerasModel inner = of(layer, own);
            if (own != pool) {
                own.checkAllUsed(layer.where());
            }
            Require.that(
                    inner.outputs.size() == 1 && inner.inputs.size() == follows.size(),
                    "%s: model %s with %s inputs of %s and %s outputs, expected all and one",
                    layer.where(),
                    SafetensorsHeader.quoted(name),
                    follows.size(),
                    inner.inputs.size(),
                    inner.outputs.size());
            return new KerasStep(
                    name,
                    follows,
                    Optional.of(inner),
                    List.of(),
                    x -> inner.run(x).getFirst());
        }
        ModelConfiguration config = layer.object("config")
                .orElseThrow(() -> new IllegalArgumentException(layer.where() + ": no 'config', expected an object"));
        Map<String, Tensor> weights = pool.take(name, kind, kinds);
        return KerasLayers.build(new KerasLayer(name, kind, config, follows, weights, pool.isNumbered()));
    }

    // ---- use ----

    /// The layers' names, in the order in which they are computed.
    public List<String> layers() {
        return steps.stream().map(KerasStep::name).toList();
    }

    /// The names of the inputs, as many as [#run] is given tensors.
    public List<String> inputs() {
        return inputs;
    }

    /// The names of the layers whose results [#run] gives.
    public List<String> outputs() {
        return outputs;
    }

    /// Of a model with one input and one output.
    ///
    /// @param x `[N, ...]` of the shape that the model was made for, images as `[N, H, W, C]`
    /// @throws IllegalArgumentException if the model has several inputs or outputs, or the shape does
    ///   not fit; the message names the layer
    @Override
    public Tensor forward(Tensor x) {
        Require.that(outputs.size() == 1, "a model with outputs %s, expected one: use run", outputs);
        return run(List.of(x)).getFirst();
    }

    /// Of a model with any number of inputs and outputs.
    ///
    /// @param given a tensor for each of [#inputs]
    /// @return one for each of [#outputs]
    /// @throws IllegalArgumentException if there are more or fewer, or a shape does not fit
    public List<Tensor> run(List<Tensor> given) {
        Require.that(given.size() == inputs.size(), "%s tensors for inputs %s", given.size(), inputs);
        return Context.frozen(frozen, () -> {
            Map<String, Tensor> results = new HashMap<>();
            for (int i = 0; i < given.size(); i++) {
                results.put(inputs.get(i), given.get(i));
            }
            for (KerasStep step : steps) {
                results.put(step.name(), step.function().apply(all(results, step.inputs())));
            }
            return all(results, outputs);
        });
    }

    private static List<Tensor> all(Map<String, Tensor> results, List<String> names) {
        List<Tensor> all = new ArrayList<>();
        names.forEach(name -> all.add(Objects.requireNonNull(results.get(name))));
        return all;
    }

    @Override
    public Map<String, Object> parts() {
        Map<String, Object> parts = new LinkedHashMap<>();
        steps.forEach(step -> step.module().ifPresent(module -> parts.put(step.name(), module)));
        return Collections.unmodifiableMap(parts);
    }
}
