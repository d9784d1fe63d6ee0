package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Files that are damaged or made to do harm: each is refused with one line that says what is
/// wrong.
class SafetensorsHostileTest {
    @TempDir
    private Path folder;

    /// The bytes of a file with this header and data.
    static byte[] file(String header, byte[] data) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return withLength(json.length, json, data);
    }

    private static byte[] withLength(long length, byte[] json, byte[] data) {
        return ByteBuffer.allocate(8 + json.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .put(json)
                .put(data)
                .array();
    }

    private static byte[] file(String header, int dataBytes) {
        return file(header, new byte[dataBytes]);
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}".formatted(name, dtype, shape, offsets);
    }

    static Stream<Arguments> files() {
        String good = tensor("a", "F32", "[2]", "[0,8]");
        byte[] notUtf8 = {'{', '"', (byte) 0xff, '"', ':', '1', '}'};
        return Stream.of(
                // The frame.
                arguments("empty", new byte[0], "0 bytes, expected at least the 8"),
                arguments("seven bytes", new byte[7], "7 bytes, expected at least the 8"),
                arguments(
                        "huge header",
                        withLength(100_000_001, new byte[0], new byte[0]),
                        "a header of 100000001 bytes, expected at most 100000000"),
                arguments(
                        "header length beyond 2^63",
                        withLength(-1, new byte[0], new byte[0]),
                        "a header of 18446744073709551615 bytes, expected at most 100000000"),
                arguments(
                        "truncated in the header",
                        Arrays.copyOf(file("{" + good + "}", 8), 20),
                        "but only 12 follow: the file is truncated"),
                arguments("zero header", file("", 0), "the header starts with nothing"),
                arguments("leading space", file(" {}", 0), "starts with ' ', expected '{'"),
                arguments("an array", file("[]", 0), "starts with '[', expected '{'"),
                arguments("not UTF-8", withLength(7, notUtf8, new byte[0]), "not valid UTF-8"),
                // The JSON.
                arguments("unclosed", file("{" + good, 8), "the header is not as expected"),
                arguments("two objects", file("{}{}", 0), "more after the header's closing brace"),
                arguments("zero bytes behind", file("{}\0\0", 0), "the header is not as expected"),
                arguments("duplicate tensor", file("{" + good + "," + good + "}", 8), "Duplicate field"),
                arguments("duplicate key", file("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"F32\"}}", 8), "Duplicate field"),
                arguments(
                        "duplicate metadata",
                        file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0),
                        "Duplicate field"),
                arguments(
                        "deep nesting",
                        file("{\"a\":{\"x\":" + "[".repeat(100_000), 0),
                        "the header is not as expected"),
                arguments(
                        "metadata not text",
                        file("{\"__metadata__\":{\"k\":1}}", 0),
                        "__metadata__ 'k' is '1', expected a string"),
                arguments(
                        "metadata no object",
                        file("{\"__metadata__\":[]}", 0),
                        "__metadata__ is an array, expected an object"),
                arguments("tensor no object", file("{\"a\":null}", 0), "tensor 'a': is 'null', expected an object"),
                arguments(
                        "no dtype",
                        file("{\"a\":{\"shape\":[],\"data_offsets\":[0,4]}}", 4),
                        "tensor 'a': has no dtype"),
                arguments(
                        "no offsets",
                        file("{\"a\":{\"dtype\":\"F32\",\"shape\":[]}}", 4),
                        "tensor 'a': has no data_offsets"),
                arguments(
                        "dtype a number",
                        file("{\"a\":{\"dtype\":7,\"shape\":[],\"data_offsets\":[0,4]}}", 4),
                        "tensor 'a': dtype is '7', expected a string"),
                arguments(
                        "shape a number",
                        file("{" + tensor("a", "F32", "2", "[0,8]") + "}", 8),
                        "tensor 'a': shape is '2', expected an array"),
                // One tensor.
                arguments(
                        "a dtype that is not held",
                        file("{" + tensor("a", "F8_E4M3", "[2]", "[0,2]") + "}", 2),
                        "tensor 'a': dtype 'F8_E4M3', expected one of [I64, F64, F32, I32, BF16," + " F16, U8, BOOL]"),
                arguments(
                        "size and shape differ",
                        file("{" + tensor("a", "F32", "[3]", "[0,8]") + "}", 8),
                        "tensor 'a': data_offsets [0, 8] are 8 bytes, expected 12 for F32[3]"),
                arguments(
                        "negative size",
                        file("{" + tensor("a", "F32", "[-2]", "[0,8]") + "}", 8),
                        "tensor 'a': shape [-2], expected sizes from 0"),
                arguments(
                        "a fraction as size",
                        file("{" + tensor("a", "F32", "[2.0]", "[0,8]") + "}", 8),
                        "tensor 'a': shape has '2.0', expected whole numbers"),
                arguments(
                        "sizes whose product overflows",
                        file("{" + tensor("a", "U8", "[2147483647,2147483647,2147483647,2]", "[0,8]") + "}", 8),
                        "expected fewer than 2^31 elements"),
                arguments(
                        "a size beyond 2^31",
                        file("{" + tensor("a", "U8", "[4294967296,0]", "[0,0]") + "}", 0),
                        "tensor 'a': shape [4294967296, 0], expected sizes from 0 to 2147483647"),
                arguments(
                        "a size beyond 2^63",
                        file("{" + tensor("a", "U8", "[18446744073709551616]", "[0,8]") + "}", 8),
                        "tensor 'a': shape has '18446744073709551616', expected whole numbers"),
                arguments(
                        "negative offset",
                        file("{" + tensor("a", "F32", "[2]", "[-8,0]") + "}", 8),
                        "tensor 'a': data_offsets [-8, 0], expected [begin, end] with 0 <= begin"),
                arguments(
                        "end before begin",
                        file("{" + tensor("a", "F32", "[2]", "[8,0]") + "}", 8),
                        "tensor 'a': data_offsets [8, 0], expected [begin, end]"),
                arguments(
                        "three offsets",
                        file("{" + tensor("a", "F32", "[2]", "[0,4,8]") + "}", 8),
                        "tensor 'a': data_offsets [0, 4, 8], expected [begin, end]"),
                arguments(
                        "no truth value",
                        file("{" + tensor("a", "BOOL", "[2]", "[0,2]") + "}", new byte[] {1, 2}),
                        "tensor 'a': BOOL element 1 is 2, expected 0 or 1"),
                // All together.
                arguments(
                        "truncated data",
                        file("{" + good + "}", 7),
                        "tensor 'a': data_offsets [0, 8], but the file has only 7 bytes after"),
                arguments(
                        "trailing bytes",
                        file("{" + good + "}", 9),
                        "9 bytes after the header, expected 8: the last 1 belong to no tensor"),
                arguments("bytes of no tensor", file("{}", 3), "the last 3 belong to no tensor"),
                arguments(
                        "overlap",
                        file("{" + good + "," + tensor("b", "F32", "[2]", "[4,12]") + "}", 12),
                        "tensor 'b': data_offsets [4, 12] overlap the tensor before, expected to" + " begin at 8"),
                arguments(
                        "the same bytes twice",
                        file("{" + good + "," + tensor("b", "F32", "[2]", "[0,8]") + "}", 8),
                        "tensor 'b': data_offsets [0, 8] overlap the tensor before"),
                arguments(
                        "hole",
                        file("{" + good + "," + tensor("b", "F32", "[2]", "[12,20]") + "}", 20),
                        "tensor 'b': data_offsets [12, 20] leave a hole, expected to begin at 8"),
                arguments(
                        "hole at the start",
                        file("{" + tensor("b", "F32", "[2]", "[8,16]") + "}", 16),
                        "tensor 'b': data_offsets [8, 16] leave a hole, expected to begin at 0"),
                arguments(
                        "an empty tensor inside another",
                        file("{" + good + "," + tensor("b", "F32", "[0]", "[4,4]") + "}", 8),
                        "tensor 'b': data_offsets [4, 4] overlap the tensor before"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void isRefusedInOneLine(String name, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("bad.safetensors"), bytes);
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n")
                .hasSizeLessThan(400);
    }

    @Test
    void aNameWithALineBreakDoesNotBreakTheMessage() throws IOException {
        Path file = Files.write(
                folder.resolve("bad.safetensors"),
                file("{" + tensor("x\\ny" + "z".repeat(500), "I8", "[]", "[0,1]") + "}", 1));
        assertThatThrownBy(() -> Safetensors.read(file))
                .message()
                .contains("tensor 'x?yzzz")
                .doesNotContain("\n")
                .hasSizeLessThan(400);
    }

    @Test
    void manyNamesWithOneHashAreRead() throws IOException {
        // "Aa" and "BB" have the same hash, and so has every sequence of them.
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i < 1 << 12; i++) {
            StringBuilder name = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                name.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            header.append(i == 0 ? "" : ",").append(tensor(name.toString(), "U8", "[0]", "[0,0]"));
        }
        Path file = Files.write(folder.resolve("many.safetensors"), file(header.append('}') + "", 0));
        assertThat(Safetensors.read(file).tensors()).hasSize(1 << 12);
    }

    @Test
    void aTextFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("some.txt"), "not a model at all");
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a safetensors file");
    }
}
