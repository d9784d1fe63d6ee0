package fathom.parity.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.data.Downloader;
import fathom.data.Image;
import fathom.io.KerasModel;
import fathom.io.TensorFile;
import fathom.io.TensorFlowJs;
import fathom.nn.Modules;
import fathom.parity.NpmPackage;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Published networks that were made in Keras, on two photographs of CIFAR-10.
///
/// What is expected was computed by TensorFlow.js 4.22.0 in node, by its backend `cpu`, of the same
/// pixels: `loadLayersModel` of the package's files, and `predict`.
class KerasModelsTest {
    private static final double TOLERANCE = 1e-4;
    private static final int COLOURS = 3;
    private static final List<String> PHOTOGRAPHS = List.of("cat/0000", "ship/0002");

    /// What a file of JavaScript has between the head and the foot that make a module of it.
    private static final Pattern EXPORTED =
            Pattern.compile("\\.exports=(\\{modelTopology.*\\}|\"[^\"]*\")\\},\\{\\}\\]");

    private static final Pattern KEY = Pattern.compile("([{,])([A-Za-z_]\\w*):");

    @TempDir
    Path folder;

    @Test
    void mobileNetFindsTheSameClasses() {
        float[][] expected = {
            {0.0493831933f, 0.00658059772f, 0.814611614f, 0.124520011f, 0.00490462128f},
            {0.537791789f, 0.00438157422f, 0.446302056f, 0.00945385825f, 0.00207066699f}
        };
        TensorFlowJs file = (TensorFlowJs) TensorFile.open(unpacked("mobilenet_v2", 1));
        assertThat(file.tensors()).hasSize(266);
        KerasModel model = KerasModel.read(file);
        assertThat(model.layers()).hasSize(161);
        assertThat(Modules.parameters(model)).containsKey("Conv1.weight");
        compare(model.apply(photographs(224)), expected);
    }

    @Test
    @Tag("slow")
    void inceptionFindsTheSameClasses() {
        float[][] expected = {
            {0.889718056f, 0.0241023637f, 0.0813667849f, 0.00435325969f, 0.000459575356f},
            {0.802159846f, 0.0379943661f, 0.153811157f, 0.00547868107f, 0.000555939041f}
        };
        KerasModel model = KerasModel.read(TensorFlowJs.open(unpacked("inception_v3", 6)));
        compare(model.apply(photographs(299)), expected);
    }

    private static void compare(Tensor found, float[][] expected) {
        assertThat(found.shape()).isEqualTo(Shape.of(expected.length, expected[0].length));
        float[] all = found.toFloats();
        for (int i = 0; i < all.length; i++) {
            assertThat((double) all[i])
                    .as("photograph %s, class %s", i / expected[0].length, i % expected[0].length)
                    .isCloseTo(expected[i / expected[0].length][i % expected[0].length], within(TOLERANCE));
        }
    }

    /// Each pixel repeated until the picture has the size, which every program does alike.
    private static Tensor photographs(int size) {
        Path zip = Stream.of(Downloader.standard().folder(), Path.of("..", "..", "shared", "data"))
                .map(data -> data.resolve("cifar10", "cifar10-jpeg-subset.zip"))
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> abort("no cifar10/cifar10-jpeg-subset.zip where downloads are kept"));
        float[] all = new float[PHOTOGRAPHS.size() * size * size * COLOURS];
        int at = 0;
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (String name : PHOTOGRAPHS) {
                ZipEntry entry = Objects.requireNonNull(file.getEntry("test/" + name + ".jpg"));
                Image image;
                try (InputStream in = file.getInputStream(entry)) {
                    image = Image.decode(in.readAllBytes(), COLOURS, name);
                }
                for (int i = 0; i < size * size * COLOURS; i++) {
                    int row = i / COLOURS / size * image.height() / size;
                    int column = i / COLOURS % size * image.width() / size;
                    all[at++] = image.at(row, column, i % COLOURS);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Tensor.of(all, PHOTOGRAPHS.size(), size, size, COLOURS);
    }

    // ---- from modules of JavaScript to the files of TensorFlow.js ----

    private Path unpacked(String name, int shards) {
        Optional<Path> npm = NpmPackage.folder("nsfwjs", "4.3.0");
        assumeTrue(npm.isPresent(), "nsfwjs cannot be had: no npm, or no network");
        Path models = npm.get().resolve("dist", "models", name);
        try {
            for (int i = 1; i <= shards; i++) {
                String shard = "group1-shard%sof%s".formatted(i, shards);
                String text = exported(models.resolve(shard + ".min.js"));
                Files.write(folder.resolve(shard), Base64.getDecoder().decode(text.substring(1, text.length() - 1)));
            }
            // No text in these models has a colon, a brace or an exclamation mark.
            String json = KEY.matcher(exported(models.resolve("model.min.js"))).replaceAll("$1\"$2\":");
            json = json.replace("!0", "true").replace("!1", "false").replaceAll("(?<=[:,\\[-])\\.(?=\\d)", "0.");
            return Files.writeString(folder.resolve("model.json"), json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String exported(Path file) throws IOException {
        Matcher matcher = EXPORTED.matcher(Files.readString(file));
        assertThat(matcher.find()).as("%s is laid out as expected", file).isTrue();
        return matcher.group(1);
    }
}
