package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.testing.GgufBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// GGUF files, written from the specification.
class GgufTest {
    @TempDir
    private Path folder;

    private Path file(GgufBytes bytes) throws IOException {
        return Files.write(folder.resolve("model.gguf"), bytes.toBytes());
    }

    /// A value of each type, and tensors that are stored as they are.
    static GgufBytes sound(int version) {
        return new GgufBytes()
                .head(version, 3, 15)
                .key("u8", 0)
                .bytes((byte) 200)
                .key("i8", 1)
                .bytes((byte) -3)
                .key("u16", 2)
                .bytes((byte) 0xff, (byte) 0xff)
                .key("i16", 3)
                .bytes((byte) 0xff, (byte) 0xff)
                .key("u32", 4)
                .u32(4_000_000_000L)
                .key("i32", 5)
                .u32(-5)
                .key("f32", 6)
                .f32(0.5f)
                .key("yes", 7)
                .bytes((byte) 1)
                .key("text", 8)
                .text("größer")
                .key("names", 9)
                .u32(8)
                .u64(2)
                .text("a")
                .text("b")
                .key("nested", 9)
                .u32(9)
                .u64(2)
                .u32(5)
                .u64(1)
                .u32(7)
                .u32(7)
                .u64(0)
                .key("u64", 10)
                .u64(1L << 40)
                .key("i64", 11)
                .u64(-1)
                .key("f64", 12)
                .u64(Double.doubleToRawLongBits(0.1))
                .key("general.alignment", 4)
                .u32(64)
                .tensor("matrix", 0, 0, 3, 2)
                .tensor("half", 1, 64, 2)
                .tensor("brain", 30, 128, 1)
                .align(64)
                .f32(1, 2, 3, 4, 5, 6)
                .align(64)
                .bytes((byte) 0x00, (byte) 0x3c, (byte) 0x00, (byte) 0xc0)
                .align(64)
                .bytes((byte) 0x80, (byte) 0x3f);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void valuesAndTensorsAreRead(int version) throws IOException {
        Path path = file(sound(version));
        assertThat(TensorFile.open(path)).isInstanceOf(Gguf.class);
        Gguf gguf = Gguf.open(path);
        assertThat(gguf.format()).isEqualTo("GGUF " + version);
        assertThat(gguf.configuration().values())
                .containsExactly(
                        Map.entry("u8", 200L),
                        Map.entry("i8", -3L),
                        Map.entry("u16", 65535L),
                        Map.entry("i16", -1L),
                        Map.entry("u32", 4_000_000_000L),
                        Map.entry("i32", -5L),
                        Map.entry("f32", 0.5),
                        Map.entry("yes", true),
                        Map.entry("text", "größer"),
                        Map.entry("names", List.of("a", "b")),
                        Map.entry("nested", List.of(List.of(7L), List.of())),
                        Map.entry("u64", 1L << 40),
                        Map.entry("i64", -1L),
                        Map.entry("f64", 0.1),
                        Map.entry("general.alignment", 64L));
        assertThat(gguf.metadata()).containsEntry("nested", "[[7], []]").containsEntry("u64", "1099511627776");
        assertThat(gguf.tensors().values())
                .containsExactly(
                        new StoredTensor("matrix", Shape.of(2, 3), "F32", DType.F32, 24),
                        new StoredTensor("half", Shape.of(2), "F16", DType.F16, 4),
                        new StoredTensor("brain", Shape.of(1), "BF16", DType.BF16, 2));
        assertThat(gguf.read("matrix").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(gguf.read("half").toDoubles()).containsExactly(1, -2);
        assertThat(gguf.read("brain").toDoubles()).containsExactly(1);
    }

    @Test
    void longListsAreCutInMetadata() throws IOException {
        GgufBytes bytes = new GgufBytes().head(3, 0, 1).key("scores", 9).u32(0).u64(100);
        assertThat(Gguf.open(file(bytes.bytes(new byte[100]))).metadata())
                .containsExactly(Map.entry("scores", "[0, 0, 0, 0, 0, 0, 0, 0, ... (100 items)]"));
    }

    /// The blocks of the file are random bytes but for the scales, and the values what ggml's own Python package makes
    /// of them.
    @ParameterizedTest
    @EnumSource(names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"})
    void quantizedBlocksBecomeTheNumbersOfGgml(GgufType type) throws IOException {
        Path npz = folder.resolve("blocks.npz");
        try (InputStream in = GgufTest.class.getResourceAsStream("gguf/blocks.npz")) {
            Files.write(npz, Objects.requireNonNull(in).readAllBytes());
        }
        Map<String, Tensor> expected = Npz.read(npz);
        byte[] blocks = Objects.requireNonNull(expected.get(type + ".bytes")).toBytes();
        Tensor values = Objects.requireNonNull(expected.get(type + ".values"));
        Gguf gguf = Gguf.open(file(new GgufBytes()
                .head(3, 1, 0)
                .tensor("x", type.code(), 0, type.block(), 3)
                .align(32)
                .bytes(blocks)));
        assertThat(gguf.tensors().values())
                .containsExactly(
                        new StoredTensor("x", Shape.of(3, type.block()), type.name(), DType.F32, blocks.length));
        float[] read = gguf.read("x").toFloats();
        float[] wanted = values.toFloats();
        assertThat(read).hasSameSizeAs(wanted);
        for (int i = 0; i < read.length; i++) {
            // Offsets are added in another order.
            assertThat(read[i]).isCloseTo(wanted[i], offset(2e-6f + 1e-6f * Math.abs(wanted[i])));
        }
    }

    /// More than is decoded at a time.
    @Test
    void largeTensorsAreDecodedInParts() throws IOException {
        int rows = 5000;
        GgufBytes bytes =
                new GgufBytes().head(3, 1, 0).tensor("x", 8, 0, 256, rows).align(32);
        byte[] block = new byte[34];
        for (int i = 0; i < rows * 8; i++) {
            short scale = Float.floatToFloat16(i);
            block[0] = (byte) scale;
            block[1] = (byte) (scale >> 8);
            block[2] = 1;
            bytes.bytes(block);
        }
        float[] read = Gguf.open(file(bytes)).read("x").toFloats();
        for (int i = 0; i < rows * 8; i++) {
            assertThat(read[i * 32]).isEqualTo(Float.float16ToFloat(Float.floatToFloat16(i)));
            assertThat(read[i * 32 + 1]).isZero();
        }
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                arguments("version 1", new GgufBytes().head(1, 0, 0), "version 1, expected 2 or 3"),
                arguments(
                        "big-endian",
                        new GgufBytes().head(3 << 24, 0, 0),
                        "version 50331648 (its bytes are in big-endian order), expected 2 or 3"),
                arguments(
                        "many tensors", new GgufBytes().head(3, 1L << 60, 0), "1152921504606846976 tensors, but only"),
                arguments("many values", new GgufBytes().head(3, 0, -1), "18446744073709551615 values, but only"),
                arguments(
                        "long key", new GgufBytes().head(3, 0, 1).u64(1L << 40).u64(0), "bytes of a key, but only"),
                arguments(
                        "unknown type",
                        new GgufBytes().head(3, 0, 1).key("a", 13).u64(0),
                        "value 'a' is of type 13"),
                arguments(
                        "twice",
                        new GgufBytes()
                                .head(3, 0, 2)
                                .key("a", 5)
                                .u32(0)
                                .key("a", 5)
                                .u32(0),
                        "value 'a' is there twice"),
                arguments(
                        "flag of 2",
                        new GgufBytes().head(3, 0, 1).key("a", 7).bytes((byte) 2),
                        "a flag of 2, expected 0 or 1"),
                arguments(
                        "long list",
                        new GgufBytes().head(3, 0, 1).key("a", 9).u32(10).u64(1L << 33),
                        "8589934592 value 'a': items, but only"),
                arguments(
                        "nested lists",
                        new GgufBytes()
                                .head(3, 0, 1)
                                .key("a", 9)
                                .u32(9)
                                .u64(1)
                                .u32(9)
                                .u64(1)
                                .u32(9)
                                .u64(1)
                                .u32(9)
                                .u64(1)
                                .u32(9)
                                .u64(1),
                        "lists nested deeper than 4"),
                arguments(
                        "alignment",
                        new GgufBytes()
                                .head(3, 0, 1)
                                .key("general.alignment", 4)
                                .u32(12),
                        "general.alignment 12, expected a power of two"),
                arguments(
                        "axes",
                        new GgufBytes().head(3, 1, 0).tensor("x", 0, 0, 1, 1, 1, 1, 1),
                        "tensor 'x': 5 axes, expected at most 4"),
                arguments(
                        "elements",
                        new GgufBytes().head(3, 1, 0).tensor("x", 0, 0, 1 << 20, 1 << 20),
                        "expected fewer than 2^31 elements"),
                arguments(
                        "type of elements",
                        new GgufBytes().head(3, 1, 0).tensor("x", 16, 0, 256),
                        "tensor 'x': type 16, expected one of [F32, F16, Q4_0"),
                arguments(
                        "rows",
                        new GgufBytes().head(3, 1, 0).tensor("x", 12, 0, 128),
                        "rows of 128, expected a multiple of 256 for Q4_K"),
                arguments(
                        "odd offset",
                        new GgufBytes().head(3, 1, 0).tensor("x", 0, 4, 1).bytes(new byte[100]),
                        "offset 4, expected a multiple of 32"),
                arguments(
                        "truncated",
                        new GgufBytes()
                                .head(3, 1, 0)
                                .tensor("x", 0, 0, 4)
                                .align(32)
                                .f32(1, 2, 3),
                        "tensor 'x': 16 bytes from 0 on, but the file has only 12 bytes of tensors"),
                arguments(
                        "far offset",
                        new GgufBytes()
                                .head(3, 1, 0)
                                .tensor("x", 0, Long.MAX_VALUE - 31, 1)
                                .align(32)
                                .f32(1),
                        "but the file has only 4 bytes"),
                arguments(
                        "overlap",
                        new GgufBytes()
                                .head(3, 2, 0)
                                .tensor("x", 0, 0, 16)
                                .tensor("y", 0, 32, 4)
                                .align(32)
                                .bytes(new byte[64]),
                        "tensor 'y': begins at 32, within the one before, which ends at 64"),
                arguments(
                        "tensor twice",
                        new GgufBytes().head(3, 2, 0).tensor("x", 0, 0, 1).tensor("x", 0, 32, 1),
                        "tensor 'x': is there twice"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void whatIsNotSoundIsRefused(String what, GgufBytes bytes, String message) throws IOException {
        Path path = file(bytes);
        assertThatThrownBy(() -> Gguf.open(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(path.toString())
                .hasMessageContaining(message);
    }

    /// Each shorter file, and a thousand with a changed byte: an error that names the file, or a model.
    @Test
    void damagedFilesAreNeverAnythingElse() throws IOException {
        byte[] sound = sound(3).toBytes();
        Path path = folder.resolve("damaged.gguf");
        Random random = new Random(7);
        for (int i = 0; i < sound.length + 1000; i++) {
            byte[] damaged = Arrays.copyOf(sound, Math.min(i, sound.length));
            if (i > sound.length) {
                damaged[random.nextInt(sound.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(path, damaged);
            try {
                Gguf.open(path).readAll();
                assertThat(i).isGreaterThanOrEqualTo(sound.length);
            } catch (IllegalArgumentException | UncheckedIOException e) {
                assertThat(e).hasMessageStartingWith(path.toString());
            }
        }
    }
}
