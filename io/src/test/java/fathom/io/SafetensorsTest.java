package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("some.safetensors");
    }

    @Test
    void writesWhatTheReferenceImplementationWrites() throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("b", Tensor.of(new byte[] {1, (byte) 255}, 2));
        tensors.put("a", Tensor.of(new float[] {1, -2}, 1, 2));
        tensors.put("c", Tensor.of(new long[] {3}, 1));
        Safetensors.write(file, tensors, Map.of("format", "pt"));

        String json = "{\"__metadata__\":{\"format\":\"pt\"},"
                + "\"c\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]},"
                + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[16,18]}}";
        int padded = (json.length() + 7) / 8 * 8;
        byte[] expected = SafetensorsHostileTest.file(
                json + " ".repeat(padded - json.length()),
                HexFormat.of().parseHex("0300000000000000" + "0000803f000000c0" + "01ff"));
        assertThat(Files.readAllBytes(file)).isEqualTo(expected);
    }

    @Test
    void readsAFileOfAnotherWriter() throws IOException {
        // Any order of keys, no padding, an unknown key, escapes.
        byte[] bytes = SafetensorsHostileTest.file(
                "{\"w\\u00e9\":{\"data_offsets\":[2,10],\"more\":{\"x\":[1,{}]},"
                        + "\"shape\":[2],\"dtype\":\"I32\"},"
                        + "\"h\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}",
                HexFormat.of().parseHex("003c" + "01000000feffffff"));
        Safetensors content = Safetensors.read(Files.write(file, bytes));
        assertThat(content.tensors().keySet()).containsExactly("h", "wé");
        assertThat(content.tensor("wé").toInts()).containsExactly(1, -2);
        assertThat(content.tensor("h").shape()).isEqualTo(Shape.SCALAR);
        assertThat(content.tensor("h").buffer().getDouble(0)).isEqualTo(1.0);
        assertThat(content.metadata()).isEmpty();
    }

    @Test
    void everyDtypeComesBackBitForBit() {
        float nan = Float.intBitsToFloat(0x7fc12345);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("f32", Tensor.of(new float[] {nan, -0f, Float.MIN_VALUE}, 3));
        tensors.put("f64", Tensor.of(new double[] {Math.PI, Double.NEGATIVE_INFINITY}, 2, 1));
        tensors.put("i32", Tensor.of(new int[] {Integer.MIN_VALUE, 7}, 2));
        tensors.put("i64", Tensor.of(new long[] {Long.MIN_VALUE}, 1));
        tensors.put("u8", Tensor.of(new byte[] {-1, 0, 1}, 3));
        tensors.put("bool", Tensor.of(new boolean[] {true, false, true}, 3));
        tensors.put("f16", halves(DType.F16, 0x3c00, 0xfbff));
        tensors.put("bf16", halves(DType.BF16, 0x3f80, 0xff80));
        tensors.put("scalar", Tensor.of(new float[] {2.5f}));
        tensors.put("one", Tensor.of(new float[] {2.5f}, 1));
        tensors.put("empty", Tensor.of(new float[0], 0, 3));
        Safetensors.write(file, tensors, Map.of("a", "ü\n\"\uD83D\uDE00", "b", ""));

        Safetensors content = Safetensors.read(file);
        assertThat(content.metadata()).isEqualTo(Map.of("a", "ü\n\"\uD83D\uDE00", "b", ""));
        assertThat(content.tensors().keySet()).isEqualTo(tensors.keySet());
        tensors.forEach((name, tensor) -> assertSame(content.tensor(name), tensor));
    }

    private static Tensor halves(DType dtype, int first, int second) {
        short[] bits = {(short) first, (short) second};
        return Tensor.of(Buffer.wrap(dtype, 2, bits), Shape.of(2));
    }

    static void assertSame(Tensor found, Tensor expected) {
        assertThat(found.dtype()).isEqualTo(expected.dtype());
        assertThat(found.shape()).isEqualTo(expected.shape());
        assertThat(bits(found)).isEqualTo(bits(expected));
    }

    private static byte[] bits(Tensor tensor) {
        byte[] chunk = new byte[8 * Math.max(1, tensor.size())];
        ElementBytes.forEachChunk(tensor.buffer(), chunk, length -> {});
        return chunk;
    }

    @Test
    void tensorsLargerThanAChunkAreWhole() {
        float[] values = new float[700_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Safetensors.write(file, Map.of("w", Tensor.of(values, values.length)));
        assertThat(Safetensors.read(file).tensor("w").toFloats()).isEqualTo(values);
    }

    @Test
    void nothingAtAllIsAFile() {
        Safetensors.write(file, Map.of());
        assertThat(Safetensors.read(file).tensors()).isEmpty();
    }

    @Test
    void theHeaderIsAlignedToEightBytes() throws IOException {
        for (String name : List.of("a", "ab", "abc", "abcd", "abcdefghijkl")) {
            Safetensors.write(file, Map.of(name, Tensor.of(1f, 2f)));
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            assertThat(bytes.order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
        }
    }

    @Test
    void aVariablesPresentValueIsWritten() {
        Variable variable = Variable.of(Tensor.of(1f, 2f));
        Safetensors.write(file, Map.of("v", variable.value()));
        assertThat(Safetensors.read(file).tensor("v").toFloats()).containsExactly(1, 2);
    }

    @Test
    void namesThatCannotBeUsedAreRefused() {
        Tensor tensor = Tensor.of(1f, 2f);
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("__metadata__", tensor)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": a tensor is named __metadata__, expected");
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("half \uD83D", tensor)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected valid Unicode");
        assertThat(file).doesNotExist();
    }

    @Test
    void anUnknownNameIsAnErrorThatListsTheOthers() {
        Safetensors content = new Safetensors(Map.of("w", Tensor.of(1f, 2f)), Map.of());
        assertThatThrownBy(() -> content.tensor("v"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no tensor 'v', expected one of [w]");
    }

    @Test
    void writingReplacesTheOldFileAndLeavesNothingBeside() throws IOException {
        Safetensors.write(file, Map.of("old", Tensor.of(1f, 2f)));
        Safetensors.write(file, Map.of("new", Tensor.of(3f, 4f)));
        assertThat(Safetensors.read(file).tensors()).containsOnlyKeys("new");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void aFailureWhileWritingKeepsTheOldFile() throws IOException {
        Files.writeString(file, "old");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    channel.write(ByteBuffer.wrap("half".getBytes(StandardCharsets.UTF_8)));
                    throw new IOException("disk full");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": cannot be written: disk full");
        assertThat(file).hasContent("old");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void placesThatCannotBeWrittenOrReadAreNamed() {
        Path nowhere = folder.resolve("no/such.safetensors");
        assertThatThrownBy(() -> Safetensors.write(nowhere, Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(nowhere + ": cannot be written: there is no folder " + nowhere.getParent());
        assertThatThrownBy(() -> Safetensors.write(folder, Map.of()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("it is a folder, expected the name of a file");
        assertThatThrownBy(() -> Safetensors.read(nowhere))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(nowhere + ": no such file");
    }
}
