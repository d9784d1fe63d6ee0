package fathom.cli.mnist;

import fathom.cli.UserError;
import fathom.io.AtomicFile;
import fathom.io.Folders;
import fathom.io.RunRecord;
import fathom.io.SafetensorsCheckpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The folder that a training leaves its results in. Files appear in it whole or not at all.
public final class RunFolder {
    private static final String RECORD = "run.json";
    private static final String MODEL = "model.safetensors";
    private static final String HISTORY = "history.csv";

    private final Path path;
    private final List<Path> created;

    private RunFolder(Path path, List<Path> created) {
        this.path = path;
        this.created = List.copyOf(created);
    }

    /// A folder for a new run, made if need be.
    ///
    /// @throws UserError if it cannot be made or written to, or is not empty
    public static RunFolder create(Path path) {
        List<Path> created = new ArrayList<>();
        try {
            makeFolders(path, created);
            Files.delete(Files.createTempFile(path, ".write", ".test"));
            try (Stream<Path> there = Files.list(path)) {
                if (there.findAny().isPresent()) {
                    throw new UserError("--out "
                            + path
                            + ": the folder is not empty, expected a new one; --resume"
                            + " goes on with an interrupted run");
                }
            }
        } catch (IOException e) {
            removeEmpty(created);
            throw new UserError("--out " + path + ": " + Folders.reason(e) + ", expected a folder to write to", e);
        }
        return new RunFolder(path, created);
    }

    /// A folder named after what is run and the time, under `runs` in the current folder.
    public static Path defaultPath(String kind) {
        String time = LocalDateTime.now(ZoneId.systemDefault()).format(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss"));
        String name = kind + "-" + time;
        Path path = Path.of("runs", name);
        for (int i = 2; Files.exists(path); i++) {
            path = Path.of("runs", name + "-" + i);
        }
        return path;
    }

    /// The folder of any run.
    public static RunFolder at(Path path) {
        return new RunFolder(path, List.of());
    }

    /// The folder of a run that was interrupted.
    ///
    /// @throws UserError if there is no such run, or it is finished
    public static RunFolder resume(Path path) {
        if (!Files.isRegularFile(path.resolve(RECORD))) {
            throw new UserError(
                    "--resume " + path + ": no " + RECORD + " in it, expected the folder of an interrupted run");
        }
        if (Files.exists(path.resolve(MODEL))) {
            throw new UserError(
                    "--resume " + path + ": that run is finished, expected the folder of an interrupted one");
        }
        return new RunFolder(path, List.of());
    }

    /// Creates the missing folders one by one, and notes which.
    private static void makeFolders(Path path, List<Path> created) throws IOException {
        if (Files.isDirectory(path)) {
            return;
        }
        if (Files.exists(path)) {
            throw new FileAlreadyExistsException(path.toString());
        }
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            makeFolders(parent, created);
        }
        Files.createDirectory(path);
        created.addFirst(path);
    }

    private static void removeEmpty(List<Path> folders) {
        for (Path p : folders) {
            try {
                Files.deleteIfExists(p);
            } catch (IOException e) {
                // Not empty, so somebody else's by now.
                return;
            }
        }
    }

    /// Takes back what [#create] did, if nothing has been written since.
    public void abandon() {
        removeEmpty(created);
    }

    /// Where it is.
    public Path path() {
        return path;
    }

    /// The finished weights.
    public Path model() {
        return path.resolve(MODEL);
    }

    /// The states to resume from.
    SafetensorsCheckpoints checkpoints() {
        return SafetensorsCheckpoints.in(path);
    }

    /// Notes what the run is.
    void write(RunRecord record) {
        record.write(path.resolve(RECORD));
    }

    /// What the run is.
    ///
    /// @throws UserError if that cannot be read
    public RunRecord record() {
        try {
            return RunRecord.read(path.resolve(RECORD));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            throw new UserError(String.valueOf(e.getMessage()), e);
        }
    }

    /// The settings that the run was begun with.
    ///
    /// @throws UserError if they cannot be read
    public RunSettings settings() {
        return RunSettings.of(record(), path.resolve(RECORD));
    }

    /// The measures of each epoch.
    Path history() {
        return path.resolve(HISTORY);
    }

    /// Writes or replaces a file.
    void write(String name, String text) {
        AtomicFile.write(path.resolve(name), text);
    }

    /// Writes or replaces a file.
    void write(String name, byte[] content) {
        AtomicFile.write(path.resolve(name), content);
    }

    /// What a training that went wrong leaves.
    String describe() {
        List<String> kept = Stream.of(checkpoints().file(), history())
                .filter(Files::exists)
                .map(file -> String.valueOf(file.getFileName()))
                .toList();
        return kept.isEmpty()
                ? "nothing was saved before"
                : "saved before, in " + path + ": " + String.join(", ", kept);
    }
}
