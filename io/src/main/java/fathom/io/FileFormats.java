package fathom.io;

import fathom.ir.Require;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Finds out what kind of file holds tensors.
final class FileFormats {
    private static final String INDEX = ".index.json";

    /// Under which names checkpoints are published, the best first.
    private static final List<String> PUBLISHED =
            List.of("model.safetensors", "model.safetensors" + INDEX, "pytorch_model.bin", "pytorch_model.bin" + INDEX);

    /// As many bytes as tell one format from the other.
    private static final int START = 10;

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
        // A length below 100 MB and a brace.
        boolean isSafetensors = start.length >= START - 1 && start[Long.BYTES] == '{' && start[Long.BYTES - 1] == 0;
        Require.that(isSafetensors, "%s: no format that is known, expected safetensors or its index", file);
        return Safetensors.open(file);
    }

    private static byte[] start(Path file) {
        return Reading.of(file, () -> {
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(START);
            }
        });
    }
}
