package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// A model in several files, and an index that says which tensor is in which:
/// `model.safetensors.index.json` with an object `weight_map` of names and files beside it.
///
/// Tensors of a file that the index does not name are not there.
///
/// @param metadata of the index
/// @param shards the files
/// @param places for each tensor its file, which is one of these
record ShardedTensors(Path path, Map<String, String> metadata, List<TensorFile> shards, Map<String, TensorFile> places)
        implements TensorFile {
    /// A file beside the index: whatever could lead elsewhere is no such name.
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    /// Reads the index and the heads of all files.
    static ShardedTensors open(Path index) {
        ModelConfiguration json = ModelConfiguration.read(index);
        ModelConfiguration map = json.object("weight_map")
                .orElseThrow(() -> new IllegalArgumentException(
                        index + ": no 'weight_map', expected an object of tensors and their files"));
        Map<String, List<String>> namesOf = new LinkedHashMap<>();
        for (String name : map.values().keySet()) {
            String shard = plain(index, name, map.text(name));
            namesOf.computeIfAbsent(shard, _ -> new ArrayList<>()).add(name);
        }
        List<String> absent = namesOf.keySet().stream()
                .filter(shard -> !Files.isRegularFile(index.resolveSibling(shard)))
                .sorted()
                .toList();
        Require.that(absent.isEmpty(), "%s: files that are not beside it: %s", index, absent);
        List<TensorFile> shards = new ArrayList<>();
        Map<String, TensorFile> places = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        namesOf.forEach((shard, names) -> {
            TensorFile file = FileFormats.openWhole(index.resolveSibling(shard));
            Set<String> there = file.tensors().keySet();
            shards.add(file);
            for (String name : names) {
                places.put(name, file);
                if (!there.contains(name)) {
                    missing.add(SafetensorsHeader.quoted(name) + " in " + shard);
                }
            }
        });
        Require.that(missing.isEmpty(), "%s: tensors that are not in their files: %s", index, missing);
        Map<String, String> metadata = new LinkedHashMap<>();
        json.object("metadata").ifPresent(m -> m.values().forEach((k, v) -> metadata.put(k, v.toString())));
        return new ShardedTensors(
                index, Collections.unmodifiableMap(metadata), List.copyOf(shards), Collections.unmodifiableMap(places));
    }

    /// Whether it can only be the name of a file beside the one that names it.
    static boolean isPlain(String name) {
        return PLAIN.matcher(name).matches();
    }

    private static String plain(Path index, String tensor, String shard) {
        String message = "%s: tensor %s in file %s, expected the plain name of a file beside the index";
        boolean isShard = isPlain(shard) && !shard.endsWith(".index.json");
        Require.that(isShard, message, index, SafetensorsHeader.quoted(tensor), SafetensorsHeader.quoted(shard));
        return shard;
    }

    @Override
    public String format() {
        Set<String> formats = new LinkedHashSet<>();
        shards.forEach(shard -> formats.add(shard.format()));
        return "%s in %s files".formatted(String.join(", ", formats), shards.size());
    }

    @Override
    public Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> all = new LinkedHashMap<>();
        for (TensorFile shard : shards) {
            shard.tensors().forEach((name, tensor) -> {
                if (places.get(name) == shard) {
                    all.put(name, tensor);
                }
            });
        }
        return Collections.unmodifiableMap(all);
    }

    @Override
    public Tensor read(String name) {
        return Reading.named(path, name, places).read(name);
    }
}
