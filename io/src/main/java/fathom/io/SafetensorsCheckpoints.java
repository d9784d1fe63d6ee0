package fathom.io;

import fathom.ir.Require;
import fathom.nn.train.Checkpoint;
import fathom.nn.train.CheckpointStore;
import fathom.nn.train.EpochResult;
import fathom.nn.train.Watch;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Keeps the checkpoints of one training in a folder: the latest two unless told otherwise, as the files
/// `checkpoint.safetensors` and `checkpoint.previous.safetensors`.
///
/// | wanted | files |
/// | --- | --- |
/// | [#keepLast] | `checkpoint.previous.safetensors`, `checkpoint.previous-2.safetensors`, ... |
/// | [#keepBest] | `checkpoint.best.safetensors` |
/// | [#keepEvery] | `checkpoint.epoch-0010.safetensors`, ... |
///
/// The new checkpoint takes its place only when it is wholly on the disk: after a crash while saving,
/// the old one is there. A checksum tells a damaged file from a sound one, and if the latest is
/// damaged, the one before is loaded, which is logged as a warning.
public final class SafetensorsCheckpoints implements CheckpointStore {
    private static final System.Logger LOG = System.getLogger(SafetensorsCheckpoints.class.getName());
    private static final String CHECKSUM = "fathom.checkpoint.crc32c";

    private static final int DEFAULT_LAST = 2;

    private final Path folder;
    private final int last;
    private final @Nullable Watch watch;
    private final int everyEpochs;
    private final Path file;

    /// Whether the latest was written or read by this object, and need not be read before another
    /// takes its place.
    private volatile boolean sound;

    /// The watched value of the best, once it is known.
    private volatile OptionalDouble best = OptionalDouble.empty();

    private SafetensorsCheckpoints(Path folder, int last, @Nullable Watch watch, int everyEpochs) {
        this.folder = folder;
        this.last = last;
        this.watch = watch;
        this.everyEpochs = everyEpochs;
        this.file = file("");
    }

    /// Checkpoints in a folder, which is made when the first one is saved.
    public static SafetensorsCheckpoints in(Path folder) {
        return new SafetensorsCheckpoints(folder, DEFAULT_LAST, null, 0);
    }

    /// Keeps the latest so many, each of which [#load] can fall back to.
    ///
    /// @throws IllegalArgumentException if the number is below 1
    public SafetensorsCheckpoints keepLast(int count) {
        Require.positive("checkpoints: keep last", count);
        return new SafetensorsCheckpoints(folder, count, watch, everyEpochs);
    }

    /// Keeps also that of the epoch with the best value, which takes the place of the best before. The
    /// best of a run before in this folder has to be beaten, so that a resumed run goes on.
    public SafetensorsCheckpoints keepBest(Watch value) {
        return new SafetensorsCheckpoints(folder, last, value, everyEpochs);
    }

    /// Keeps also those after every so many epochs, for ever.
    ///
    /// @throws IllegalArgumentException if the number is below 1
    public SafetensorsCheckpoints keepEvery(int epochs) {
        Require.positive("checkpoints: keep every", epochs);
        return new SafetensorsCheckpoints(folder, last, watch, epochs);
    }

    /// Where the latest checkpoint is, or will be.
    public Path file() {
        return file;
    }

    /// Deletes the latest ones, when there is nothing left to go on with. Those of [#keepBest] and
    /// [#keepEvery] stay.
    ///
    /// @throws UncheckedIOException if they cannot be deleted
    public void deleteLatest() {
        // The oldest first: what is left at any moment can be loaded.
        for (int i = Math.max(last, DEFAULT_LAST) - 1; i >= 0; i--) {
            AtomicFile.delete(previous(i));
        }
        sound = false;
    }

    /// The best of those after an epoch, if there is one that is sound; see [#keepBest].
    ///
    /// @throws UncheckedIOException if the file cannot be read
    public Optional<Checkpoint> loadBest() {
        return readIfSound(best());
    }

    private Path best() {
        return file(".best");
    }

    /// The one so many before the latest.
    private Path previous(int i) {
        return i == 0 ? file : file(i == 1 ? ".previous" : ".previous-" + i);
    }

    private Path file(String kind) {
        return folder.resolve("checkpoint" + kind + ".safetensors");
    }

    /// {@inheritDoc}
    ///
    /// @throws UncheckedIOException if it cannot be written; the one before is then still there
    /// @throws IllegalStateException if the best is to be kept, and there is no such value
    @Override
    public void save(Checkpoint checkpoint) {
        Folders.make(folder);
        Tensor.evaluateAll(checkpoint.tensors().values().toArray(Tensor[]::new));
        Map<String, String> metadata = new LinkedHashMap<>(checkpoint.metadata());
        metadata.put(CHECKSUM, checksum(checkpoint.tensors(), checkpoint.metadata()));
        Checkpoint whole = new Checkpoint(checkpoint.tensors(), metadata);
        // The latest comes last: what a crash before it leaves undone is done again after a resume.
        checkpoint.finishedEpoch().ifPresent(epoch -> keep(whole, epoch));
        if (Files.exists(file) && (sound || readIfSound(file).isPresent())) {
            pushBack();
        }
        write(file, whole);
        sound = true;
    }

    private void keep(Checkpoint checkpoint, EpochResult epoch) {
        if (everyEpochs > 0 && epoch.epoch() % everyEpochs == 0) {
            write(file(String.format(Locale.ROOT, ".epoch-%04d", epoch.epoch())), checkpoint);
        }
        if (watch != null) {
            double value = watch.value(epoch);
            double before = best.orElseGet(() -> readIfSound(best())
                    .flatMap(Checkpoint::finishedEpoch)
                    .map(watch::value)
                    .orElse(Double.NaN));
            boolean better = watch.isBetter(value, before);
            if (better) {
                write(best(), checkpoint);
            }
            best = OptionalDouble.of(better ? value : before);
        }
    }

    /// Makes room for the latest: each takes the place of the one before it.
    private void pushBack() {
        for (int i = last - 1; i > 0; i--) {
            if (Files.exists(previous(i - 1))) {
                AtomicFile.rename(previous(i - 1), previous(i));
            }
        }
        for (int i = last; i > 0 && Files.exists(previous(i)); i++) {
            AtomicFile.delete(previous(i));
        }
    }

    private static void write(Path file, Checkpoint checkpoint) {
        AtomicFile.deleteLeftovers(file);
        Safetensors.write(file, checkpoint.tensors(), checkpoint.metadata());
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
    /// Where it is damaged, that is logged as a warning with the file's name, and the latest sound one
    /// before it is loaded.
    ///
    /// @throws IllegalArgumentException if the file is there but is not a sound checkpoint, and there
    ///   is no sound one from before
    /// @throws UncheckedIOException if a file cannot be read
    @Override
    public Optional<Checkpoint> load() {
        List<Path> there = IntStream.range(0, Math.max(last, DEFAULT_LAST))
                .mapToObj(this::previous)
                .filter(Files::exists)
                .toList();
        IllegalArgumentException damage = null;
        for (Path candidate : there) {
            try {
                Checkpoint found = read(candidate);
                sound = candidate.equals(file);
                if (damage != null) {
                    LOG.log(Level.WARNING, damage.getMessage() + "; going on from one before, " + candidate);
                }
                return Optional.of(found);
            } catch (IllegalArgumentException e) {
                damage = damage == null ? e : damage;
            }
        }
        if (damage != null) {
            throw damage;
        }
        return Optional.empty();
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
