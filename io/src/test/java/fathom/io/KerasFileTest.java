package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.BatchNorm;
import fathom.nn.Conv2d;
import fathom.nn.Gru;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Lstm;
import fathom.nn.Module;
import fathom.nn.SeparableConv2d;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files laid out as Keras lays them out: one that h5py wrote, and others written here with the library
/// that also reads them, since no published one can be had by the build.
class KerasFileTest {
    private static final int UNITS = 3;
    private static final int IN = 2;

    @TempDir
    private Path folder;

    private static float[] random(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static float[][] matrix(int rows, int columns, long seed) {
        float[] values = random(rows * columns, seed);
        float[][] matrix = new float[rows][columns];
        for (int i = 0; i < values.length; i++) {
            matrix[i / columns][i % columns] = values[i];
        }
        return matrix;
    }

    private static float[][][][] kernel(int a, int b, int c, int d, long seed) {
        float[] values = random(a * b * c * d, seed);
        float[][][][] kernel = new float[a][b][c][d];
        for (int i = 0; i < values.length; i++) {
            kernel[i / (b * c * d)][i / (c * d) % b][i / d % c][i % d] = values[i];
        }
        return kernel;
    }

    private static void weights(WritableGroup root, String layer, Map<String, Object> weights) {
        WritableGroup group = root.putGroup(layer);
        group.putAttribute(
                "weight_names",
                weights.keySet().stream()
                        .sorted()
                        .map(name -> layer + "/" + name.substring(1) + ":0")
                        .toArray(String[]::new));
        WritableGroup inner = group.putGroup(layer);
        weights.forEach((name, value) -> inner.putDataset(name.substring(1) + ":0", value));
    }

    /// A whole model of Keras 2.
    private Path model() {
        Path file = folder.resolve("model.h5");
        try (WritableHdfFile out = HdfFile.write(file)) {
            out.putAttribute("keras_version", "2.15.0");
            out.putAttribute("backend", "tensorflow");
            out.putAttribute("model_config", "{\"class_name\": \"Sequential\"}");
            WritableGroup root = out.putGroup("model_weights");
            root.putAttribute("layer_names", new String[] {"z_first", "dropout", "a_second"});
            weights(root, "z_first", Map.of("0kernel", matrix(IN, 4, 1), "1bias", random(4, 2)));
            root.putGroup("dropout");
            weights(
                    root,
                    "a_second",
                    Map.of(
                            "0gamma",
                            random(4, 3),
                            "1beta",
                            random(4, 4),
                            "2moving_mean",
                            random(4, 5),
                            "3moving_variance",
                            new float[] {1, 2, 3, 4}));
        }
        return file;
    }

    @Test
    void aModelOfKeras2IsRead() {
        Path path = model();
        TensorFile any = TensorFile.open(path);
        assertThat(any).isInstanceOf(KerasFile.class);
        KerasFile file = KerasFile.open(path);
        assertThat(file.format()).isEqualTo("Keras 2 weights (HDF5)");
        assertThat(file.tensors().keySet())
                .containsExactly(
                        "z_first/kernel",
                        "z_first/bias",
                        "a_second/gamma",
                        "a_second/beta",
                        "a_second/moving_mean",
                        "a_second/moving_variance");
        assertThat(file.tensors().get("z_first/kernel"))
                .isEqualTo(new StoredTensor("z_first/kernel", Shape.of(IN, 4), "float32", DType.F32, 32));
        assertThat(file.layers().keySet()).containsExactly("z_first", "a_second");
        assertThat(file.metadata()).containsEntry("keras_version", "2.15.0").containsKey("model_config");
        assertThat(file.read("z_first/bias").toFloats()).isEqualTo(random(4, 2));
        assertThat(file.readAll()).hasSize(6);
        assertThatThrownBy(() -> file.read("z_first/kernl"))
                .hasMessageStartingWith(path + ": no tensor 'z_first/kernl', expected one of");
        assertThatThrownBy(() -> file.layer("x"))
                .hasMessage(path + ": no layer 'x', expected one of [z_first, a_second]");
    }

    /// Of the layout that Keras 2 has, written by h5py as Keras does: HDF5 of the oldest version, and
    /// kernels in parts that are shuffled, compressed and have checksums. The weights are 0, 0.5, 1 and
    /// so on.
    @Test
    void whatH5pyWritesIsRead() throws IOException {
        Path path = folder.resolve("keras2.h5");
        try (InputStream in = KerasFileTest.class.getResourceAsStream("keras2.h5")) {
            Files.copy(Objects.requireNonNull(in), path);
        }
        KerasFile file = KerasFile.open(path);
        assertThat(file.layers())
                .isEqualTo(Map.of(
                        "dense", List.of("dense/kernel", "dense/bias"), "lstm", List.of("lstm/lstm_cell/kernel")));
        assertThat(file.metadata()).containsEntry("backend", "tensorflow");
        assertThat(file.layer("dense").getFirst().toFloats()).containsExactly(0, 0.5f, 1, 1.5f, 2, 2.5f);
        assertThat(file.layer("dense").getLast().toFloats()).containsExactly(0, 0.5f, 1);
        assertThat(file.read("lstm/lstm_cell/kernel").shape()).isEqualTo(Shape.of(3, 4));
    }

    /// The file of Keras 3: a zip file with the weights by numbers.
    @Test
    void aModelOfKeras3IsRead() throws IOException {
        Path weights = folder.resolve("w.h5");
        try (WritableHdfFile out = HdfFile.write(weights)) {
            WritableGroup layers = out.putGroup("layers");
            WritableGroup dense = layers.putGroup("dense").putGroup("vars");
            for (int i = 0; i < 12; i++) {
                dense.putDataset(String.valueOf(i), random(i + 1, i));
            }
            layers.putGroup("gru").putGroup("cell").putGroup("vars").putDataset("0", matrix(IN, 9, 1));
        }
        Path file = zip("model.keras", ZipEntry.STORED, Files.readAllBytes(weights));
        KerasFile keras = (KerasFile) TensorFile.open(file);
        assertThat(keras.format()).isEqualTo("Keras 3 weights (HDF5)");
        assertThat(keras.layers().get("layers/dense"))
                .hasSize(12)
                .endsWith("layers/dense/vars/9", "layers/dense/vars/10", "layers/dense/vars/11");
        assertThat(keras.layer("layers/gru").getFirst().shape()).isEqualTo(Shape.of(IN, 9));
        assertThat(keras.metadata().get("metadata.json")).isEqualTo("{\"keras_version\": \"3.0.0\"}");
        Path bomb = zip("bomb.keras", ZipEntry.DEFLATED, new byte[10_000_000]);
        assertThatThrownBy(() -> TensorFile.open(bomb))
                .hasMessage(bomb + ": model.weights.h5 is compressed, expected as it is");
    }

    private Path zip(String name, int method, byte[] weights) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("metadata.json"));
            zip.write("{\"keras_version\": \"3.0.0\"}".getBytes(StandardCharsets.UTF_8));
            ZipEntry entry = new ZipEntry("model.weights.h5");
            entry.setMethod(method);
            CRC32 checksum = new CRC32();
            checksum.update(weights);
            entry.setCrc(checksum.getValue());
            entry.setSize(weights.length);
            if (method == ZipEntry.STORED) {
                entry.setCompressedSize(weights.length);
            }
            zip.putNextEntry(entry);
            zip.write(weights);
        }
        return file;
    }

    @Test
    void otherHdf5FilesAreTensorsByTheirPaths() {
        Path path = folder.resolve("other.hdf5");
        try (WritableHdfFile out = HdfFile.write(path)) {
            out.putDataset("longs", new long[][] {{1, -2}, {3, 4}});
            out.putGroup("deep").putGroup("er").putDataset("doubles", new double[] {0.5});
            out.putDataset("bytes", new byte[] {-1, 2});
            out.putDataset("number", 3.5f);
            out.putDataset("count", 7L);
            out.putDataset("text", new String[] {"no", "tensor"});
        }
        TensorFile file = TensorFile.open(path);
        assertThat(file.format()).isEqualTo("HDF5");
        assertThat(file.tensors().keySet())
                .containsExactlyInAnyOrder("longs", "deep/er/doubles", "bytes", "number", "count");
        assertThat(file.read("longs").toLongs()).containsExactly(1, -2, 3, 4);
        assertThat(file.read("deep/er/doubles").toDoubles()).containsExactly(0.5);
        assertThat(file.read("bytes").toInts()).containsExactly(-1, 2);
        assertThat(file.read("number").item()).isEqualTo(3.5);
        assertThat(file.read("number").shape()).isEqualTo(Shape.of());
        assertThat(file.read("count").toLongs()).containsExactly(7);
    }

    // ---- layers ----

    private static Tensor of(float[][] matrix) {
        float[] all = new float[matrix.length * matrix[0].length];
        for (int i = 0; i < all.length; i++) {
            all[i] = matrix[i / matrix[0].length][i % matrix[0].length];
        }
        return Tensor.of(all, matrix.length, matrix[0].length);
    }

    private static Tensor of(float[][][][] kernel) {
        int[] d = {kernel.length, kernel[0].length, kernel[0][0].length, kernel[0][0][0].length};
        float[] all = new float[d[0] * d[1] * d[2] * d[3]];
        for (int i = 0; i < all.length; i++) {
            all[i] = kernel[i / (d[1] * d[2] * d[3])][i / (d[2] * d[3]) % d[1]][i / d[3] % d[2]][i % d[3]];
        }
        return Tensor.of(all, d[0], d[1], d[2], d[3]);
    }

    @Test
    void denseAndBatchNormalisation() {
        KerasFile file = KerasFile.open(model());
        RandomStream random = RandomStream.of(1);
        Linear dense = (Linear) Layers.linear(4).build(Shape.of(IN), random);
        BatchNorm norm = (BatchNorm) Layers.batchNorm().epsilon(1e-3).build(Shape.of(4), random);
        KerasWeights.set(dense, file.layer("z_first"));
        KerasWeights.set(norm, file.layer("a_second"));
        float[] x = {0.5f, -2};
        float[] y = norm.apply(dense.apply(Tensor.of(x, 1, IN))).toFloats();
        float[][] kernel = matrix(IN, 4, 1);
        for (int unit = 0; unit < 4; unit++) {
            double sum = x[0] * kernel[0][unit] + x[1] * kernel[1][unit] + random(4, 2)[unit];
            double expected =
                    (sum - random(4, 5)[unit]) / Math.sqrt(unit + 1 + 1e-3) * random(4, 3)[unit] + random(4, 4)[unit];
            assertThat((double) y[unit]).isCloseTo(expected, within(1e-5));
        }
        assertThatThrownBy(() -> KerasWeights.set(dense, file.layer("a_second")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("weights of Keras for a Linear: shapes [");
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /// `x W + h U` of one column, without a bias.
    private static double column(float[] x, double[] h, float[][] kernel, float[][] recurrent, int column) {
        return input(x, kernel, column) + state(h, recurrent, column);
    }

    private static double input(float[] x, float[][] kernel, int column) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * kernel[i][column];
        }
        return sum;
    }

    private static double state(double[] h, float[][] recurrent, int column) {
        double sum = 0;
        for (int i = 0; i < h.length; i++) {
            sum += h[i] * recurrent[i][column];
        }
        return sum;
    }

    /// Keras' gates are input, forget, candidate and output.
    @Test
    void lstm() {
        float[][] kernel = matrix(IN, 4 * UNITS, 1);
        float[][] recurrent = matrix(UNITS, 4 * UNITS, 2);
        float[] bias = random(4 * UNITS, 3);
        Lstm layer = (Lstm) Layers.lstm(UNITS).build(Shape.of(4, IN), RandomStream.of(1));
        KerasWeights.set(layer, List.of(of(kernel), of(recurrent), Tensor.of(bias, 4 * UNITS)));
        float[][] steps = matrix(4, IN, 9);
        float[] ours = layer.apply(of(steps).reshape(1, 4, IN)).toFloats();
        double[] h = new double[UNITS];
        double[] c = new double[UNITS];
        for (int t = 0; t < 4; t++) {
            double[] next = new double[UNITS];
            for (int u = 0; u < UNITS; u++) {
                double in = sigmoid(column(steps[t], h, kernel, recurrent, u) + bias[u]);
                double forget = sigmoid(column(steps[t], h, kernel, recurrent, UNITS + u) + bias[UNITS + u]);
                double candidate =
                        Math.tanh(column(steps[t], h, kernel, recurrent, 2 * UNITS + u) + bias[2 * UNITS + u]);
                double out = sigmoid(column(steps[t], h, kernel, recurrent, 3 * UNITS + u) + bias[3 * UNITS + u]);
                c[u] = forget * c[u] + in * candidate;
                next[u] = out * Math.tanh(c[u]);
                assertThat((double) ours[t * UNITS + u]).isCloseTo(next[u], within(1e-5));
            }
            h = next;
        }
    }

    /// Keras' gates are update, reset and candidate, and the reset comes after the product.
    @Test
    void gru() {
        float[][] kernel = matrix(IN, 3 * UNITS, 1);
        float[][] recurrent = matrix(UNITS, 3 * UNITS, 2);
        float[][] bias = matrix(2, 3 * UNITS, 3);
        Gru layer = (Gru) Layers.gru(UNITS).build(Shape.of(4, IN), RandomStream.of(1));
        KerasWeights.set(layer, List.of(of(kernel), of(recurrent), of(bias)));
        float[][] steps = matrix(4, IN, 9);
        float[] ours = layer.apply(of(steps).reshape(1, 4, IN)).toFloats();
        double[] h = new double[UNITS];
        for (int t = 0; t < 4; t++) {
            double[] next = new double[UNITS];
            for (int u = 0; u < UNITS; u++) {
                double update = sigmoid(column(steps[t], h, kernel, recurrent, u) + bias[0][u] + bias[1][u]);
                int r = UNITS + u;
                double reset = sigmoid(column(steps[t], h, kernel, recurrent, r) + bias[0][r] + bias[1][r]);
                int n = 2 * UNITS + u;
                double ofState = state(h, recurrent, n) + bias[1][n];
                double candidate = Math.tanh(input(steps[t], kernel, n) + bias[0][n] + reset * ofState);
                next[u] = update * h[u] + (1 - update) * candidate;
                assertThat((double) ours[t * UNITS + u]).isCloseTo(next[u], within(1e-5));
            }
            h = next;
        }
        assertThatThrownBy(() ->
                        KerasWeights.set(layer, List.of(of(kernel), of(recurrent), Tensor.of(bias[0], 3 * UNITS))))
                .hasMessageContaining("as without reset_after, which Fathom does not have");
        assertThat(KerasWeights.gates(KerasWeights.gates(of(kernel), UNITS), UNITS)
                        .toFloats())
                .isEqualTo(of(kernel).toFloats());
    }

    @Test
    void convolutions() {
        float[][][][] kernel = kernel(3, 2, 2, 4, 1);
        Conv2d layer = (Conv2d) Layers.conv2d(4, 3, 2).build(Shape.of(5, 6, 2), RandomStream.of(1));
        KerasWeights.set(layer, List.of(of(kernel), Tensor.of(random(4, 2), 4)));
        float[][][][] x = kernel(1, 5, 6, 2, 3);
        Tensor y = layer.apply(of(x));
        assertThat(y.shape()).isEqualTo(Shape.of(1, 3, 5, 4));
        float[] ours = y.toFloats();
        for (int i = 0; i < ours.length; i++) {
            double sum = random(4, 2)[i % 4];
            for (int k = 0; k < 3 * 2 * 2; k++) {
                sum += x[0][i / 20 + k / 4][i / 4 % 5 + k / 2 % 2][k % 2] * kernel[k / 4][k / 2 % 2][k % 2][i % 4];
            }
            assertThat((double) ours[i]).isCloseTo(sum, within(1e-5));
        }
    }

    /// Keras' kernel has the filters of a channel in an axis of their own.
    @Test
    void depthwiseAndSeparable() {
        float[][][][] depthwise = kernel(2, 2, 3, 2, 1);
        float[][][][] pointwise = kernel(1, 1, 6, 5, 2);
        SeparableConv2d layer = (SeparableConv2d)
                Layers.separableConv2d(5, 2).multiplier(2).build(Shape.of(4, 4, 3), RandomStream.of(1));
        KerasWeights.set(layer, List.of(of(depthwise), of(pointwise), Tensor.of(random(5, 3), 5)));
        float[][][][] x = kernel(1, 4, 4, 3, 4);
        float[] ours = layer.apply(of(x)).toFloats();
        assertThat(ours).hasSize(3 * 3 * 5);
        for (int i = 0; i < ours.length; i++) {
            double sum = random(5, 3)[i % 5];
            for (int channel = 0; channel < 3; channel++) {
                for (int m = 0; m < 2; m++) {
                    double part = 0;
                    for (int k = 0; k < 4; k++) {
                        part += x[0][i / 15 + k / 2][i / 5 % 3 + k % 2][channel] * depthwise[k / 2][k % 2][channel][m];
                    }
                    sum += part * pointwise[0][0][2 * channel + m][i % 5];
                }
            }
            assertThat((double) ours[i]).isCloseTo(sum, within(1e-5));
        }
    }

    @Test
    void otherLayersAreRefused() {
        Module layer = Layers.relu().build(Shape.of(2), RandomStream.of(1));
        assertThatThrownBy(() -> KerasWeights.set(layer, List.of()))
                .hasMessageStartingWith("weights of Keras for a ")
                .hasMessageEndingWith("expected a layer that Keras has with the same weights");
    }

    // ---- damage ----

    /// Whatever a damaged file leads the library to, the error is ours and names the file.
    @Test
    @Timeout(60)
    void damagedFilesAreErrors() throws IOException {
        byte[] old;
        try (InputStream in = KerasFileTest.class.getResourceAsStream("keras2.h5")) {
            old = Objects.requireNonNull(in).readAllBytes();
        }
        byte[] recent = Files.readAllBytes(model());
        Random random = new Random(11);
        Path file = folder.resolve("damaged.h5");
        int errors = 0;
        for (int i = 0; i < 600; i++) {
            byte[] whole = i % 2 == 0 ? old : recent;
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, 8 + random.nextInt(whole.length - 8)) : whole.clone();
            for (int k = i % 4 == 0 ? 0 : 1 + random.nextInt(4); k > 0; k--) {
                damaged[8 + random.nextInt(damaged.length - 8)] = (byte) random.nextInt(256);
            }
            Files.write(file, damaged);
            try {
                TensorFile.open(file).readAll();
            } catch (IllegalArgumentException e) {
                errors++;
                assertThat(e).hasMessageStartingWith(file + ": ");
            }
        }
        assertThat(errors).isGreaterThan(100);
    }
}
