package fathom.io;

import fathom.ir.Require;
import fathom.nn.train.Checkpoint;
import fathom.nn.train.CheckpointStore;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/// Keeps the latest checkpoint of one training in a folder, as the file `checkpoint.safetensors`.
///
/// The new checkpoint takes the place of the old one only when it is wholly on the disk: after a
/// crash while saving, the old one is there. A checksum tells a damaged file from a sound one.
public final class SafetensorsCheckpoints implements CheckpointStore {
    private static final String NAME = "checkpoint.safetensors";
    private static final String CHECKSUM = "fathom.checkpoint.crc32c";

    private final Path folder;
    private final Path file;

    private SafetensorsCheckpoints(Path folder) {
        this.folder = folder;
        this.file = folder.resolve(NAME);
    }

    /// Checkpoints in a folder, which is made when the first one is saved.
    public static SafetensorsCheckpoints in(Path folder) {
        return new SafetensorsCheckpoints(folder);
    }

    /// Where the checkpoint is, or will be.
    public Path file() {
        return file;
    }

    /// {@inheritDoc}
    ///
    /// @throws UncheckedIOException if it cannot be written; the one before is then still there
    @Override
    public void save(Checkpoint checkpoint) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
        AtomicFile.deleteLeftovers(file);
        Tensor.evaluateAll(checkpoint.tensors().values().toArray(Tensor[]::new));
        Map<String, String> metadata = new LinkedHashMap<>(checkpoint.metadata());
        metadata.put(CHECKSUM, checksum(checkpoint.tensors(), checkpoint.metadata()));
        Safetensors.write(file, checkpoint.tensors(), metadata);
    }

    /// {@inheritDoc}
    ///
    /// @throws IllegalArgumentException if the file is there but is not a sound checkpoint
    /// @throws UncheckedIOException if the file cannot be read
    @Override
    public Optional<Checkpoint> load() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Safetensors content = Safetensors.read(file);
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        String expected = metadata.remove(CHECKSUM);
        if (expected == null) {
            throw new IllegalArgumentException(
                    file + ": __metadata__ has no " + CHECKSUM + ", expected a checkpoint of Fathom");
        }
        String found = checksum(content.tensors(), metadata);
        Require.that(found.equals(expected), "%s: damaged: CRC-32C %s, expected %s", file, found, expected);
        return Optional.of(new Checkpoint(content.tensors(), metadata));
    }

    private static String checksum(Map<String, Tensor> tensors, Map<String, String> metadata) {
        CRC32C crc = new CRC32C();
        new TreeMap<>(metadata).forEach((key, value) -> {
            crc.update(key.getBytes(StandardCharsets.UTF_8));
            crc.update(value.getBytes(StandardCharsets.UTF_8));
        });
        byte[] chunk = ElementBytes.newChunk();
        new TreeMap<>(tensors).forEach((name, tensor) -> {
            crc.update(name.getBytes(StandardCharsets.UTF_8));
            ElementBytes.forEachChunk(tensor.buffer(), chunk, length -> crc.update(chunk, 0, length));
        });
        return Long.toHexString(crc.getValue());
    }
}
