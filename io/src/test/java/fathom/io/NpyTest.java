package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// NumPy's files, against bytes that NumPy 2.4 wrote, and damaged ones.
class NpyTest {
    @TempDir
    private Path folder;

    /// A file of version 1, with the header padded as NumPy pads it.
    private Path npy(String dictionary, String hex) throws IOException {
        int length = (10 + dictionary.length() + 1 + 63) / 64 * 64 - 10;
        String header = dictionary + " ".repeat(length - dictionary.length() - 1) + "\n";
        return file(
                "934e554d5059" + "0100" + HexFormat.of().toHexDigits((byte) length)
                        + HexFormat.of().toHexDigits((byte) (length >> 8)),
                header,
                hex);
    }

    private Path file(String before, String text, String after) throws IOException {
        Path file = folder.resolve("some.npy");
        byte[] middle = text.getBytes(StandardCharsets.ISO_8859_1);
        HexFormat hex = HexFormat.of();
        return Files.write(file, hex.parseHex(before + hex.formatHex(middle) + after));
    }

    private static String header(String descr, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
    }

    @Test
    void writesTheBytesOfNumPy() throws IOException {
        Path ours = folder.resolve("ours.npy");
        Npy.write(ours, Tensor.of(new float[] {1, -2, 3, 0, 0.5f, -0f}, 2, 3));
        Path theirs = npy(header("<f4", "(2, 3)"), "0000803f000000c000004040000000000000003f00000080");
        assertThat(Files.readAllBytes(ours)).isEqualTo(Files.readAllBytes(theirs));
        Npy.write(ours, Tensor.of(new boolean[] {true, false}, 2));
        assertThat(Files.readAllBytes(ours)).isEqualTo(Files.readAllBytes(npy(header("|b1", "(2,)"), "0100")));
        Npy.write(ours, Tensor.scalar(7).cast(DType.I64));
        assertThat(Files.readAllBytes(ours))
                .isEqualTo(Files.readAllBytes(npy(header("<i8", "()"), "0700000000000000")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "<f8 ; F64 ; 000000000000f83f0000000000000080 ; 1.5 -0.0",
                ">f8 ; F64 ; 3ff80000000000008000000000000000 ; 1.5 -0.0",
                "<f2 ; F16 ; 003e0080 ; 1.5 -0.0",
                ">f4 ; F32 ; 3fc0000080000000 ; 1.5 -0.0",
                "|i1 ; I32 ; ff7f ; -1.0 127.0",
                "<i2 ; I32 ; feff0001 ; -2.0 256.0",
                ">u2 ; I32 ; fffe0001 ; 65534.0 1.0",
                "<i4 ; I32 ; ffffffff02000000 ; -1.0 2.0",
                "<u4 ; I64 ; ffffffff02000000 ; 4.294967295E9 2.0",
                ">i8 ; I64 ; ffffffffffffffff0000000000000003 ; -1.0 3.0",
                "|u1 ; U8 ; ff01 ; 255.0 1.0",
                "|b1 ; BOOL ; 0001 ; 0.0 1.0",
            })
    void readsEachTypeInEachOrderOfBytes(String descr, DType dtype, String hex, String values) throws IOException {
        Tensor read = Npy.read(npy(header(descr, "(2,)"), hex));
        assertThat(read.type()).hasToString(dtype + "[2]");
        assertThat(read.toDoubles())
                .containsExactly(Arrays.stream(values.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .toArray());
    }

    @Test
    void readsEitherOrderOfAxes() throws IOException {
        // numpy.save of asfortranarray(arange(24, dtype='u1').reshape(2, 3, 4))
        String hex = "000c04100814010d05110915020e06120a16030f07130b17";
        Tensor read = Npy.read(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", hex));
        assertThat(read.shape()).isEqualTo(Shape.of(2, 3, 4));
        double[] expected = new double[24];
        Arrays.setAll(expected, i -> i);
        assertThat(read.toDoubles()).containsExactly(expected);
    }

    @Test
    void readsVersionsAndFormsOfHeaders() throws IOException {
        String text = "{\"shape\":(1,),\"fortran_order\":False,'descr':\"<f4\"}";
        String length = HexFormat.of().toHexDigits((byte) text.length()) + "000000";
        for (String version : List.of("0200", "0300")) {
            Path file = file("934e554d5059" + version + length, text, "0000803f");
            assertThat(Npy.read(file).toFloats()).containsExactly(1);
        }
    }

    @ParameterizedTest
    @EnumSource(value = DType.class, mode = EnumSource.Mode.EXCLUDE, names = "BF16")
    void whatIsWrittenIsRead(DType dtype) {
        Path file = folder.resolve("written.npy");
        for (Shape shape : List.of(Shape.SCALAR, Shape.of(0, 3), Shape.of(5), Shape.of(2, 1, 700))) {
            Tensor tensor = RandomStream.of(1).normal(shape).mul(3).cast(dtype);
            Npy.write(file, tensor);
            assertThat(Npy.read(file).type()).isEqualTo(tensor.type());
            assertThat(Npy.read(file).toDoubles()).containsExactly(tensor.toDoubles());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{'descr': '|O', 'fortran_order': False, 'shape': (1,), } ; Python objects, which could run code",
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), } ; type '<c8', expected < or > and one of",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } ; [('a', '<f4')]",
                "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), } ; expected {'descr'",
                "{'descr': '<f4', 'shape': (1,), } ; expected {'descr'",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': True} ; header with 'more'",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} + 1 ; expected a dictionary",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } ; expected {'descr'",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000,), } ; less than 2^31 elements",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536), } ; less than 2^31 elements",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647,), } ; the file is damaged",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } ; 132 bytes, expected 136",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (), } ; the file is damaged",
            })
    void whatIsNoArrayIsRefused(String dictionary, String message) throws IOException {
        Path file = npy(dictionary, dictionary.contains("()") ? "0000803f0000" : "0000803f");
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "934e554d50",
                "934e554d50590100",
                "934e554d505901000500",
                "934e554d50590100ffff",
                "934e554d50590200ffffffff",
                "934e554d505904001000",
                "894e554d505901001000",
            })
    void whatIsNoFileOfNumPyIsRefused(String hex) throws IOException {
        Path file = file(hex, "", "");
        assertThatThrownBy(() -> Npy.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": ");
    }

