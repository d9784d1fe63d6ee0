package fathom.cli.bench;

import fathom.cli.Failure;
import fathom.cli.UserError;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Another library, measured in a process of its own by the harness in `bench/peers`.
public final class Peer {
    /// The libraries that the harness knows.
    public static final List<String> NAMES = List.of("libtorch", "tfjava", "djl", "dl4j");

    /// Threads that the harness gives each of them.
    public static final int THREADS = 2;

    private static final String SCRIPT = "run.sh";

    private final String name;
    private final Path harness;

    /// @param harness the folder of the script that runs peers
    Peer(String name, Path harness) {
        this.name = name;
        this.harness = harness;
    }

    /// The peer of a name.
    ///
    /// @throws UserError if there is none of that name, or no harness to run it
    public static Peer of(String name) {
        if (!NAMES.contains(name)) {
            throw new UserError("--against " + name + ": unknown, expected " + String.join(", ", NAMES));
        }
        return new Peer(
                name,
                harness()
                        .orElseThrow(() -> new UserError("--against "
                                + name
                                + ": there is no bench/peers/run.sh,"
                                + " expected to be run in a clone of the"
                                + " repository")));
    }

    /// Looked for from the program's own place upwards, which is inside the clone that it was built
    /// in, and then from the current folder upwards.
    private static Optional<Path> harness() {
        return harness(place()).or(() -> harness(Path.of("").toAbsolutePath()));
    }

    private static Path place() {
        try {
            return Path.of(Peer.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            return Path.of("").toAbsolutePath();
        }
    }

    private static Optional<Path> harness(Path from) {
        for (Path p = from; p != null; p = p.getParent()) {
            Path candidate = p.resolve("bench").resolve("peers");
            if (Files.isRegularFile(candidate.resolve(SCRIPT))) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /// Its name.
    public String name() {
        return name;
    }

    /// Measures it for about so many seconds; the first time it is fetched and built.
    ///
    /// @throws Failure if it gives no figure
    Measurement measure(Workload workload, double seconds, PrintWriter log) {
        ProcessBuilder builder = new ProcessBuilder("bash", SCRIPT, name, workload.id()).directory(harness.toFile());
        builder.environment().put("SECONDS_EACH", Long.toString(Math.max(2, Math.round(seconds))));
        try {
            Process process = builder.start();
            Thread echo = Thread.ofPlatform().daemon().start(() -> copy(process, log));
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            echo.join();
            return out.lines()
                    .filter(l -> l.startsWith("peer="))
                    .findFirst()
                    .map(Measurement::parse)
                    .orElseThrow(() -> new Failure(name
                            + " gave no figure for "
                            + workload.id()
                            + " (exit code "
                            + code
                            + "); see bench/peers/target/logs"));
        } catch (IOException e) {
            throw new Failure(name + " could not be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(name + ": interrupted", e);
        }
    }

    private static void copy(Process process, PrintWriter log) {
        process.errorReader(StandardCharsets.UTF_8).lines().forEach(log::println);
        log.flush();
    }
}
