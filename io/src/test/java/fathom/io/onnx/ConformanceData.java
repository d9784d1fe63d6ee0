package fathom.io.onnx;

import fathom.testing.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The test data of ONNX itself, which Debian has as a package. It is fetched and unpacked once, without
/// being installed.
final class ConformanceData {
    private static final Path FOLDER = Path.of("target", "onnx-testdata");
    private static final Duration MOST = Duration.ofMinutes(2);
    private static final Path DATA = Path.of("usr", "share", "libonnx-testdata", "data");

    private ConformanceData() {}

    /// A folder with a model and what it has to give.
    ///
    /// @param suite the part of the data that it belongs to
    record Case(String suite, Path folder) {
        String name() {
            return folder.getFileName().toString();
        }

        Path model() {
            return folder.resolve("model.onnx");
        }
    }

    /// All cases, or nothing where the package cannot be had.
    static synchronized Optional<List<Case>> cases() {
        if (!Files.isDirectory(FOLDER.resolve(DATA)) && !fetched()) {
            return Optional.empty();
        }
        return Optional.of(Stream.of("node", "simple", "pytorch-converted", "pytorch-operator")
                .flatMap(suite -> folders(FOLDER.resolve(DATA).resolve(suite)).map(f -> new Case(suite, f)))
                .toList());
    }

    private static Stream<Path> folders(Path suite) {
        try (Stream<Path> all = Files.list(suite)) {
            return all.filter(f -> Files.exists(f.resolve("model.onnx"))).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean fetched() {
        try {
            Path fresh = FOLDER.resolveSibling("onnx-testdata.fresh");
            Files.createDirectories(fresh);
            boolean got = Commands.run(fresh, MOST, "apt-get", "download", "-q", "libonnx-testdata");
            if (!got) {
                return false;
            }
            Path archive;
            try (Stream<Path> files = Files.list(fresh)) {
                archive = files.filter(f -> f.toString().endsWith(".deb"))
                        .findFirst()
                        .orElseThrow();
            }
            if (!Commands.run(fresh, MOST, "dpkg", "-x", archive.getFileName().toString(), "unpacked")) {
                return false;
            }
            Files.move(fresh.resolve("unpacked"), FOLDER, StandardCopyOption.ATOMIC_MOVE);
            return true;
        } catch (IOException e) {
            return false; // Neither apt nor dpkg are there.
        }
    }
}
