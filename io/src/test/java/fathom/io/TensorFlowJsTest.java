package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Models laid out as TensorFlow.js lays them out.
class TensorFlowJsTest {
    private static final String WEIGHTS = """
            {"format": "layers-model", "generatedBy": "keras v2.2.4", "convertedBy": null,
             "modelTopology": {"keras_version": "2.2.4", "backend": "tensorflow",
              "model_config": {"class_name": "Sequential", "config": {"layers": []}}},
             "weightsManifest": [
              {"paths": ["group1-shard1of2.bin", "group1-shard2of2"], "weights": [
               {"name": "plain", "shape": [2], "dtype": "float32"},
               {"name": "bytes", "shape": [1, 3], "dtype": "float32",
                "quantization": {"dtype": "uint8", "min": -1, "scale": 0.5}},
               {"name": "shorts", "shape": [2], "dtype": "float32",
                "quantization": {"dtype": "uint16", "min": 0.25, "scale": 1e-2}},
               {"name": "halves", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}}]},
              {"paths": ["group2-shard1of1.bin"], "weights": [
               {"name": "count", "shape": [], "dtype": "int32"},
               {"name": "levels", "shape": [2], "dtype": "int32",
                "quantization": {"dtype": "uint8", "min": -3, "scale": 1}},
               {"name": "flags", "shape": [2], "dtype": "bool"},
               {"name": "empty", "shape": [0, 3], "dtype": "float32"}]}]}
            """;

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        ByteBuffer first = ByteBuffer.allocate(19).order(ByteOrder.LITTLE_ENDIAN);
        first.putFloat(1.5f).putFloat(-2);
        first.put(new byte[] {0, 3, (byte) 200});
        first.putShort((short) 7).putShort((short) 40_000);
        first.putShort(Float.floatToFloat16(0.1f)).putShort(Float.floatToFloat16(-3));
        // The fourth byte of the second number is in the second file.
        Files.write(folder.resolve("group1-shard1of2.bin"), Arrays.copyOf(first.array(), 7));
        Files.write(folder.resolve("group1-shard2of2"), Arrays.copyOfRange(first.array(), 7, 19));
        ByteBuffer second = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        second.putInt(-70_000).put(new byte[] {0, (byte) 255, 1, 0});
        Files.write(folder.resolve("group2-shard1of1.bin"), second.array());
        file = folder.resolve("model.json");
        Files.writeString(file, WEIGHTS);
    }

    @Test
    void weightsAreWhatTheyWereBeforeTheyWereQuantised() {
        TensorFlowJs model = (TensorFlowJs) TensorFile.open(folder);
        assertThat(model.format()).isEqualTo("TensorFlow.js layers-model");
        assertThat(model.path()).isEqualTo(file);
        assertThat(model.tensors().keySet())
                .containsExactly("plain", "bytes", "shorts", "halves", "count", "levels", "flags", "empty");
        assertThat(model.tensors().get("bytes"))
                .isEqualTo(new StoredTensor("bytes", Shape.of(1, 3), "uint8", DType.F32, 3));
        assertThat(model.read("plain").toFloats()).containsExactly(1.5f, -2);
        assertThat(model.read("bytes").toFloats()).containsExactly(-1, 0.5f, 99);
        assertThat(model.read("shorts").toFloats()).containsExactly((float) (7 * 1e-2 + 0.25), 400.25f);
        assertThat(model.read("halves").toFloats()).containsExactly(0.099975586f, -3);
        assertThat(model.read("count").item()).isEqualTo(-70_000);
        assertThat(model.read("levels").toInts()).containsExactly(-3, 252);
        assertThat(model.read("flags").cast(DType.I32).toInts()).containsExactly(1, 0);
        assertThat(model.read("empty").shape()).isEqualTo(Shape.of(0, 3));
        assertThat(model.readAll()).hasSize(8);
    }

    @Test
    void whatElseTheFileSaysIsMetadata() {
        TensorFlowJs model = TensorFlowJs.open(file);
        assertThat(model.metadata())
                .containsEntry("generatedBy", "keras v2.2.4")
                .containsEntry("keras_version", "2.2.4")
                .doesNotContainKey("convertedBy");
        assertThat(model.topology().orElseThrow().text("class_name")).isEqualTo("Sequential");
    }

    private void assertRefused(String part, String instead, String message) {
        assertThat(WEIGHTS).contains(part);
        write(file, WEIGHTS.replace(part, instead).getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> TensorFile.open(file).readAll())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    private static void write(Path file, byte[] bytes) {
        try {
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void filesElsewhereAreRefused() throws IOException {
        String plain = "expected the plain name of a file beside it";
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.copy(folder.resolve("group2-shard1of1.bin"), inner.resolve("outside.bin"));
        assertRefused("group2-shard1of1.bin", "inner/outside.bin", plain);
        assertRefused("group2-shard1of1.bin", "../x/group2-shard1of1.bin", plain);
        assertRefused("group2-shard1of1.bin", "..", plain);
        assertRefused("group2-shard1of1.bin", "/etc/hostname", plain);
        assertRefused("group2-shard1of1.bin", "C:\\\\x", plain);
        assertRefused("\"group2-shard1of1.bin\"", "17, {}", "the file 17 is not beside it");
        assertRefused("group2-shard1of1.bin", "absent.bin", "the file absent.bin is not beside it");
        assertRefused("group2-shard1of1.bin", "group1-shard2of2", "the file group1-shard2of2 is there twice");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertRefused("[1, 3]", "[1, 4]", "ends at byte 20 of its files, which have 19: they are truncated");
        assertRefused("[1, 3]", "[1, 2]", "19 bytes in files of weights, expected 18");
        assertRefused("[1, 3]", "[-1, 3]", "shape [-1, 3], expected sizes from 0 to 2147483647");
        assertRefused("[1, 3]", "[2147483647, 2]", "expected fewer than 2^31 elements in one tensor");
        assertRefused("[1, 3]", "[\"1\", 3]", "expected sizes from 0");
        assertRefused("\"bool\"", "\"string\"", "dtype 'string', expected float32, int32, uint8 or bool");
        assertRefused("\"uint16\"", "\"uint4\"", "quantised to 'uint4', expected uint8, uint16 or float16");
        assertRefused("1e-2", "1e999", "expected a number");
        assertRefused(", \"scale\": 0.5", "", "no 'scale', expected a number");
        assertRefused("\"bytes\"", "\"plain\"", "tensor 'plain' is there twice");
        assertRefused("\"bool\"", "\"uint8\", \"quantization\": {\"dtype\": \"uint8\"}", "U8 quantised to 'uint8'");
    }

    @Test
    void otherJsonIsRefused() {
        write(file, "{\"weights\": []}".getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> TensorFlowJs.open(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": no 'weightsManifest', expected a model of TensorFlow.js");
    }

    @Test
    void filesThatAreCutShortAreRefused() throws IOException {
        Path shard = folder.resolve("group2-shard1of1.bin");
        Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 7));
        assertThatThrownBy(() -> TensorFile.open(file))
                .hasMessage(file + ": tensor 'flags': ends at byte 8 of its files, which have 7: they are truncated");
    }

    @Test
    void filesThatChangeAreRefused() throws IOException {
        TensorFile model = TensorFile.open(file);
        Files.write(folder.resolve("group1-shard2of2"), new byte[3]);
        assertThatThrownBy(model::readAll).hasMessageContaining("3 bytes, but 12 when it was opened");
    }

    /// Whatever is damaged, the error is ours and names a file.
    @Test
    @Timeout(60)
    void damagedModelsAreErrors() {
        byte[] sound = WEIGHTS.getBytes(StandardCharsets.UTF_8);
        Random random = new Random(7);
        int errors = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] damaged = i % 4 == 0 ? Arrays.copyOf(sound, random.nextInt(sound.length)) : sound.clone();
            for (int k = i % 4 == 0 ? 0 : 1 + random.nextInt(4); k > 0; k--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            write(file, damaged);
            try {
                TensorFlowJs.open(file).readAll();
            } catch (IllegalArgumentException e) {
                errors++;
                assertThat(e).hasMessageStartingWith(folder.toString());
            }
        }
        assertThat(errors).isGreaterThan(500);
    }
}
