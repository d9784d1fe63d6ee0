package fathom.data;

import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Fetches files once and keeps them in a folder.
///
/// A download that breaks off goes on where it stopped, now or in a later run (HTTP ranges). A file
/// takes its place only when its checksum is right.
///
/// @param folder where files are kept
/// @param attempts how often to ask before giving up
/// @param timeout how long to wait for an answer's beginning
public record Downloader(Path folder, int attempts, Duration timeout) {
    private static final int DEFAULT_ATTEMPTS = 4;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    private static final String ENVIRONMENT = "FATHOM_DATA";
    private static final int OK = 200;
    private static final int PARTIAL = 206;
    private static final int OUT_OF_RANGE = 416;

    public Downloader {
        Require.positive("downloader: attempts", attempts);
    }

    /// Keeps files in the folder that the environment variable `FATHOM_DATA` names, or else in
    /// `fathom` below the user's cache folder.
    public static Downloader standard() {
        return in(folder(System.getenv(ENVIRONMENT), System.getProperty("os.name"), System.getProperty("user.home")));
    }

    /// Keeps files in a folder, and asks four times.
    public static Downloader in(Path folder) {
        return new Downloader(folder, DEFAULT_ATTEMPTS, DEFAULT_TIMEOUT);
    }

    static Path folder(@Nullable String chosen, String system, String home) {
        if (chosen != null && !chosen.isBlank()) {
            return Path.of(chosen);
        }
        String name = system.toLowerCase(Locale.ROOT);
        String cache =
                name.startsWith("windows") ? "AppData/Local" : name.startsWith("mac") ? "Library/Caches" : ".cache";
        return Path.of(home).resolve(cache).resolve("fathom");
    }

    /// The file, from the folder if it is there, and else from its address.
    ///
    /// @throws IllegalStateException if the file that is there, or what came from the address, is
    ///   damaged
    /// @throws UncheckedIOException if it cannot be fetched: the message says which file to put where
    public Path fetch(Remote file) {
        Path place = folder.resolve(file.path());
        if (Files.exists(place)) {
            check(place, file);
            return place;
        }
        Path part = place.resolveSibling(place.getFileName() + ".part");
        try {
            Files.createDirectories(part.toAbsolutePath().getParent());
            download(file, part);
            checkDownload(part, file);
            return Files.move(part, place, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            String message =
                    "%s: cannot be fetched from %s: %s; to do without a network, put the file there yourself" + " (%s)";
            throw new UncheckedIOException(message.formatted(place, file.address(), reason(e), file.checksum()), e);
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void check(Path place, Remote file) {
        try {
            Checksum got = file.checksum().of(place);
            if (!got.equals(file.checksum())) {
                String message = "%s: damaged: %s, expected %s; delete it to have it fetched again";
                throw new IllegalStateException(
                        message.formatted(place, got, file.checksum().digits()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(place + ": cannot be read: " + reason(e), e);
        }
    }

    /// A wrong download is deleted: going on with it later could never help.
    private static void checkDownload(Path part, Remote file) throws IOException {
        Checksum got = file.checksum().of(part);
        if (!got.equals(file.checksum())) {
            Files.delete(part);
            String message = "%s: damaged on its way, or changed there: %s, expected %s";
            throw new IllegalStateException(
                    message.formatted(file.address(), got, file.checksum().digits()));
        }
    }

    private void download(Remote file, Path part) throws IOException {
        try (HttpClient client = HttpClient.newBuilder()
                .followRedirects(Redirect.NORMAL)
                .connectTimeout(timeout)
                .build()) {
            for (int attempt = 1; ; attempt++) {
                try {
                    request(client, file, part);
                    return;
                } catch (IOException e) {
                    if (attempt == attempts || e instanceof Refused) {
                        throw e;
                    }
                }
            }
        }
    }

    /// Asks for what is missing, and adds it to what is there.
    private void request(HttpClient client, Remote file, Path part) throws IOException {
        long have = Files.exists(part) ? Files.size(part) : 0;
        HttpRequest.Builder request = HttpRequest.newBuilder(file.address()).timeout(timeout);
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> response = send(client, request.build());
        try (InputStream body = response.body()) {
            switch (response.statusCode()) {
                // A server that knows no ranges sends the whole file.
                case OK -> write(body, part, StandardOpenOption.TRUNCATE_EXISTING);
                case PARTIAL -> {
                    String range =
                            response.headers().firstValue("Content-Range").orElse("");
                    if (!range.startsWith("bytes " + have + "-")) {
                        throw new IOException("the answer's range is '" + range + "', expected it from byte " + have);
                    }
                    write(body, part, StandardOpenOption.APPEND);
                }
                case OUT_OF_RANGE -> {
                    // Everything was there already, or too much: the checksum says which.
                }
                default -> throw new Refused("HTTP status " + response.statusCode());
            }
        }
    }

    private static HttpResponse<InputStream> send(HttpClient client, HttpRequest request) throws IOException {
        try {
            return client.send(request, BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refused("interrupted");
        }
    }

    private static void write(InputStream body, Path part, StandardOpenOption how) throws IOException {
        try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how)) {
            body.transferTo(out);
        }
    }

    /// An answer that will not be another one when asked again.
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }
}
