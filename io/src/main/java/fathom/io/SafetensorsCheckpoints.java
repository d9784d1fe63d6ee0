package fathom.io;

import fathom.ir.Require;
import fathom.nn.train.Checkpoint;
import fathom.nn.train.CheckpointStore;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Keeps the latest two checkpoints of one training in a folder, as the files
/// `checkpoint.safetensors` and `checkpoint.previous.safetensors`.
///
/// The new checkpoint takes its place only when it is wholly on the disk: after a crash while saving,
/// the old one is there. A checksum tells a damaged file from a sound one, and if the latest is
/// damaged, the one before is loaded, which is logged as a warning.
public final class SafetensorsCheckpoints implements CheckpointStore {
    private static final String CHECKSUM = "fathom.checkpoint.crc32c";

    private final Path folder;
    private final Path file;
    private final Path previous;

    /// Whether the latest was written or read by this object, and need not be read before another
    /// takes its place.
    private volatile boolean sound;

    private SafetensorsCheckpoints(Path folder) {
        this.folder = folder;
        this.file = folder.resolve("checkpoint.safetensors");
        this.previous = folder.resolve("checkpoint.previous.safetensors");
    }

    /// Checkpoints in a folder, which is made when the first one is saved.
    public static SafetensorsCheckpoints in(Path folder) {
        return new SafetensorsCheckpoints(folder);
    }

    /// Where the latest checkpoint is, or will be.
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
        if (Files.exists(file) && (sound || isSound(file))) {
            AtomicFile.rename(file, previous);
        }
        Safetensors.write(file, checkpoint.tensors(), metadata);
        sound = true;
    }

    private static boolean isSound(Path file) {
        return readIfSound(file).isPresent();
    }

    private static Optional<Checkpoint> readIfSound(Path file) {
        try {
            return Files.exists(file) ? Optional.of(read(file)) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// {@inheritDoc}
    ///
    /// @throws IllegalArgumentException if the file is there but is not a sound checkpoint, and there
    ///   is no sound one from before
    /// @throws UncheckedIOException if a file cannot be read
    @Override
    public Optional<Checkpoint> load() {
        Optional<Path> latest = Stream.of(file, previous).filter(Files::exists).findFirst();
        if (latest.isEmpty()) {
            return Optional.empty();
        }
        try {
            Checkpoint found = read(latest.get());
            sound = latest.get().equals(file);
            return Optional.of(found);
        } catch (IllegalArgumentException damage) {
            sound = false;
            Optional<Checkpoint> before = readIfSound(previous);
            if (before.isEmpty()) {
                throw damage;
            }
            System.getLogger(SafetensorsCheckpoints.class.getName())
                    .log(Level.WARNING, damage.getMessage() + "; going on from the one before, " + previous);
            return before;
        }
    }

    private static Checkpoint read(Path file) {
        Safetensors content = Safetensors.read(file);
        Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
        String expected = metadata.remove(CHECKSUM);
        if (expected == null) {
            throw new IllegalArgumentException(
                    file + ": __metadata__ has no " + CHECKSUM + ", expected a checkpoint of Fathom");
        }
        String found = checksum(content.tensors(), metadata);
        Require.that(found.equals(expected), "%s: damaged: CRC-32C %s, expected %s", file, found, expected);
        return new Checkpoint(content.tensors(), metadata);
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
