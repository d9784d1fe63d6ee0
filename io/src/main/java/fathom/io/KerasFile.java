package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The weights in a file of Keras: `*.h5` of Keras 2, of weights alone or of a whole model, and
/// `*.keras` or `*.weights.h5` of Keras 3. Other HDF5 files can be read, too: each of their data sets
/// is a tensor.
///
/// A name is the layer's and the weight's, as in `dense/kernel`; Keras 3 has numbers for the weights of
/// a layer, as in `layers/dense/vars/0`. What a model is made of is its [#topology], of which [KerasModel]
/// makes a module; nothing is executed. [KerasWeights] puts a layer's weights into one of Fathom's.
public final class KerasFile implements TensorFile {
    /// What HDF5 files begin with.
    static final String MAGIC = "\u0089HDF\r\n\u001a\n";

    /// The entry of a zip file that has the weights.
    static final String WEIGHTS = "model.weights.h5";

    /// The entry that has what the model is made of.
    private static final String CONFIGURATION = "config.json";

    private static final int LONGEST_TEXT = 4000;
    private static final int MOST_LAYERS = 100_000;

    private final Path path;
    private final boolean isZip;
    private final Contents contents;

    private KerasFile(Path path, boolean isZip, Contents contents) {
        this.path = path;
        this.isZip = isZip;
        this.contents = contents;
    }

    /// What a file says before its weights are read.
    ///
    /// @param paths of the data sets, by the tensors' names
    /// @param layers the names of a layer's tensors in Keras' order, by the layer's name
    private record Contents(
            String format,
            Map<String, StoredTensor> tensors,
            Map<String, String> paths,
            Map<String, List<String>> layers,
            Map<String, String> metadata) {}

