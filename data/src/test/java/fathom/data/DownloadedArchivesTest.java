package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/// Sets that come as archives, from a server of small files of the same formats.
class DownloadedArchivesTest {
    private static final int CIFAR_RECORD = 1 + 3 * 32 * 32;

    @TempDir
    private Path folder;

    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private DownloadedSets sets() {
        return new DownloadedSets(Downloader.in(folder));
    }

    /// A file that the server has, with its MD5.
    private Remote served(String path, byte[] content) {
        server.createContext("/" + path, exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, content.length);
                exchange.getResponseBody().write(content);
            }
        });
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path);
        return new Remote(path, address, Checksum.of(Checksum.Algorithm.MD5, content));
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    /// A tar file, compressed; what ends with a slash is a folder.
    private static byte[] tar(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                out.putArchiveEntry(entry);
                out.write(file.getValue());
                out.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    // ---- Fashion-MNIST ----

    private static byte[] idx(int... dims) throws IOException {
        int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * dims.length + size);
        bytes.put(new byte[] {0, 0, 8, (byte) dims.length});
        Arrays.stream(dims).forEach(bytes::putInt);
        for (int i = 0; i < size; i++) {
            bytes.put((byte) (dims.length == 1 ? (7 + i) % 10 : i % 256));
        }
        return gzip(bytes.array());
    }

    private List<Remote> articles() throws IOException {
        return List.of(
                served("articles/train-images-idx3-ubyte.gz", idx(3, 28, 28)),
                served("articles/train-labels-idx1-ubyte.gz", idx(3)),
                served("articles/t10k-images-idx3-ubyte.gz", idx(2, 28, 28)),
                served("articles/t10k-labels-idx1-ubyte.gz", idx(2)));
    }

    @Test
    void fashionMnist() throws IOException {
        LabelledImages set = sets().fashionMnist(articles());
        assertThat(set.train().size()).isEqualTo(3);
        assertThat(set.train().inputShape()).isEqualTo(Shape.of(28, 28, 1));
        assertThat(set.train().all().x().toFloats()).startsWith(0, 1 / 255f, 2 / 255f);
        assertThat(set.train().all().y().toInts()).containsExactly(7, 8, 9);
        assertThat(set.test().all().y().toInts()).containsExactly(7, 8);
        assertThat(set.classes())
                .hasSize(10)
                .startsWith("T-shirt/top", "Trouser")
                .endsWith("Ankle boot");
    }

    // ---- CIFAR-10 ----

    /// So many images, of which the reds are 1, 2 and so on, the greens 51 and the blues 102 more.
    private static byte[] images(int... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(CIFAR_RECORD * labels.length);
        for (int label : labels) {
            bytes.put((byte) label);
            for (int channel = 0; channel < 3; channel++) {
                for (int pixel = 0; pixel < 1024; pixel++) {
                    bytes.put((byte) (51 * channel + pixel % 100));
                }
            }
        }
        return bytes.array();
    }

    private static Map<String, byte[]> batches() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("cifar-10-batches-bin/", new byte[0]);
        files.put("cifar-10-batches-bin/readme.html", new byte[] {1, 2, 3});
        files.put("cifar-10-batches-bin/test_batch.bin", images(9));
        // Not in their order, which is not the archive's to choose.
        for (int i = 5; i >= 1; i--) {
            files.put("cifar-10-batches-bin/data_batch_" + i + ".bin", images(i, 0));
        }
        return files;
    }

    @Test
    void cifar10() throws IOException {
        LabelledImages set = sets().cifar10(served("cifar/a.tar.gz", tar(batches())));
        assertThat(set.train().inputShape()).isEqualTo(Shape.of(32, 32, 3));
        assertThat(set.train().all().y().toInts()).containsExactly(1, 0, 2, 0, 3, 0, 4, 0, 5, 0);
        assertThat(set.test().all().y().toInts()).containsExactly(9);
        assertThat(set.test().all().x().toFloats())
                .startsWith(0, 51 / 255f, 102 / 255f, 1 / 255f, 52 / 255f, 103 / 255f);
        assertThat(set.classes()).hasSize(10).startsWith("airplane").endsWith("truck");
    }

    @Test
    void archivesThatAreNotCifarAreRefused() throws IOException {
        Map<String, byte[]> files = batches();
        files.put("cifar-10-batches-bin/data_batch_3.bin", new byte[CIFAR_RECORD + 1]);
        Remote ragged = served("cifar/ragged.tar.gz", tar(files));
        assertThatThrownBy(() -> sets().cifar10(ragged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        folder.resolve("cifar/ragged.tar.gz")
                                + ": 3074 bytes of cifar-10-batches-bin/data_batch_3.bin, expected a multiple of 3073, and some");
        files.remove("cifar-10-batches-bin/data_batch_3.bin");
        Remote missing = served("cifar/missing.tar.gz", tar(files));
        assertThatThrownBy(() -> sets().cifar10(missing))
                .hasMessageContaining(": 0 bytes of cifar-10-batches-bin/data");
        files.put("cifar-10-batches-bin/data_batch_3.bin", images(10));
        Remote unknown = served("cifar/unknown.tar.gz", tar(files));
        assertThatThrownBy(() -> sets().cifar10(unknown))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(": label 10 at image 4, expected 0 to 9");
    }

    @Test
    void aSmallPartOfCifar10() throws IOException {
        Map<String, byte[]> files = batches();
        for (int i = 1; i <= 5; i++) {
            files.put("cifar-10-batches-bin/data_batch_" + i + ".bin", images(1, 0, 2, i % 2));
        }
        files.put("cifar-10-batches-bin/test_batch.bin", images(2, 1, 0, 1, 2));
        LabelledImages set = sets().smallCifar10(served("cifar/small.tar.gz", tar(files)), 2, 1);
        assertThat(set.train().labels()).containsExactly(0, 0, 1, 1, 2, 2);
        assertThat(set.test().labels()).containsExactly(0, 1, 2);
        assertThat(set.classes()).hasSize(10);
    }

    @Test
    void aSmallPartOfCifar10InAZipFileIsNotFetched() throws IOException {
        List<String> classes =
                List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");
        Remote nowhere =
                new Remote("cifar/none.tar.gz", URI.create("http://127.0.0.1:1/"), Checksum.md5("0".repeat(32)));
        pictures(classes, 2);
        LabelledImages set = sets().smallCifar10(nowhere, 2, 1);
        assertThat(set.train().inputShape()).isEqualTo(Shape.of(32, 32, 3));
        assertThat(set.train().size()).isEqualTo(20);
        assertThat(set.test().labels()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(set.classes()).isEqualTo(classes);
        assertThatThrownBy(() -> sets().smallCifar10(nowhere, 3, 1))
                .hasMessage("takeOfEach: 3 samples, expected 1 to 2");

        pictures(List.of("cat", "dog"), 2);
        assertThatThrownBy(() -> sets().smallCifar10(nowhere, 2, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("folders [cat, dog] in train, expected [airplane, ");
    }

    /// A zip file with so many pictures of each class in both parts.
    private void pictures(List<String> classes, int count) throws IOException {
        Path zip = folder.resolve("cifar10/cifar10-jpeg-subset.zip");
        Files.createDirectories(zip.getParent());
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String part : List.of("train", "test")) {
                for (String name : classes) {
                    for (int i = 0; i < count; i++) {
                        out.putNextEntry(new ZipEntry(part + "/" + name + "/" + i + ".png"));
                        ImageIO.write(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB), "png", out);
                    }
                }
            }
        }
    }

    // ---- IMDb ----

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, byte[]> reviews() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("aclImdb/train/pos/10_9.txt", text("Schön!"));
        files.put("aclImdb/train/pos/2_10.txt", text("Good."));
        files.put("aclImdb/train/unsup/0_0.txt", text("Who knows?"));
        files.put("aclImdb/train/neg/0_1.txt", text("Bad."));
        files.put("aclImdb/test/neg/0_2.txt", text("Worse. " + "No. ".repeat(300)));
        files.put("aclImdb/test/pos/0_8.txt", text(""));
        files.put("aclImdb/README", text("no review"));
        return files;
    }

    @Test
    void imdb() throws IOException {
        Map<String, LabelledTexts> parts = sets().imdb(served("imdb/a.tar.gz", tar(reviews())));
        assertThat(parts).containsOnlyKeys("train", "test");
        LabelledTexts train = parts.getOrDefault("train", LabelledTexts.ofTwo(List.of(), List.of()));
        assertThat(train.texts()).containsExactly("Bad.", "Good.", "Schön!");
        assertThat(train.labels()).containsExactly(0, 1, 1);
        assertThat(train.classes()).containsExactly("negative", "positive");
        LabelledTexts test = parts.getOrDefault("test", LabelledTexts.ofTwo(List.of(), List.of()));
        assertThat(test.texts()).containsExactly("Worse. " + "No. ".repeat(300), "");
    }

    @Test
    void archivesThatAreDamagedAreRefused() throws IOException {
        Map<String, byte[]> files = reviews();
        files.remove("aclImdb/train/neg/0_1.txt");
        Remote partial = served("imdb/partial.tar.gz", tar(files));
        assertThatThrownBy(() -> sets().imdb(partial))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(": no reviews in aclImdb/train/neg, expected some");
        byte[] whole = tar(reviews());
        Remote cut = served("imdb/cut.tar.gz", Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> sets().imdb(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cut.tar.gz: not a whole tar file: ");
        byte[] nonsense = new byte[512];
        Arrays.fill(nonsense, (byte) 'x');
        Remote strange = served("imdb/strange.tar", nonsense);
        assertThatThrownBy(() -> sets().imdb(strange))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("strange.tar: not a whole tar file: ");
    }

    // ---- Cora ----

    private static Map<String, byte[]> papers() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("cora/", new byte[0]);
        files.put("cora/README", text("no paper"));
        files.put("cora/cora.cites", text("35\t1033\n35\t7\n7\t35\n7\t7\n"));
        files.put(
                "cora/cora.content", text("7\t0\t1\t1\tTheory\n35\t1\t0\t0\tNeural_Networks\n1033\t0\t0\t1\tTheory\n"));
        return files;
    }

    @Test
    void cora() throws IOException {
        LabelledGraph graph = sets().cora(served("cora/a.tgz", tar(papers())));
        assertThat(graph.x().shape()).isEqualTo(Shape.of(3, 3));
        assertThat(graph.x().toFloats()).containsExactly(0, 1, 1, 1, 0, 0, 0, 0, 1);
        assertThat(graph.y().toInts()).containsExactly(1, 0, 1);
        assertThat(graph.classes()).containsExactly("Neural_Networks", "Theory");
        // From the paper that cites to the one that is cited, as they are in the file.
        assertThat(graph.edges().toInts()).containsExactly(2, 1, 0, 1, 1, 0, 0, 0);
        assertThat(graph.bothWays().shape()).isEqualTo(Shape.of(4, 2));
        assertThat(graph.bothWays().toInts()).containsExactly(0, 1, 1, 0, 1, 2, 2, 1);
    }

    @Test
    void archivesThatAreNotCoraAreRefused() throws IOException {
        refusedAsCora(
                "strange.tgz",
                "cites",
                "35\t8\n",
                ": '35 8' in cora/cora.cites:1, expected two papers of cora/cora.content");
        refusedAsCora(
                "ragged.tgz", "content", "7\t0\tTheory\n8\tTheory\n", ": 2 columns in cora/cora.content:2, expected 3");
        refusedAsCora("words.tgz", "content", "7\t2\tTheory\n", ": '2' in cora/cora.content:1, expected 0 or 1");
        refusedAsCora("short.tgz", "content", "7\n", ": 1 columns in cora/cora.content:1, expected 3");
        refusedAsCora("empty.tgz", "cites", "", ": no lines of cora/cora.cites, expected some");
    }

    private void refusedAsCora(String name, String file, String content, String message) throws IOException {
        Map<String, byte[]> files = papers();
        files.put("cora/cora." + file, text(content));
        Remote archive = served("cora/" + name, tar(files));
        assertThatThrownBy(() -> sets().cora(archive))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder.resolve("cora/" + name) + message);
    }

    @Test
    void graphsOfOtherShapesAreRefused() {
        Tensor x = Tensor.of(new float[] {1, 2}, 2, 1);
        Tensor y = Tensor.of(new int[] {0, 0}, 2);
        assertThatThrownBy(() -> new LabelledGraph(
                        x, Tensor.of(new int[] {0, 1}, 1, 2), Tensor.of(new int[] {0}, 1), List.of("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("graph: features F32[2, 1] and classes I32[1], expected [V, features] and I32[V]");
        assertThatThrownBy(() -> new LabelledGraph(x, Tensor.of(new int[] {0, 1}, 2), y, List.of("a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("graph: edges I32[2], expected I32[E, 2] of source, target");
    }

    /// What was fetched is compared with the checksum, and read again without the server.
    @Test
    void checksumsAreCompared() throws IOException {
        Remote archive = served("imdb/a.tar.gz", tar(reviews()));
        Remote wrong = new Remote(archive.path(), archive.address(), Checksum.md5("0".repeat(32)));
        assertThatThrownBy(() -> sets().imdb(wrong))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(archive.address() + ": damaged on its way, or changed there: " + archive.checksum()
                        + ", expected " + "0".repeat(32));
        assertThat(sets().imdb(archive)).hasSize(2);
        server.removeContext("/imdb/a.tar.gz");
        assertThat(sets().imdb(archive)).hasSize(2);
        Files.write(folder.resolve("imdb/a.tar.gz"), new byte[3]);
        assertThatThrownBy(() -> sets().imdb(archive))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(": damaged: MD5 ");
        assertThatThrownBy(() -> Checksum.md5("0".repeat(64)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("checksum: MD5 '" + "0".repeat(64) + "', expected 32 hexadecimal digits");
    }

    /// With the files, or a network to fetch them.
    @Test
    @EnabledIfEnvironmentVariable(named = "FATHOM_DATA", matches = ".+")
    void downloadedArchivesAreWhole() {
        DownloadedSets sets = DownloadedSets.standard();
        for (LabelledImages images : List.of(sets.fashionMnist(), sets.cifar10())) {
            assertThat(images.train().size()).isEqualTo(images.classes().contains("cat") ? 50_000 : 60_000);
            assertThat(images.test().size()).isEqualTo(10_000);
        }
        assertThat(sets.imdb().values()).map(part -> part.texts().size()).containsExactly(25_000, 25_000);
        LabelledGraph cora = sets.cora();
        assertThat(cora.x().shape()).isEqualTo(Shape.of(2708, 1433));
        assertThat(cora.edges().dim(0)).isEqualTo(5429);
        assertThat(cora.bothWays().dim(0)).isEqualTo(10_556);
        assertThat(cora.classes()).hasSize(7);
    }
}
