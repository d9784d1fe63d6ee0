package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloaderTest {
    private static final byte[] CONTENT = content();
    private static final String SHA256 =
            Checksum.of(Checksum.Algorithm.SHA256, CONTENT).digits();

    @TempDir
    private Path folder;

    private HttpServer server;
    private final List<String> ranges = new CopyOnWriteArrayList<>();

    private static byte[] content() {
        byte[] content = new byte[200_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i * 31 + i / 256);
        }
        return content;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange, int from) throws IOException;
    }

    private void answer(Answer answer) {
        server.createContext("/file", exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            ranges.add(range == null ? "all" : range);
            int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
            try (exchange) {
                answer.to(exchange, from);
            }
        });
    }

    /// Sends the content from a place on, but no more than so many bytes of it before it breaks off.
    private static void send(HttpExchange exchange, int from, int most) throws IOException {
        int left = CONTENT.length - from;
        if (from > 0) {
            String range = "bytes " + from + "-" + (CONTENT.length - 1) + "/" + CONTENT.length;
            exchange.getResponseHeaders().set("Content-Range", range);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, left);
        exchange.getResponseBody().write(CONTENT, from, Math.min(left, most));
        exchange.getResponseBody().flush();
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/file");
    }

    private Remote file(String sha256) {
        return new Remote("set/file.bin", address(), Checksum.sha256(sha256));
    }

    private Downloader downloader() {
        return new Downloader(folder, 3, Duration.ofSeconds(20));
    }

    @Test
    void fetchesOnceAndKeeps() throws IOException {
        answer((exchange, from) -> send(exchange, from, Integer.MAX_VALUE));
        Path place = downloader().fetch(file(SHA256));
        assertThat(place).isEqualTo(folder.resolve("set/file.bin")).hasBinaryContent(CONTENT);
        assertThat(downloader().fetch(file(SHA256))).isEqualTo(place);
        assertThat(ranges).containsExactly("all");
        assertThat(folder.resolve("set/file.bin.part")).doesNotExist();
        Files.write(place, new byte[3]);
        assertThatThrownBy(() -> downloader().fetch(file(SHA256)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith(place + ": damaged: SHA-256 ")
                .hasMessageEndingWith(", expected " + SHA256 + "; delete it to have it fetched again");
    }

    @Test
    void goesOnWhereAConnectionBroke() {
        answer((exchange, from) -> send(exchange, from, 80_000));
        assertThat(downloader().fetch(file(SHA256))).hasBinaryContent(CONTENT);
        assertThat(ranges).hasSize(3);
        assertThat(ranges.getFirst()).isEqualTo("all");
        assertThat(ranges.subList(1, 3)).allMatch(range -> range.matches("bytes=[1-9]\\d*-"));
    }

    @Test
    void aLaterRunGoesOnWhereOneGaveUp() throws IOException {
        answer((exchange, from) -> send(exchange, from, 80_000));
        Downloader once = new Downloader(folder, 1, Duration.ofSeconds(20));
        for (int run = 0; run < 2; run++) {
            assertThatThrownBy(() -> once.fetch(file(SHA256)))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageStartingWith(folder.resolve("set/file.bin") + ": cannot be fetched from " + address());
        }
        assertThat(Files.size(folder.resolve("set/file.bin.part"))).isBetween(1L, 160_000L);
        assertThat(once.fetch(file(SHA256))).hasBinaryContent(CONTENT);
    }

    @Test
    void aServerWithoutRangesSendsAllAgain() throws IOException {
        answer((exchange, from) -> send(exchange, 0, Integer.MAX_VALUE));
        Files.createDirectories(folder.resolve("set"));
        Files.write(folder.resolve("set/file.bin.part"), new byte[] {1, 2, 3});
        assertThat(downloader().fetch(file(SHA256))).hasBinaryContent(CONTENT);
        assertThat(ranges).containsExactly("bytes=3-");
    }

    @Test
    void aWholePartIsTakenAndAWrongRangeIsNot() throws IOException {
        answer((exchange, from) -> exchange.sendResponseHeaders(416, -1));
        Files.createDirectories(folder.resolve("set"));
        Files.write(folder.resolve("set/file.bin.part"), CONTENT);
        assertThat(downloader().fetch(file(SHA256))).hasBinaryContent(CONTENT);
        server.removeContext("/file");
        answer((exchange, from) -> {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-9/10");
            exchange.sendResponseHeaders(206, 10);
            exchange.getResponseBody().write(new byte[10]);
        });
        Files.move(folder.resolve("set/file.bin"), folder.resolve("set/file.bin.part"));
        assertThatThrownBy(() -> downloader().fetch(file(SHA256)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the answer's range is 'bytes 0-9/10', expected it from byte 200000");
    }

    @Test
    void aWrongChecksumIsAnErrorAndNothingIsKept() throws IOException {
        answer((exchange, from) -> send(exchange, from, Integer.MAX_VALUE));
        String other = "0".repeat(64);
        assertThatThrownBy(() -> downloader().fetch(file(other)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(address() + ": damaged on its way, or changed there: SHA-256 " + SHA256 + ", expected "
                        + other);
        try (var files = Files.list(folder.resolve("set"))) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void aRefusalIsNotAskedAgain() {
        answer((exchange, from) -> exchange.sendResponseHeaders(404, -1));
        assertThatThrownBy(() -> downloader().fetch(file(SHA256)))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(folder.resolve("set/file.bin") + ": cannot be fetched from " + address()
                        + ": HTTP status 404; to do without a network, put the file there yourself (SHA-256 " + SHA256
                        + ")");
        assertThat(ranges).hasSize(1);
    }

    @Test
    void withoutANetworkTheErrorSaysWhatToDo() throws IOException {
        Remote file = file(SHA256);
        server.stop(0);
        assertThatThrownBy(() -> downloader().fetch(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(folder.resolve("set/file.bin") + ": cannot be fetched from " + address())
                .hasMessageEndingWith("put the file there yourself (SHA-256 " + SHA256 + ")");
        Files.write(folder.resolve("set/file.bin"), CONTENT);
        assertThat(downloader().fetch(file)).hasBinaryContent(CONTENT);
    }

    @Test
    void theFolderIsTheUsersChoiceOrTheCache() {
        assertThat(Downloader.folder("/data/sets", "Linux", "/home/me")).isEqualTo(Path.of("/data/sets"));
        assertThat(Downloader.folder(null, "Linux", "/home/me")).isEqualTo(Path.of("/home/me/.cache/fathom"));
        assertThat(Downloader.folder(" ", "Mac OS X", "/home/me")).isEqualTo(Path.of("/home/me/Library/Caches/fathom"));
        assertThat(Downloader.folder(null, "Windows 11", "/home/me"))
                .isEqualTo(Path.of("/home/me/AppData/Local/fathom"));
    }

    @Test
    void badFilesAndSettingsAreRefused() {
        assertThatThrownBy(() -> new Remote("../x", address(), Checksum.sha256(SHA256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("remote file: path '../x', expected one below the cache's folder");
        assertThatThrownBy(() -> Checksum.sha256("abc"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("checksum: SHA-256 'abc', expected 64 hexadecimal digits");
        assertThatThrownBy(() -> new Downloader(folder, 0, Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("downloader: attempts 0, expected at least 1");
    }

    // ---- the sets ----

    @Test
    void aDamagedFileOfASetIsNamed() throws IOException {
        DownloadedSets sets = new DownloadedSets(downloader());
        for (String path :
                List.of("movie-reviews/rt-polarity.neg.txt", "movie-reviews/sst2.train.txt", "multi30k/train.en.gz")) {
            Files.createDirectories(folder.resolve(path).getParent());
            Files.write(folder.resolve(path), new byte[1]);
        }
        for (Runnable load : Arrays.<Runnable>asList(sets::moviePolarity, sets::sst2, () -> sets.multi30k("en"))) {
            assertThatThrownBy(load::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(": damaged: SHA-256 6e340b9cffb37a989ca544e6bb780a2c");
        }
        assertThatThrownBy(() -> sets.multi30k("it"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("multi30k: language it, expected en, de or fr");
    }

    /// With the files in `FATHOM_DATA`, or a network to fetch them to it; or else those beside the working copy.
    @Test
    void downloadedSetsAreWhole() {
        Path beside = Path.of("..", "..", "shared", "data");
        boolean isNamed = System.getenv().containsKey("FATHOM_DATA");
        Path kept = isNamed ? Downloader.standard().folder() : beside;
        assumeTrue(isNamed || Files.exists(beside), () -> "no FATHOM_DATA and no " + beside);
        DownloadedSets sets = new DownloadedSets(Downloader.in(kept));
        LabelledTexts polarity = sets.moviePolarity();
        assertThat(polarity.texts()).hasSize(2 * 5_331);
        assertThat(Arrays.stream(polarity.labels()).sum()).isEqualTo(5_331);
        assertThat(sets.sst2())
                .extractingByKeys("train", "dev", "test")
                .map(part -> part.texts().size())
                .containsExactly(6_920, 872, 1_821);
        assertThat(sets.sst2().values()).map(part -> part.texts().getFirst()).contains("one long string of cliches .");
        for (String language : List.of("en", "de", "fr")) {
            assertThat(sets.multi30k(language).values()).map(List::size).containsExactly(29_000, 1_014, 1_000);
        }
    }
}
