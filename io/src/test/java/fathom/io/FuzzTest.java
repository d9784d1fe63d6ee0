package fathom.io;

import fathom.nn.train.Checkpoint;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import fathom.testing.Fuzz;
import fathom.testing.GgufBytes;
import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files of each format of this room: see [Fuzz].
class FuzzTest {
    @TempDir
    private Path folder;

    private static void readWhole(Path file) {
        TensorFile opened = TensorFile.open(file);
        opened.metadata();
        opened.readAll();
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] resource(String name) {
        try (InputStream in = FuzzTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A zip file of entries as they are, or compressed.
    private static Map<String, byte[]> entries(Path file) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : Collections.list(zip.entries())) {
                entries.put(entry.getName(), zip.getInputStream(entry).readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }

    private static Map<String, Tensor> tensors() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("layer.weight", Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        all.put("layer.bias", Tensor.of(new double[] {1, 2}, 2));
        all.put("count", Tensor.of(new long[] {7}, 1));
        all.put("flags", Tensor.of(new boolean[] {true, false}, 2));
        all.put("empty", Tensor.of(new float[0], 0, 3));
        return all;
    }

    // ---- safetensors ----

    @Test
    void safetensors() {
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, tensors(), Map.of("format", "pt"));
        byte[] whole = bytes(file);
        Safetensors.write(file, Map.of("w", Tensor.of(1f, 2f).cast(DType.BF16)));
        Fuzz.of("safetensors", file, f -> Safetensors.read(f).tensors())
                .seed(whole)
                .seed(bytes(file))
                .run();
    }

    @Test
    void indexOfShards() {
        Safetensors.write(folder.resolve("model-1.safetensors"), tensors());
        Safetensors.write(folder.resolve("model-2.safetensors"), Map.of("other", Tensor.of(1f, 2f)));
        String index =
                "{\"metadata\": {\"total_size\": 48}, \"weight_map\": {\"layer.weight\": \"model-1.safetensors\","
                        + " \"count\": \"model-1.safetensors\", \"other\": \"model-2.safetensors\"}}";
        Fuzz.of("safetensors-index", folder.resolve("model.safetensors.index.json"), FuzzTest::readWhole)
                .seed(index.getBytes(StandardCharsets.UTF_8))
                .run();
    }

    @Test
    void checkpoints() {
        SafetensorsCheckpoints checkpoints = SafetensorsCheckpoints.in(folder);
        checkpoints.save(new Checkpoint(
                Map.of("model.w", Tensor.of(1f, 2f), "optimizer.step", Tensor.of(new long[] {7})),
                Map.of("step", "7", "loss", "0.5")));
        Fuzz.of(
                        "checkpoint",
                        checkpoints.file(),
                        _ -> SafetensorsCheckpoints.in(folder).load())
                .seed(bytes(checkpoints.file()))
                .run();
    }

    // ---- NumPy ----

    private byte[] npy(Tensor tensor) {
        Path file = folder.resolve("seed.npy");
        Npy.write(file, tensor);
        return bytes(file);
    }

    private static byte[] fortran() {
        String header = "{'descr': '>i2', 'fortran_order': True, 'shape': (2, 3, 1), }\n";
        byte[] start = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, (byte) header.length(), 0, 0, 0};
        byte[] all = new byte[start.length + header.length() + 12];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(header.getBytes(StandardCharsets.US_ASCII), 0, all, start.length, header.length());
        return all;
    }

