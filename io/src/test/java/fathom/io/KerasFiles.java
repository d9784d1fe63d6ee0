package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;

/// Writes whole models as Keras 2 and Keras 3 do.
final class KerasFiles {
    private KerasFiles() {}

    /// What a `Sequential` model is made of.
    static String sequential(String... layers) {
        return "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"layers\": [%s]}}"
                .formatted(String.join(", ", layers));
    }

    /// One layer, whose settings are as in JSON.
    static String layer(String kind, String settings) {
        return "{\"class_name\": \"%s\", \"config\": {%s}}".formatted(kind, settings);
    }

    static void assertClose(Tensor found, float[]... expected) {
        float[] all = found.toFloats();
        int width = expected[0].length;
        assertThat(all).hasSize(expected.length * width);
        for (int i = 0; i < all.length; i++) {
            assertThat(all[i]).as("element %s", i).isCloseTo(expected[i / width][i % width], within(1e-5f));
        }
    }

    /// A file of Keras 2, of weights alone if there is no topology.
    ///
    /// @param weights arrays by `layer|weight`, such as `lstm|lstm/lstm_cell/kernel:0`
    static Path keras2(Path file, String topology, Map<String, Object> weights) {
        Map<String, List<String>> layers = new LinkedHashMap<>();
        weights.keySet().forEach(key -> {
            String[] parts = key.split("\\|");
            layers.computeIfAbsent(parts[0], _ -> new ArrayList<>()).add(parts[1]);
        });
        try (WritableHdfFile out = HdfFile.write(file)) {
            out.putAttribute("keras_version", "2.15.0");
            if (!topology.isEmpty()) {
                out.putAttribute("model_config", topology);
            }
            WritableGroup root = out.putGroup("model_weights");
            root.putAttribute("layer_names", layers.keySet().toArray(String[]::new));
            layers.forEach((layer, names) -> {
                WritableGroup group = root.putGroup(layer);
                group.putAttribute("weight_names", names.toArray(String[]::new));
                Map<String, WritableGroup> groups = new HashMap<>(Map.of("", group));
                names.forEach(name -> put(groups, name, Objects.requireNonNull(weights.get(layer + "|" + name))));
            });
        }
        return file;
    }

    /// A file of Keras 3.
    ///
    /// @param weights arrays by path, such as `layers/dense/vars/0`
    static Path keras3(Path file, String topology, Map<String, Object> weights) {
        try {
            Path inner = Files.createTempFile(file.getParent(), "weights", ".h5");
            try (WritableHdfFile out = HdfFile.write(inner)) {
                Map<String, WritableGroup> groups = new HashMap<>(Map.of("", out));
                weights.forEach((path, value) -> put(groups, path, value));
            }
            Map<String, byte[]> entries = new LinkedHashMap<>();
            entries.put("metadata.json", "{\"keras_version\": \"3.9.2\"}".getBytes(StandardCharsets.UTF_8));
            entries.put("config.json", topology.getBytes(StandardCharsets.UTF_8));
            entries.put("model.weights.h5", Files.readAllBytes(inner));
            Files.write(file, ZipBytes.of(entries, ZipEntry.STORED));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(Map<String, WritableGroup> groups, String path, Object value) {
        int end = path.lastIndexOf('/');
        group(groups, path.substring(0, Math.max(0, end))).putDataset(path.substring(end + 1), value);
    }

    private static WritableGroup group(Map<String, WritableGroup> groups, String path) {
        WritableGroup known = groups.get(path);
        if (known == null) {
            int end = path.lastIndexOf('/');
            known = group(groups, path.substring(0, Math.max(0, end))).putGroup(path.substring(end + 1));
            groups.put(path, known);
        }
        return known;
    }
}
