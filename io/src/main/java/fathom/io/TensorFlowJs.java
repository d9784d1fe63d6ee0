package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A model of TensorFlow.js: `model.json` with the files of its weights beside it.
///
/// The weights come in groups, and each group's bytes are cut into files of a few megabytes, so that a
/// weight may begin in one and end in the next. Weights that were quantised to `uint8`, `uint16` or
/// `float16` are read as what they were before.
///
/// What a layers model is made of is its [#topology], of which [KerasModel] makes a module; of a graph
/// model there are the weights alone. Nothing in the file is executed.
public final class TensorFlowJs implements TensorFile {
    private static final String MANIFEST = "weightsManifest";

    private final Path path;
    private final ModelConfiguration json;
    private final Map<String, TensorFlowJsWeight> weights;

    private TensorFlowJs(Path path, ModelConfiguration json, Map<String, TensorFlowJsWeight> weights) {
        this.path = path;
        this.json = json;
        this.weights = Collections.unmodifiableMap(weights);
    }

    /// Looks into a model without reading its weights.
    ///
    /// @param file the JSON file
    /// @throws IllegalArgumentException if it is no such file, names files that are not beside it, or
    ///   these are not as long as the weights take; the message names the file, what was found and
    ///   what was expected
    /// @throws UncheckedIOException if a file cannot be read
    public static TensorFlowJs open(Path file) {
        ModelConfiguration json = ModelConfiguration.read(file);
        Require.that(isModel(json), "%s: no '%s', expected a model of TensorFlow.js", file, MANIFEST);
        return of(file, json);
    }

    /// Whether a JSON file is such a model.
    static boolean isModel(ModelConfiguration json) {
        return json.has(MANIFEST);
    }

    /// Looks into the model that was in a JSON file.
    static TensorFlowJs of(Path file, ModelConfiguration json) {
        Map<String, TensorFlowJsWeight> weights = new LinkedHashMap<>();
        Set<String> files = new HashSet<>();
        for (ModelConfiguration group : objects(json, MANIFEST)) {
            addGroup(file, group, files, weights);
        }
        return new TensorFlowJs(file, json, weights);
    }

    private static void addGroup(
            Path file, ModelConfiguration group, Set<String> files, Map<String, TensorFlowJsWeight> weights) {
        List<TensorFlowJsWeight.Shard> shards = new ArrayList<>();
        long there = 0;
        for (Object shard : group.list("paths")) {
            String name = String.valueOf(shard);
            Require.that(
                    ShardedTensors.isPlain(name),
                    "%s: weights in %s, expected the plain name of a file beside it",
                    file,
                    SafetensorsHeader.quoted(name));
            Require.that(files.add(name), "%s: the file %s is there twice", file, name);
            Path beside = file.resolveSibling(name);
            Require.that(Files.isRegularFile(beside), "%s: the file %s is not beside it", file, name);
            long size = Reading.of(beside, () -> Files.size(beside));
            shards.add(new TensorFlowJsWeight.Shard(beside, there, size));
            there += size;
        }
        long at = 0;
        for (ModelConfiguration json : objects(group, "weights")) {
            TensorFlowJsWeight weight = TensorFlowJsWeight.parse(file, json, List.copyOf(shards), at);
            String name = weight.stored().name();
            at += weight.stored().bytes();
            if (at > there) {
                throw SafetensorsHeader.error(
                        file.toString(),
                        name,
                        "ends at byte %s of its files, which have %s: they are truncated".formatted(at, there));
            }
            boolean isNew = weights.put(name, weight) == null;
            Require.that(isNew, "%s: tensor %s is there twice", file, SafetensorsHeader.quoted(name));
        }
        Require.that(at == there, "%s: %s bytes in files of weights, expected %s", file, there, at);
    }

    /// The objects of an array.
    static List<ModelConfiguration> objects(ModelConfiguration json, String key) {
        List<ModelConfiguration> objects = new ArrayList<>();
        for (Object item : json.list(key)) {
            if (!(item instanceof ModelConfiguration object)) {
                throw new IllegalArgumentException(
                        "%s: '%s' has something else than objects".formatted(json.where(), key));
            }
            objects.add(object);
        }
        return objects;
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return "TensorFlow.js " + json.text("format", "layers-model");
    }

    @Override
    public Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        weights.forEach((name, weight) -> tensors.put(name, weight.stored()));
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String key : List.of("generatedBy", "convertedBy")) {
            if (json.has(key)) {
                metadata.put(key, json.text(key));
            }
        }
        json.object("modelTopology").ifPresent(model -> {
            for (String key : List.of("keras_version", "backend")) {
                if (model.has(key)) {
                    metadata.put(key, model.text(key));
                }
            }
        });
        return Collections.unmodifiableMap(metadata);
    }

    /// What a layers model is made of, in the words of Keras: an object of `class_name` and `config`.
    /// There is none in a graph model.
    ///
    /// @throws IllegalArgumentException if there is something else in its place
    public Optional<ModelConfiguration> topology() {
        // Converters put Keras' own object into one more; TensorFlow.js itself does not.
        return json.object("modelTopology")
                .flatMap(model -> model.has("class_name") ? Optional.of(model) : model.object("model_config"));
    }

    @Override
    public Tensor read(String name) {
        return Reading.named(path, name, weights).read(path);
    }
}
