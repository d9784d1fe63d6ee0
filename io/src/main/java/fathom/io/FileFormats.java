package fathom.io;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipFile;

/// Finds out what kind of file holds tensors.
final class FileFormats {
    private static final String INDEX = ".index.json";

    /// Under which names checkpoints are published, the best first.
    private static final List<String> PUBLISHED = List.of(
            "model.safetensors",
            "model.safetensors" + INDEX,
            "pytorch_model.bin",
            "pytorch_model.bin" + INDEX,
            "model.json");

    private static final String FORMATS =
            "safetensors or its index, GGUF, npy, npz, HDF5, a file of Keras, a model of TensorFlow.js, torch.save,"
                    + " llama2.c";

    /// What files of llama2.c begin with from version 1 on.
    private static final String LLAMA2C = "24ka";

    /// As many bytes as tell one format from the other.
    private static final int START = 9;

    private FileFormats() {}

    static TensorFile open(Path file) {
        Path whole = Files.isDirectory(file) ? published(file) : file;
        return whole.toString().endsWith(INDEX) ? ShardedTensors.open(whole) : openWhole(whole);
    }

    private static Path published(Path folder) {
        return PUBLISHED.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(folder + ": no checkpoint, expected one of " + PUBLISHED));
    }

    /// A file that is no index of others.
    static TensorFile openWhole(Path file) {
        byte[] start = start(file);
        if (isSafetensors(start)) {
            return Safetensors.open(file);
        }
        if (begins(start, GgufParser.MAGIC)) {
            return Gguf.open(file);
        }
        if (begins(start, KerasFile.MAGIC)) {
            return KerasFile.open(file);
        }
        if (begins(start, "PK")) {
            return openZip(file);
        }
        if (begins(start, "\u0093NUMPY")) {
            return NumPyTensors.openArray(file);
        }
        if (begins(start, "\u0080")) {
            return PyTorchFile.open(file);
        }
        if (begins(start, "{")) {
            ModelConfiguration json = ModelConfiguration.read(file);
            if (TensorFlowJs.isModel(json)) {
                return TensorFlowJs.of(file, json);
            }
        }
        if (begins(start, LLAMA2C) || file.toString().endsWith(".bin")) {
            return Llama2c.open(file);
        }
        throw new UnknownFormatException(file, FORMATS);
    }

    /// A length below 100 MB, and a brace.
    private static boolean isSafetensors(byte[] start) {
        return start.length == START
                && Arrays.equals(start, Integer.BYTES, Long.BYTES, new byte[Integer.BYTES], 0, Integer.BYTES)
                && start[Long.BYTES] == '{';
    }

    private static boolean begins(byte[] start, String magic) {
        byte[] expected = magic.getBytes(StandardCharsets.ISO_8859_1);
        return start.length >= expected.length
                && Arrays.equals(start, 0, expected.length, expected, 0, expected.length);
    }

    private static TensorFile openZip(Path file) {
        if (has(file, KerasFile.WEIGHTS)) {
            return KerasFile.open(file);
        }
        return has(file, "/data.pkl") ? PyTorchFile.open(file) : Npz.open(file);
    }

    /// Whether an entry's name ends so.
    private static boolean has(Path file, String ending) {
        return Reading.of(file, () -> {
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                return zip.stream().anyMatch(entry -> entry.getName().endsWith(ending));
            }
        });
    }

    private static byte[] start(Path file) {
        return Reading.of(file, () -> {
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(START);
            }
        });
    }
}
