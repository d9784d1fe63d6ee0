package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that are read batch by batch.
class FileSourcesTest {
    @TempDir
    private Path folder;

    /// Records of two floats, an int and a byte behind a header of 3 bytes.
    private Path records(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(3 + 13 * count).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[3]);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i).putFloat(i + 0.5f).putInt(1000 * i).put((byte) (200 + i));
        }
        return Files.write(folder.resolve("records.bin"), bytes.array());
    }

    @Test
    void recordsAreReadWhereTheyLie() throws IOException {
        RawFile file = RawFile.of(records(5), 13).header(3);
        Samples x = file.samples(DType.F32, Shape.of(2), 0);
        assertThat(x.count()).isEqualTo(5);
        assertThat(x.gather(4, 0, 4).toFloats()).containsExactly(4, 4.5f, 0, 0.5f, 4, 4.5f);
        assertThat(file.samples(DType.I32, Shape.SCALAR, 8).gather(3, 1).toInts())
                .containsExactly(3000, 1000);
        assertThat(file.samples(DType.U8, Shape.of(1), 12)
                        .gather(2)
                        .cast(DType.I32)
                        .toInts())
                .containsExactly(202);
        Dataset set = Dataset.of(x, file.samples(DType.I32, Shape.SCALAR, 8)).shuffle(1);
        int[] seen = new int[5];
        set.batch(2).epoch(0, 0).forEachRemaining(batch -> {
            for (int target : batch.y().toInts()) {
                seen[target / 1000]++;
            }
        });
        assertThat(seen).containsOnly(1);
    }

    @Test
    void everyTypeOfElementIsLittleEndian() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putDouble(-1.25).putLong(1L << 40);
        Path path = Files.write(folder.resolve("wide.bin"), bytes.array());
        RawFile file = RawFile.of(path, 16);
        assertThat(file.samples(DType.F64, Shape.of(1), 0).gather(0).toDoubles())
                .containsExactly(-1.25);
        assertThat(file.samples(DType.I64, Shape.of(1), 8).readAll(0).getLong(0))
                .isEqualTo(1L << 40);
        Path half = Files.write(folder.resolve("half.bin"), new byte[] {0x00, 0x3e, 0x00, (byte) 0xc0});
        assertThat(RawFile.of(half, 4)
                        .samples(DType.F16, Shape.of(2), 0)
                        .gather(0)
                        .cast(DType.F32)
                        .toFloats())
                .containsExactly(1.5f, -2);
    }

    @Test
    void filesThatAreNoRecordsAreRefused() throws IOException {
        Path path = records(5);
        refused(
                () -> RawFile.of(path, 13).samples(DType.F32, Shape.of(2), 0),
                path + ": 68 bytes, expected 0 and then a multiple of 13");
        refused(
                () -> RawFile.of(path, 13).header(68).samples(DType.F32, Shape.of(2), 0),
                path + ": 68 bytes, expected 68 and then a multiple of 13");
        refused(
                () -> RawFile.of(path, 13).header(3).samples(DType.F32, Shape.of(3), 2),
                path + ": F32[3] from byte 2 on, expected it to lie in a record of 13 bytes");
        refused(() -> RawFile.of(path, 1).samples(DType.BOOL, Shape.SCALAR, 0), path + ": samples of BOOL");
        refused(() -> RawFile.of(path, 0), path + ": records of 0 bytes, expected at least 1");
        refused(() -> RawFile.of(path, 1).header(-1), path + ": a header of -1 bytes, expected 0 or more");
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> RawFile.of(missing, 4).samples(DType.F32, Shape.SCALAR, 0))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(missing + ": no such file");
    }

    private Path csv(String text) throws IOException {
        return Files.writeString(folder.resolve("table.csv"), text);
    }

    /// More lines than the pages that are kept have.
    private static String manyLines(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> i + ",\"" + (i % 3 == 0 ? "a\nb" : "c") + "\"," + i / 4.0 + "\n")
                .collect(Collectors.joining("", "number, kind ,quarter\n", ""));
    }

    @Test
    void linesAreReadAsATableReadsThem() throws IOException {
        Path path = csv(manyLines(5000));
        CsvFile file = Csv.standard().open(path);
        assertThat(file.columns()).containsExactly("number", "kind", "quarter");
        assertThat(file.rows()).isEqualTo(5000);
        Table table = Csv.standard().read(path);
        Dataset streamed = file.classification("kind", List.of("a\nb", "c"));
        Dataset whole = table.classification("kind");
        assertThat(streamed.inputShape()).isEqualTo(whole.inputShape());
        for (boolean shuffled : new boolean[] {false, true}) {
            Iterator<Batch> expected =
                    (shuffled ? whole.shuffle(3) : whole).batch(700).epoch(1, 0);
            Iterator<Batch> actual =
                    (shuffled ? streamed.shuffle(3) : streamed).batch(700).epoch(1, 0);
            while (expected.hasNext()) {
                Batch e = expected.next();
                Batch a = actual.next();
                assertThat(a.x().toFloats()).isEqualTo(e.x().toFloats());
                assertThat(a.y().toInts()).isEqualTo(e.y().toInts());
            }
            assertThat(actual.hasNext()).isFalse();
        }
        Batch one = file.regression("quarter", "number")
                .skip(4321)
                .batch(1)
                .epoch(0, 0)
                .next();
        assertThat(one.x().toFloats()).containsExactly(4321);
        assertThat(one.y().shape()).isEqualTo(Shape.of(1, 1));
        assertThat(one.y().toFloats()).containsExactly(4321 / 4f);
    }

    @Test
    void otherFormatsAndMissingValuesAreRead() throws IOException {
        CsvFile file = Csv.standard().withoutHeader().separator(';').open(csv("1;2\nNA;4\n"));
        assertThat(file.columns()).containsExactly("0", "1");
        assertThat(file.numbers("1", "0").gather(0, 1).toFloats()).containsExactly(2, 1, 4, Float.NaN);
        assertThat(file).hasToString(folder.resolve("table.csv") + ": 2 rows of [0, 1]");
    }

    @Test
    void badLinesAreNamed() throws IOException {
        Path path = csv("a,b\n1,2\n3\n4,x\n");
        CsvFile file = Csv.standard().open(path);
        assertThat(file.numbers("a").gather(0).toFloats()).containsExactly(1);
        refused(() -> file.numbers("a").gather(1), path + ":3: 1 fields, expected 2");
        refused(() -> file.numbers("b").gather(2), path + ":4: column b: 'x', expected a number");
        refused(() -> file.categories("b", List.of("y")).gather(2), path + ":4: column b: 'x', expected one of [y]");
        refused(() -> file.numbers("c"), path + ": no column c, expected one of [a, b]");
        refused(() -> Csv.standard().open(csv("")), path + ": empty, expected lines of values");
        refused(() -> Csv.standard().open(csv("a,b\n")), path + ": no line of values after the header");
        refused(() -> Csv.standard().open(csv("a,a\n1,2\n")), path + ":1: two columns are named a");
        refused(() -> Csv.standard().open(csv("a,b\n1,\"2\n")), path + ": not a table: ");
        Path missing = folder.resolve("missing");
        assertThatThrownBy(() -> Csv.standard().open(missing))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(missing + ": no such file");
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith(message);
    }
}