    /// Looks into a file without reading its weights.
    ///
    /// @throws IllegalArgumentException if it is damaged, or has what is not supported; the message
    ///   names the file, what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static KerasFile open(Path file) {
        return Reading.of(file, () -> {
            boolean isZip = isZip(file);
            Contents contents = use(file, isZip, KerasFile::contents);
            contents.metadata().putAll(isZip ? texts(file) : Map.of());
            return new KerasFile(file, isZip, contents);
        });
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            return start.length == 2 && start[0] == 'P' && start[1] == 'K';
        }
    }

    private static <T> T use(Path file, boolean isZip, Function<Hdf5, T> body) {
        String where = file.toString();
        return isZip
                ? Hdf5.use(where, MemorySegment.ofArray(entry(file, WEIGHTS)), body)
                : Reading.mapped(file, bytes -> Hdf5.use(where, bytes, body));
    }

    // ---- the zip file of Keras 3 ----

    private static byte[] entry(Path file, String name) {
        return Reading.of(file, () -> {
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                ZipEntry entry = zip.getEntry(name);
                Require.that(entry != null, "%s: no %s in the zip file", file, name);
                // What is compressed may be far larger than the file, and Keras compresses nothing.
                long there = Objects.requireNonNull(entry).getSize();
                boolean plain = entry.getMethod() == ZipEntry.STORED && there <= Files.size(file);
                Require.that(plain, "%s: %s is compressed, expected as it is", file, name);
                try (InputStream in = zip.getInputStream(entry)) {
                    return in.readAllBytes();
                }
            }
        });
    }

    /// The texts beside the weights, cut short.
    private static Map<String, String> texts(Path file) {
        return Reading.of(file, () -> {
            Map<String, String> texts = new LinkedHashMap<>();
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                for (String name : List.of("metadata.json", CONFIGURATION)) {
                    ZipEntry entry = zip.getEntry(name);
                    if (entry != null) {
                        try (InputStream in = zip.getInputStream(entry)) {
                            texts.put(name, new String(in.readNBytes(LONGEST_TEXT), StandardCharsets.UTF_8));
                        }
                    }
                }
            }
            return texts;
        });
    }

    /// What a whole model is made of, in the words of Keras: an object of `class_name` and `config`. There is none
    /// where a file has weights alone.
    ///
    /// @throws IllegalArgumentException if there is something else in its place
    /// @throws UncheckedIOException if the file cannot be read
    public Optional<ModelConfiguration> topology() {
        if (isZip) {
            return Optional.of(ModelConfiguration.parse(path + ": " + CONFIGURATION, entry(path, CONFIGURATION)));
        }
        String name = "model_config";
        return Reading.of(path, () -> use(path, false, file -> file.texts("", name)))
                .map(texts -> ModelConfiguration.parse(
                        path + ": " + name, String.join("", texts).getBytes(StandardCharsets.UTF_8)));
    }

    // ---- HDF5 ----

    private static Contents contents(Hdf5 file) {
        Map<String, String> metadata = new LinkedHashMap<>();
        for (String name : List.of("keras_version", "backend", "model_config", "training_config")) {
            file.texts("", name).ifPresent(texts -> metadata.put(name, shortened(String.join(", ", texts))));
        }
        String root = file.hasGroup("model_weights") ? "model_weights" : "";
        List<String> layers = list(file, root, "layer_names");
        return layers.isEmpty() ? ofPaths(file, metadata) : ofLayers(file, root, layers, metadata);
    }

    private static String shortened(String text) {
        return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
    }

    /// A list of texts that may be too long for one attribute, and then goes on in those with numbers.
    private static List<String> list(Hdf5 file, String path, String name) {
        List<String> whole = file.texts(path, name).orElse(List.of());
        List<String> all = new ArrayList<>(whole);
        for (int part = 0; whole.isEmpty() && part < MOST_LAYERS; part++) {
            List<String> more = file.texts(path, name + part).orElse(List.of());
            if (more.isEmpty()) {
                break;
            }
            all.addAll(more);
        }
        return all;
    }

    /// Keras 2 says in which order layers and their weights come.
    private static Contents ofLayers(Hdf5 file, String root, List<String> layers, Map<String, String> metadata) {
        Contents contents = new Contents(
                "Keras 2 weights (HDF5)",
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                metadata);
        Map<String, StoredTensor> there = file.datasets(root);
        for (String layer : layers) {
            String group = root.isEmpty() ? layer : root + "/" + layer;
            Hdf5.check(file.hasGroup(group), "no group for layer '%s'", layer);
            List<String> names = new ArrayList<>();
            for (String weight : list(file, group, "weight_names")) {
                String path = group + "/" + weight;
                StoredTensor stored = there.get(path);
                Hdf5.check(stored != null, "no weight '%s' of layer '%s'", weight, layer);
                String plain = weight.endsWith(":0") ? weight.substring(0, weight.length() - 2) : weight;
                String name = plain.startsWith(layer + "/") ? plain : layer + "/" + plain;
                add(contents, name, path, Objects.requireNonNull(stored));
                names.add(name);
            }
            if (!names.isEmpty()) {
                contents.layers().put(layer, List.copyOf(names));
            }
        }
        return contents;
    }

    /// Keras 3 numbers the weights of a layer: `vars/0` and on.
    private static Contents ofPaths(Hdf5 file, Map<String, String> metadata) {
        Map<String, StoredTensor> there = file.datasets("");
        boolean isKeras = there.keySet().stream().anyMatch(path -> path.contains("/vars/"));
        Contents contents = new Contents(
                isKeras ? "Keras 3 weights (HDF5)" : "HDF5",
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                new LinkedHashMap<>(),
                metadata);
        Map<String, List<String>> layers = new LinkedHashMap<>();
        there.keySet().stream().sorted(KerasFile::byNumber).forEach(path -> {
            add(contents, path, path, Objects.requireNonNull(there.get(path)));
            int vars = path.indexOf("/vars/");
            // The state of random numbers is none of the layer's weights.
            if (vars > 0 && !path.contains("/seed_generator/")) {
                layers.computeIfAbsent(layerOf(path.substring(0, vars)), l -> new ArrayList<>())
                        .add(path);
            }
        });
        contents.layers().putAll(layers);
        return contents;
    }

    /// The group of a layer, of which some have their weights in a group further down.
    private static String layerOf(String group) {
        String[] parts = group.split("/", -1);
        return parts.length > 2 ? parts[0] + "/" + parts[1] : group;
    }

    /// So that 10 comes after 9, and what goes through sequences from their ends after what does from the beginning.
    private static int byNumber(String a, String b) {
        return byPath(a.replace("/forward_layer/", "/0/"), b.replace("/forward_layer/", "/0/"));
    }

    private static int byPath(String a, String b) {
        int last = Math.min(a.lastIndexOf('/'), b.lastIndexOf('/'));
        boolean sameGroup = a.lastIndexOf('/') == b.lastIndexOf('/') && a.regionMatches(0, b, 0, last + 1);
        boolean byLength = sameGroup && a.length() != b.length();
        return byLength ? Integer.compare(a.length(), b.length()) : a.compareTo(b);
    }

    private static void add(Contents contents, String name, String path, StoredTensor stored) {
        StoredTensor renamed =
                new StoredTensor(name, stored.shape(), stored.encoding(), stored.dtype(), stored.bytes());
        Hdf5.check(contents.tensors().put(name, renamed) == null, "weight '%s' comes twice", name);
        contents.paths().put(name, path);
    }

    // ---- use ----

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return contents.format();
    }

    @Override
    public Map<String, StoredTensor> tensors() {
        return Collections.unmodifiableMap(contents.tensors());
    }

    /// The names of each layer's weights in the order of Keras, by the layer's name. Layers without
    /// weights are left out.
    public Map<String, List<String>> layers() {
        return Collections.unmodifiableMap(contents.layers());
    }

    /// The weights of a layer, in the order of Keras.
    ///
    /// @throws IllegalArgumentException if there is no such layer, or its bytes are damaged
    /// @throws UncheckedIOException if the file cannot be read
    public List<Tensor> layer(String name) {
        List<String> names = contents.layers().get(name);
        if (names == null) {
            throw new IllegalArgumentException("%s: no layer '%s', expected one of %s"
                    .formatted(path, name, contents.layers().keySet()));
        }
        return List.copyOf(read(names).values());
    }

    @Override
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(contents.metadata());
    }

    @Override
    public Tensor read(String name) {
        Reading.named(path, name, contents.tensors());
        return Objects.requireNonNull(read(List.of(name)).get(name));
    }

    @Override
    public Map<String, Tensor> readAll() {
        return read(List.copyOf(contents.tensors().keySet()));
    }

    private Map<String, Tensor> read(List<String> names) {
        return Reading.of(
                path,
                () -> use(path, isZip, file -> {
                    Map<String, Tensor> tensors = new LinkedHashMap<>();
                    for (String name : names) {
                        StoredTensor stored =
                                Objects.requireNonNull(contents.tensors().get(name));
                        tensors.put(
                                name,
                                file.read(
                                        stored,
                                        Objects.requireNonNull(contents.paths().get(name))));
                    }
                    return Collections.unmodifiableMap(tensors);
                }));
    }
}