    /// Whatever is cut or flipped: an error that says so, or other numbers, and nothing else.
    @Test
    void damagedFilesAreNeverAnythingElse() throws IOException {
        Path file = npy(header("<f4", "(2, 3)"), "0000803f000000c000004040000000000000003f00000080");
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 4000; i++) {
            byte[] bytes = i < whole.length ? Arrays.copyOf(whole, i) : whole.clone();
            if (i >= whole.length) {
                int at = random.nextInt(whole.length);
                bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
            try {
                assertThat(Npy.read(file).size()).isBetween(0, 12);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            }
        }
    }

    @Test
    void whatIsNotThereOrHasNoTypeIsSaid() {
        Path none = folder.resolve("none.npy");
        assertThatThrownBy(() -> Npy.read(none))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(none + ": no such file");
        assertThatThrownBy(() -> Npy.write(none, Tensor.zeros(2).cast(DType.BF16)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(none + ": dtype BF16, which NumPy does not have; cast the tensor to F32");
        assertThat(none).doesNotExist();
    }

    // ---- several arrays ----

    @Test
    void severalArraysHaveNames() throws IOException {
        Path file = folder.resolve("some.npz");
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weights/first", Tensor.of(new float[] {1, 2}, 1, 2));
        tensors.put("ä", Tensor.of(new int[] {3}, 1));
        Npz.write(file, tensors);
        byte[] bytes = Files.readAllBytes(file);
        Map<String, Tensor> read = Npz.read(file);
        assertThat(read.keySet()).containsExactly("weights/first", "ä");
        assertThat(read.get("weights/first"))
                .hasToString(tensors.get("weights/first").toString());
        assertThat(read.get("ä")).hasToString(tensors.get("ä").toString());
        Npz.write(file, tensors);
        assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
        Npz.write(file, Map.of());
        assertThat(Npz.read(file)).isEmpty();
    }

    private Path zip(Map<String, byte[]> files) throws IOException {
        Path file = folder.resolve("zipped.npz");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> f : files.entrySet()) {
                out.putNextEntry(new ZipEntry(f.getKey()));
                out.write(f.getValue());
            }
        }
        return file;
    }

    /// A gigabyte of zeros in a megabyte is refused for what its header says, before it is unpacked.
    @Test
    void compressedArraysAreReadAndBombsAreNot() throws IOException {
        byte[] plain = Files.readAllBytes(npy(header("<f4", "(2,)"), "0000803f00000040"));
        assertThat(Npz.read(zip(Map.of("a.npy", plain))).values())
                .singleElement()
                .satisfies(a -> assertThat(a.toFloats()).containsExactly(1, 2));

        byte[] longer = Arrays.copyOf(plain, 10_000_000);
        Path tooLong = zip(Map.of("a.npy", longer));
        assertThatThrownBy(() -> Npz.read(tooLong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(tooLong + ": array 'a': ");
        byte[] huge = Files.readAllBytes(npy(header("<f8", "(2000000000,)"), "00"));
        Path bomb = zip(Map.of("a.npy", huge));
        assertThatThrownBy(() -> Npz.read(bomb))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("of memory are not enough");
        byte[] large = Files.readAllBytes(npy(header("<f4", "(60000000,)"), "00"));
        Path other = zip(Map.of("a.npy", large));
        assertThatThrownBy(() -> Npz.read(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than what is compressed can become");
    }

    @Test
    void whatIsNoZipFileIsRefused() throws IOException {
        Path file = file("0102030405", "", "");
        assertThatThrownBy(() -> Npz.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": not a sound zip file");
        Path none = folder.resolve("none.npz");
        assertThatThrownBy(() -> Npz.read(none)).hasMessage(none + ": no such file");
        Path text = zip(Map.of("readme.txt", new byte[20]));
        assertThatThrownBy(() -> Npz.read(text)).hasMessageContaining("array 'readme.txt': does not begin as");
    }
}
