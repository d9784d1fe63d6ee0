package fathom.parity;

import fathom.testing.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;

/// Files of a package of npm, which is fetched and unpacked once, without being installed. Nothing in it
/// is run.
public final class NpmPackage {
    private static final Path FOLDER = Path.of("target", "npm");
    private static final Duration MOST = Duration.ofMinutes(3);

    private NpmPackage() {}

    /// The package's folder, or nothing where it cannot be had.
    public static synchronized Optional<Path> folder(String name, String version) {
        Path folder = FOLDER.resolve(name.replace('/', '-').replace("@", "") + "-" + version);
        Path content = folder.resolve("package");
        if (Files.isDirectory(content)) {
            return Optional.of(content);
        }
        try {
            Files.createDirectories(FOLDER);
            Path fresh = Files.createTempDirectory(FOLDER, "fresh");
            if (!Commands.run(fresh, MOST, "npm", "pack", "--silent", name + "@" + version)) {
                return Optional.empty();
            }
            try (var files = Files.list(fresh)) {
                Path archive = files.findFirst().orElseThrow();
                if (!Commands.run(
                        fresh, MOST, "tar", "-xzf", archive.getFileName().toString())) {
                    return Optional.empty();
                }
            }
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(content);
        } catch (IOException e) {
            return Optional.empty(); // There is no npm, or no tar.
        }
    }
}
