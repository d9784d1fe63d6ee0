package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files in the two forms of `torch.save`, whose pickles are of Python's own pickler, and damaged and hostile ones.
class PyTorchFileTest {
    @TempDir
    private Path folder;

    private Path resource(String name) throws IOException {
        try (InputStream in = PyTorchFileTest.class.getResourceAsStream("pytorch/" + name)) {
            return Files.write(
                    folder.resolve(name), Objects.requireNonNull(in, name).readAllBytes());
        }
    }

    private static Tensor tensor(PyTorchFile file, String name) {
        return Objects.requireNonNull(file.tensors().get(name), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pt", "state-legacy.pt"})
    void aStateDictionaryIsRead(String name) throws IOException {
        PyTorchFile file = PyTorchFile.read(resource(name));
        assertThat(file.metadata()).isEmpty();
        assertThat(file.tensors().keySet())
                .containsExactly(
                        "layer.weight",
                        "layer.bias",
                        "norm.num_batches_tracked",
                        "turned",
                        "middle",
                        "stretched",
                        "kind.f8",
                        "kind.f2",
                        "kind.bf",
                        "kind.i4",
                        "kind.i2",
                        "kind.i1",
                        "kind.u1",
                        "kind.b1",
                        "empty");
        assertThat(tensor(file, "layer.weight").type()).hasToString("F32[2, 3]");
        assertThat(tensor(file, "layer.weight").toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(tensor(file, "layer.bias").toDoubles()).containsExactly(-1, 0.5);
        assertThat(tensor(file, "norm.num_batches_tracked").type()).hasToString("I64[]");
        assertThat(tensor(file, "norm.num_batches_tracked").item()).isEqualTo(7);
        assertThat(tensor(file, "empty").type()).hasToString("F32[0, 5]");
    }

    /// Three views on the same twelve elements: transposed, from the middle, and with a stride of 0.
    @Test
    void viewsAreWhatTheyShow() throws IOException {
        PyTorchFile file = PyTorchFile.read(resource("state.pt"));
        assertThat(tensor(file, "turned").toDoubles()).containsExactly(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11);
        assertThat(tensor(file, "middle").toDoubles()).containsExactly(5, 6, 8, 9);
        assertThat(tensor(file, "stretched").toDoubles()).containsExactly(2, 3, 4, 2, 3, 4);
    }

    @ParameterizedTest
    @CsvSource({"f8,F64", "f2,F16", "bf,BF16", "i4,I32", "i2,I32", "i1,I32", "u1,U8", "b1,BOOL"})
    void eachKindOfElementsHasAType(String kind, String dtype) throws IOException {
        Tensor tensor = tensor(PyTorchFile.read(resource("state.pt")), "kind." + kind);
        assertThat(tensor.type()).hasToString(dtype + "[2]");
        assertThat(tensor.toDoubles()).containsExactly(1, kind.equals("b1") ? 0 : 2);
    }

    @Test
    void aCheckpointHasNamesWithDotsAndOtherValues() throws IOException {
        PyTorchFile file = PyTorchFile.read(resource("checkpoint.pt"));
        assertThat(tensor(file, "model.layer.weight").toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(tensor(file, "optimizer.state.0.step").item()).isEqualTo(5);
        assertThat(file.metadata())
                .containsEntry("epoch", "3")
                .containsEntry("name", "first")
                .containsEntry("best", "None")
                .containsEntry("done", "True")
                .containsEntry("optimizer.param_groups.0.lr", "0.001")
                .containsEntry("optimizer.param_groups.0.betas", "[0.9, 0.999]");
    }

    // ---- hostile ----

    /// The file wants `os.system("touch /tmp/owned")`.
    @Test
    void whatCouldRunCodeIsRefusedByName() throws IOException {
        Path file = resource("evil.pt");
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ": wants to call 'posix.system', which is refused")
                .hasMessageContaining("torch.save(model.state_dict(), file)");
        assertThat(Path.of("/tmp/owned")).doesNotExist();
    }

    private Path zipped(Map<String, byte[]> entries) throws IOException {
        Path file = folder.resolve("made.pt");
        return Files.write(file, ZipBytes.of(entries, ZipEntry.STORED));
    }

    private Path pickled(String latin) throws IOException {
        return zipped(Map.of("made/data.pkl", latin.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "cos\\nsystem\\n(X\\2\\0\\0\\0lstR.; 'os.system', which is refused",
                "cbuiltins\\neval\\n.; no tensors",
                "c__main__\\nNet\\n)\\201.; '__main__.Net', which is refused",
                "c__main__\\nNet\\n)\\201}b.; '__main__.Net', which is refused",
                "N; ends too early",
                ".; an operation without its operands",
                "(t.; no tensors",
                "t.; items without a beginning",
                "h\\5.; value 5 of the memo, which is not there",
                "X\\377\\377\\377\\377abc.; 4294967295 bytes, where 4 are left",
                "NNNs.; entries for None",
                "]Na}a.; no tensors",
                "i; an operation 0x69",
                "NQ.; a storage None",
                "}(]Nu.; a key that is neither",
            })
    void picklesOfOtherThingsAreRefused(String pickle, String message) throws IOException {
        Path file = pickled(pickle.translateEscapes());
        assertThatThrownBy(() -> check(PyTorchFile.read(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    /// Names alone are harmless, and stay names.
    private static void check(PyTorchFile file) {
        if (file.tensors().isEmpty()) {
            throw new IllegalArgumentException("no tensors, but " + file.metadata());
        }
    }

    @Test
    void whatContainsItselfOrGrowsWithoutEndIsRefused() throws IOException {
        // A list in itself.
        Path cycle = pickled("]q\0h\0a.");
        assertThatThrownBy(() -> PyTorchFile.read(cycle)).hasMessageContaining("nested too deeply");
        // Each dictionary has the one before twice: 2^40 of them.
        StringBuilder laughs = new StringBuilder("}q\0");
        for (int i = 0; i < 40; i++) {
            char before = (char) i;
            char next = (char) (i + 1);
            laughs.append("}(K\1h")
                    .append(before)
                    .append("K\2h")
                    .append(before)
                    .append("uq")
                    .append(next);
        }
        Path large = pickled(laughs + ".");
        assertThatThrownBy(() -> PyTorchFile.read(large)).hasMessageContaining("or too many");
        Path deep = pickled("N" + "\u0085".repeat(100_000) + ".");
        assertThatThrownBy(() -> PyTorchFile.read(deep)).hasMessageContaining("nested too deeply");
    }

    @Test
    void whatIsNoFileOfPyTorchIsRefused() throws IOException {
        Path none = folder.resolve("none.pt");
        assertThatThrownBy(() -> PyTorchFile.read(none))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(none + ": no such file");
        Path text = Files.writeString(folder.resolve("text.pt"), "some text");
        assertThatThrownBy(() -> PyTorchFile.read(text))
                .hasMessage(text + ": neither a zip file nor the older form of torch.save");
        Path empty = Files.write(folder.resolve("empty.pt"), new byte[0]);
        assertThatThrownBy(() -> PyTorchFile.read(empty)).isInstanceOf(IllegalArgumentException.class);
        Path other = zipped(Map.of("word/document.xml", new byte[3]));
        assertThatThrownBy(() -> PyTorchFile.read(other)).hasMessageContaining("a zip file without data.pkl");
    }

    /// A megabyte of zeros compressed to a kilobyte.
    @Test
    void whatIsCompressedIsRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("made/data.pkl"));
            zip.write(new byte[1 << 20]);
        }
        Path file = Files.write(folder.resolve("bomb.pt"), bytes.toByteArray());
        assertThatThrownBy(() -> PyTorchFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("data.pkl is compressed");
    }

    @Test
    void storagesThatAreTooShortOrMissingAreNamed() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        String storage = "(X\7\0\0\0storagectorch\nFloatStorage\nX\1\0\0\0" + "0X\3\0\0\0cpuK\4tQ";
        String call = "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + "K\0K\5\u0085K\1\u0085\u0089}tR.";
        entries.put("made/data.pkl", call.getBytes(StandardCharsets.ISO_8859_1));
        entries.put("made/data/0", new byte[16]);
        Path beyond = zipped(entries);
        assertThatThrownBy(() -> PyTorchFile.read(beyond))
                .hasMessageContaining("sizes [5], strides [1] and offset 0, where there are 4 elements");
        String far = call.replace("K\0K\5", "\u008a\10\377\377\377\377\377\377\377\177K\2");
        entries.put("made/data.pkl", far.getBytes(StandardCharsets.ISO_8859_1));
        Path overflown = zipped(entries);
        assertThatThrownBy(() -> PyTorchFile.read(overflown))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("offset 9223372036854775807, where there are 4 elements");
        entries.put("made/data.pkl", call.getBytes(StandardCharsets.ISO_8859_1));
        entries.put("made/data/0", new byte[15]);
        Path shorter = zipped(entries);
        assertThatThrownBy(() -> PyTorchFile.read(shorter)).hasMessageContaining("has 15 bytes, expected 16");
        entries.remove("made/data/0");
        Path missing = zipped(entries);
        assertThatThrownBy(() -> PyTorchFile.read(missing)).hasMessageContaining("no made/data/0 in the zip file");
    }

    /// Whatever is cut or flipped: an error that says so, or other numbers, and nothing else.
    @ParameterizedTest
    @ValueSource(strings = {"state.pt", "state-legacy.pt", "checkpoint.pt"})
    void damagedFilesAreNeverAnythingElse(String name) throws IOException {
        Path file = resource(name);
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            byte[] bytes = i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int flips = i % 3; flips > 0; flips--) {
                bytes[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
            }
            Files.write(file, bytes);
            try {
                PyTorchFile.read(file)
                        .tensors()
                        .values()
                        .forEach(t -> assertThat(t.size()).isLessThan(1 << 24));
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).contains(name);
            }
        }
    }
}
