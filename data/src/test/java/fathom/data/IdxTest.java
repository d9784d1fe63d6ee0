package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxTest {
    @TempDir
    private Path folder;

    @Test
    void readsBytesPlainAndCompressed() throws IOException {
        byte[] content = idx(0x08, new int[] {2, 3}, 0, 1, 2, 3, 254, 255);
        Path plain = Files.write(folder.resolve("plain"), content);
        Path compressed = Files.write(folder.resolve("compressed.gz"), gzip(content));

        for (Path file : new Path[] {plain, compressed}) {
            Idx idx = Idx.read(file);
            assertThat(idx.shape()).isEqualTo(Shape.of(2, 3));
            assertThat(idx.elements().dtype()).isEqualTo(DType.U8);
            assertThat((byte[]) idx.elements().array()).containsExactly(0, 1, 2, 3, (byte) 254, (byte) 255);
        }
    }

    @Test
    void readsSignedAndWideElementsAsBigEndian() {
        assertThat(Idx.read(idx(0x09, new int[] {2}, 255, 1), "f").toTensor().toInts())
                .containsExactly(-1, 1);
        assertThat(Idx.read(idx(0x0b, new int[] {2}, 255, 254, 1, 0), "f")
                        .toTensor()
                        .toInts())
                .containsExactly(-2, 256);
        assertThat(Idx.read(idx(0x0c, new int[] {1}, 0, 1, 0, 0), "f")
                        .toTensor()
                        .toInts())
                .containsExactly(65536);
        assertThat(Idx.read(idx(0x0d, new int[] {1}, 0x3f, 0x80, 0, 0), "f")
                        .toTensor()
                        .toFloats())
                .containsExactly(1f);
        assertThat(Idx.read(idx(0x0e, new int[] {1}, 0x40, 0, 0, 0, 0, 0, 0, 0), "f")
                        .toTensor()
                        .toDoubles())
                .containsExactly(2.0);
    }

    @Test
    void readsAScalarAndAnEmptyArray() {
        assertThat(Idx.read(idx(0x08, new int[0], 7), "f").shape()).isEqualTo(Shape.SCALAR);
        assertThat(Idx.read(idx(0x08, new int[] {0, 28}), "f").elements().size())
                .isZero();
    }

    @Test
    void aTruncatedFileSaysHowMuchIsThere() {
        byte[] content = idx(0x08, new int[] {2, 3}, 0, 1, 2, 3, 4, 5);
        assertThatThrownBy(() -> Idx.read(Arrays.copyOf(content, 16), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("some-file: truncated: 4 bytes of elements, expected 6 for shape [2, 3]");
        assertThatThrownBy(() -> Idx.read(Arrays.copyOf(content, 9), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("some-file: truncated: the header ends after 5 bytes, expected 8");
        assertThatThrownBy(() -> Idx.read(new byte[0], "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("some-file: truncated: the header ends after 0 bytes, expected 4");
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "9", "12", "20", "30"})
    void aTruncatedGzipFileIsAnErrorThatNamesIt(int bytes) {
        byte[] content = gzip(idx(0x08, new int[] {2, 3}, 0, 1, 2, 3, 4, 5));
        assertThatThrownBy(() -> Idx.read(Arrays.copyOf(content, bytes), "some-file.gz"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("some-file.gz: ")
                .message()
                .doesNotContain("\n")
                .contains("expected");
    }

    @Test
    void aDamagedGzipFileIsNoticed() {
        byte[] content = gzip(idx(0x08, new int[] {2, 3}, 0, 1, 2, 3, 4, 5));
        content[content.length - 6] ^= 1; // in the checksum
        assertThatThrownBy(() -> Idx.read(content, "some-file.gz"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("some-file.gz: truncated or damaged, expected a whole gzip");
    }

    @Test
    void otherFilesAreRefused() {
        assertThatThrownBy(() -> Idx.read("label,pixel".getBytes(StandardCharsets.UTF_8), "some.csv"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("some.csv: starts with bytes 6c 61, expected 00 00 as in every IDX file");
        assertThatThrownBy(() -> Idx.read(idx(0x0a, new int[] {1}, 0), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("some-file: element type 0x0a, expected 0x08 (unsigned byte)");
        assertThatThrownBy(() -> Idx.read(idx(0x08, new int[] {1}, 0, 0), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("some-file: more bytes after the elements, expected exactly 1 for shape [1]");
    }

    @Test
    void aSizeThatCannotBeTrueAsksForNoMemory() {
        assertThatThrownBy(() -> Idx.read(idx(0x08, new int[] {2_000_000_000}, 1, 2), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "some-file: truncated: 2 bytes of elements, expected 2000000000 for shape" + " [2000000000]");
        assertThatThrownBy(() -> Idx.read(gzip(idx(0x08, new int[] {2_000_000_000}, 1, 2)), "f.gz"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("f.gz: truncated: 2 bytes of elements, expected");
        assertThatThrownBy(() -> Idx.read(idx(0x0e, new int[] {2_000_000_000}), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("some-file: 16000000000 bytes of elements for shape");
        assertThatThrownBy(() -> Idx.read(idx(0x08, new int[] {-1}, 1), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("some-file: shape [-1]");
        assertThatThrownBy(() -> Idx.read(idx(0x08, new int[] {65536, 65536}, 1), "some-file"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected fewer than 2^31");
    }

    @Test
    void aMissingFileIsNamed() {
        Path file = folder.resolve("nothing");
        assertThatThrownBy(() -> Idx.read(file))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": no such file");
        assertThatThrownBy(() -> Idx.read(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageStartingWith(folder + ": cannot be read");
    }

    /// The bytes of an IDX file.
    static byte[] idx(int type, int[] dims, int... elements) {
        ByteBuffer out = ByteBuffer.allocate(4 + 4 * dims.length + elements.length);
        out.put((byte) 0).put((byte) 0).put((byte) type).put((byte) dims.length);
        for (int d : dims) {
            out.putInt(d);
        }
        for (int e : elements) {
            out.put((byte) e);
        }
        return out.array();
    }

    static byte[] gzip(byte[] content) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
                out.write(content);
            }
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