    @Test
    void npy() {
        Fuzz.of("npy", folder.resolve("array.npy"), Npy::read)
                .seed(npy(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)))
                .seed(npy(Tensor.of(new boolean[] {true, false}, 2)))
                .seed(fortran())
                .run();
    }

    @Test
    void npz() {
        Path file = folder.resolve("arrays.npz");
        Npz.write(file, tensors());
        Fuzz.of("npz", file, f -> {
                    Npz.read(f);
                    readWhole(f);
                })
                .seed(bytes(file))
                .seed(ZipBytes.of(Map.of("a.npy", fortran()), ZipEntry.DEFLATED))
                .run();
    }

    @Test
    void arraysInNpz() {
        Fuzz.of("npz-array", folder.resolve("arrays.npz"), f -> {
                    Npz.read(f);
                    readWhole(f);
                })
                .seed(npy(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)))
                .seed(fortran())
                .within(array -> ZipBytes.of(Map.of("a.npy", array, "b", fortran()), ZipEntry.DEFLATED))
                .run();
    }

    // ---- PyTorch ----

    private static void readPyTorch(Path file) {
        PyTorchFile.read(file);
        readWhole(file);
    }

    @Test
    void pytorch() {
        Fuzz.of("pytorch", folder.resolve("state.pt"), FuzzTest::readPyTorch)
                .seed(resource("pytorch/state.pt"))
                .seed(resource("pytorch/checkpoint.pt"))
                .run();
    }

    /// The pickle alone, with storages that are sound.
    @Test
    void pickles() throws IOException {
        Map<String, byte[]> entries = entries(Files.write(folder.resolve("seed.pt"), resource("pytorch/state.pt")));
        String name = entries.keySet().stream()
                .filter(entry -> entry.endsWith("data.pkl"))
                .findFirst()
                .orElseThrow();
        Fuzz.of("pytorch-pickle", folder.resolve("state.pt"), FuzzTest::readPyTorch)
                .seed(Objects.requireNonNull(entries.get(name)))
                .within(content -> {
                    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
                    changed.put(name, content);
                    return ZipBytes.of(changed, ZipEntry.STORED);
                })
                .run();
    }

    @Test
    void oldPyTorch() {
        Fuzz.of("pytorch-legacy", folder.resolve("state.pt"), FuzzTest::readPyTorch)
                .seed(resource("pytorch/state-legacy.pt"))
                .run();
    }

    // ---- Keras ----

    private byte[] hdf5() {
        Path file = folder.resolve("seed.h5");
        try (WritableHdfFile out = HdfFile.write(file)) {
            out.putAttribute("keras_version", "2.15.0");
            WritableGroup root = out.putGroup("model_weights");
            root.putAttribute("layer_names", new String[] {"dense"});
            WritableGroup dense = root.putGroup("dense");
            dense.putAttribute("weight_names", new String[] {"dense/kernel:0", "dense/bias:0"});
            WritableGroup weights = dense.putGroup("dense");
            weights.putDataset("kernel:0", new float[][] {{1, 2, 3}, {4, 5, 6}});
            weights.putDataset("bias:0", new float[] {1, 2, 3});
        }
        return bytes(file);
    }

    @Test
    void hdf5OfKeras() {
        Fuzz.of("hdf5", folder.resolve("model.h5"), FuzzTest::readWhole)
                .seed(hdf5())
                .seed(resource("keras2.h5"))
                .run();
    }

    @Test
    void keras() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("metadata.json", "{\"keras_version\": \"3.0.0\"}".getBytes(StandardCharsets.UTF_8));
        entries.put("config.json", "{\"class_name\": \"Sequential\"}".getBytes(StandardCharsets.UTF_8));
        entries.put("model.weights.h5", hdf5());
        Fuzz.of("keras", folder.resolve("model.keras"), FuzzTest::readWhole)
                .seed(ZipBytes.of(entries, ZipEntry.STORED))
                .run();
    }

    // ---- TensorFlow.js ----

    /// What the model is made of alone, with weights that are sound.
    @Test
    void modelsOfKeras() {
        String dense =
                "{\"module\": \"keras.layers\", \"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"units\": 3,"
                        + " \"activation\": \"relu\"}, \"name\": \"d\", \"inbound_nodes\": [{\"args\": [{\"class_name\":"
                        + " \"__keras_tensor__\", \"config\": {\"keras_history\": [\"x\", 0, 0]}}], \"kwargs\": {}}]}";
        String input = "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"x\"}, \"name\": \"x\","
                + " \"inbound_nodes\": []}";
        String graph = "{\"class_name\": \"Functional\", \"config\": {\"layers\": [" + input + ", " + dense
                + "], \"input_layers\": [[\"x\", 0, 0]], \"output_layers\": [\"d\", 0, 0]}}";
        Map<String, Object> weights = Map.of(
                "layers/dense/vars/0", new float[][] {{1, 2, 3}, {4, 5, 6}},
                "layers/dense/vars/1", new float[] {1, 2, 3});
        Path sound = KerasFiles.keras3(folder.resolve("sound.keras"), graph, weights);
        Map<String, byte[]> entries = entries(sound);
        Fuzz.of("keras-model", folder.resolve("model.keras"), file -> KerasModel.read(KerasFile.open(file)))
                .seed(graph.getBytes(StandardCharsets.UTF_8))
                .within(content -> {
                    Map<String, byte[]> changed = new LinkedHashMap<>(entries);
                    changed.put("config.json", content);
                    return ZipBytes.of(changed, ZipEntry.STORED);
                })
                .run();
    }

    @Test
    void tensorFlowJs() throws IOException {
        Files.write(folder.resolve("group1-shard1of1.bin"), new byte[3 + 12]);
        String json = "{\"format\": \"layers-model\", \"modelTopology\": {\"model_config\": {\"class_name\":"
                + " \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"Dense\", \"config\": {\"name\": \"d\","
                + " \"units\": 3, \"use_bias\": true}}]}}}, \"weightsManifest\": [{\"paths\":"
                + " [\"group1-shard1of1.bin\"], \"weights\": [{\"name\": \"d/kernel\", \"shape\": [1, 3],"
                + " \"dtype\": \"float32\", \"quantization\": {\"dtype\": \"uint8\", \"min\": -0.5, \"scale\": 0.01}},"
                + " {\"name\": \"d/bias\", \"shape\": [3], \"dtype\": \"float32\"}]}]}";
        Fuzz.of("tensorflow-js", folder.resolve("model.json"), file -> {
                    readWhole(file);
                    KerasModel.read(TensorFlowJs.open(file));
                })
                .seed(json.getBytes(StandardCharsets.UTF_8))
                .run();
    }

    // ---- language models ----

    @Test
    void gguf() {
        Fuzz.of("gguf", folder.resolve("model.gguf"), FuzzTest::readWhole)
                .seed(GgufTest.sound(3).toBytes())
                .seed(new GgufBytes()
                        .head(3, 3, 1)
                        .key("tokenizer.ggml.tokens", 9)
                        .u32(8)
                        .u64(3)
                        .text("<unk>")
                        .text("a")
                        .text("b")
                        .tensor("q8", 8, 0, 32, 2)
                        .tensor("q4k", 12, 96, 256)
                        .tensor("q6k", 14, 256, 256)
                        .align(32)
                        .bytes(new byte[68 + 28 + 144 + 16 + 210])
                        .toBytes())
                .run();
    }

    @Test
    void llama2c() {
        Fuzz.of("llama2c", folder.resolve("model.bin"), FuzzTest::readWhole)
                .seed(Llama2cTest.version0(true))
                .seed(Llama2cTest.version0(false))
                .seed(Llama2cTest.version1(true))
                .run();
    }

    // ---- texts ----

    @Test
    void configurations() {
        String json = "{\"model_type\": \"llama\", \"hidden_size\": 64, \"rms_norm_eps\": 1e-5, \"rope_scaling\":"
                + " {\"type\": \"linear\", \"factor\": 2.0}, \"eos_token_id\": [1, 2], \"tie\": true, \"x\": null}";
        Fuzz.of("config", folder.resolve("config.json"), f -> {
                    ModelConfiguration read = ModelConfiguration.read(f);
                    read.integer("hidden_size");
                    read.number("rms_norm_eps", 1);
                    read.flag("tie", false);
                    read.text("model_type", "");
                    read.object("rope_scaling").ifPresent(rope -> rope.number("factor"));
                })
                .seed(json.getBytes(StandardCharsets.UTF_8))
                .run();
    }

    @Test
    void runs() {
        Path file = folder.resolve("run.json");
        RunRecord.begun(Map.of("epochs", 3L, "rate", 0.1), Map.of("train.csv", "00ff"))
                .finished(Map.of("accuracy", 0.5, "loss", Double.NaN))
                .write(file);
        Fuzz.of("run", file, RunRecord::read).seed(bytes(file)).run();
    }

    @Test
    void trials() {
        String lines = "{\"settings\":{\"rate\":0.1,\"size\":3,\"rule\":\"adam\"},\"budget\":2,\"value\":0.5,"
                + "\"seconds\":1.5}\n{\"settings\":{\"rate\":0.2},\"budget\":2,\"value\":\"NaN\",\"seconds\":2.5,"
                + "\"failure\":\"diverged\"}\n";
        Fuzz.of(
                        "trials",
                        folder.resolve("trials.jsonl"),
                        f -> JsonTrialLog.in(f).trials())
                .seed(lines.getBytes(StandardCharsets.UTF_8))
                .run();
    }
}
