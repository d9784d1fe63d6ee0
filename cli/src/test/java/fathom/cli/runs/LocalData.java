package fathom.cli.runs;

import static org.junit.jupiter.api.Assumptions.abort;

import fathom.data.Downloader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Data that may not be carried, where a machine has them: in the folder that `FATHOM_DATA` names or
/// else the cache of downloads, or in `shared/data` beside the working copy.
final class LocalData {
    private static final Path BESIDE = Path.of("..", "..", "shared", "data");

    private LocalData() {}

    /// The file or folder of that name; a test is skipped where there is none.
    static Path find(String name) {
        Path kept = Downloader.standard().folder();
        return List.of(kept, BESIDE).stream()
                .map(folder -> folder.resolve(name))
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> abort("no " + name + " in " + kept + " (FATHOM_DATA) or " + BESIDE));
    }
}
