package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Checkpoints that are looked into before they are read.
class TensorFileTest {
    private static final String FIRST = "model-00001-of-00002.safetensors";
    private static final String SECOND = "model-00002-of-00002.safetensors";
    private static final String WHOLE = """
            {"metadata": {"total_size": 28},
             "weight_map": {"b": "%s", "a": "%s", "c": "%s"}}""".formatted(FIRST, FIRST, SECOND);

    @TempDir
    private Path folder;

    private final Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    private final Tensor b = Tensor.of(new int[] {5, 6}, 2);
    private final Tensor c = Tensor.of(new float[] {7}, 1);

    @BeforeEach
    void shards() {
        Safetensors.write(folder.resolve(FIRST), Map.of("a", a, "b", b), Map.of("format", "pt"));
        Safetensors.write(folder.resolve(SECOND), Map.of("c", c, "not in the index", c));
    }

    private Path index(String json) throws IOException {
        return Files.writeString(folder.resolve("model.safetensors.index.json"), json);
    }

    @Test
    void aHeadSaysWhatIsInAFile() {
        TensorFile file = TensorFile.open(folder.resolve(FIRST));
        assertThat(file.format()).isEqualTo("safetensors");
        assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
        assertThat(file.tensors().values())
                .containsExactly(
                        new StoredTensor("a", Shape.of(2, 2), "F32", DType.F32, 16),
                        new StoredTensor("b", Shape.of(2), "I32", DType.I32, 8));
        assertThat(file.read("a").toFloats()).containsExactly(1, 2, 3, 4);
        assertThat(file.readAll()).containsOnlyKeys("a", "b");
    }

    @Test
    void shardsAreOneFile() throws IOException {
        Path index = index(WHOLE);
        for (Path path : new Path[] {index, folder}) {
            TensorFile file = TensorFile.open(path);
            assertThat(file.path()).isEqualTo(index);
            assertThat(file.format()).isEqualTo("safetensors in 2 files");
            assertThat(file.metadata()).containsExactly(Map.entry("total_size", "28"));
            assertThat(file.tensors().keySet()).containsExactly("a", "b", "c");
            assertThat(file.read("b").toInts()).containsExactly(5, 6);
            assertThat(file.read("c").toFloats()).containsExactly(7);
            assertThatThrownBy(() -> file.read("not in the index"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no tensor 'not in the index', expected one of");
        }
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        Files.delete(folder.resolve(SECOND));
        Path index = index(WHOLE);
        assertThatThrownBy(() -> TensorFile.open(index))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(index + ": files that are not beside it: [" + SECOND + "]");
    }

    @Test
    void aTensorThatIsNotInItsShardIsNamed() throws IOException {
        Path index = index("{\"weight_map\":{\"a\":\"%s\",\"d\":\"%s\"}}".formatted(SECOND, FIRST));
        assertThatThrownBy(() -> TensorFile.open(index))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(index
                        + ": tensors that are not in their files: ['a' in %s, 'd' in %s]".formatted(SECOND, FIRST));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.safetensors",
                "/etc/passwd",
                "sub/model.safetensors",
                "..",
                ".hidden",
                "a\\\\b",
                "C:model.safetensors",
                "",
                "a\\u0000b",
                "model.safetensors.index.json"
            })
    void aShardIsBesideItsIndex(String name) throws IOException {
        Path index = index("{\"weight_map\":{\"a\":\"%s\"}}".formatted(name));
        assertThatThrownBy(() -> TensorFile.open(index))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tensor 'a' in file")
                .hasMessageContaining("expected the plain name of a file beside the index");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"weight_map\":[]}",
                "{\"weight_map\":{\"a\":1}}",
                "{\"weight_map\":{\"a\":null}} 1",
                "{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}",
                "{\"weight_map\":{\"a\":{",
            })
    void anIndexThatIsNoneIsRefused(String json) throws IOException {
        Path index = index(json);
        assertThatThrownBy(() -> TensorFile.open(index))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(index.toString());
    }

    @Test
    void deepNestingIsRefused() throws IOException {
        Path index = index("{\"weight_map\":" + "[".repeat(100_000));
        assertThatThrownBy(() -> TensorFile.open(index))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nesting depth");
    }

    @Test
    void aFileThatChangedIsNotRead() throws IOException {
        TensorFile file = TensorFile.open(folder.resolve(FIRST));
        Files.write(folder.resolve(FIRST), new byte[100]);
        assertThatThrownBy(() -> file.read("a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("100 bytes, but")
                .hasMessageContaining("when it was opened");
    }

    @Test
    void whatIsNoCheckpointIsRefused() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "Hello, this is a text.");
        assertThatThrownBy(() -> TensorFile.open(other))
                .isInstanceOf(UnknownFormatException.class)
                .hasMessageStartingWith(other + ": of no known format, expected one of: safetensors");
        Path configuration = Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        assertThatThrownBy(() -> TensorFile.open(configuration))
                .isInstanceOf(UnknownFormatException.class)
                .hasMessageStartingWith(configuration + ": of no known format, expected one of: safetensors");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> TensorFile.open(empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(empty + ": no checkpoint, expected one of [model.safetensors");
    }

    @Test
    void arraysOfNumPyAreLookedInto() {
        Path one = folder.resolve("one.npy");
        Npy.write(one, a);
        TensorFile array = TensorFile.open(one);
        assertThat(array.format()).isEqualTo("npy");
        assertThat(array.tensors().values())
                .containsExactly(new StoredTensor("array", Shape.of(2, 2), "<f4", DType.F32, 16));
        assertThat(array.read("array").toFloats()).containsExactly(1, 2, 3, 4);

        Path several = folder.resolve("several.npz");
        Npz.write(several, Map.of("b", b));
        TensorFile arrays = TensorFile.open(several);
        assertThat(arrays.format()).isEqualTo("npz");
        assertThat(arrays.tensors().values()).containsExactly(new StoredTensor("b", Shape.of(2), "<i4", DType.I32, 8));
        assertThat(arrays.read("b").toInts()).containsExactly(5, 6);
        assertThat(arrays.readAll()).containsOnlyKeys("b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.pt", "state-legacy.pt"})
    void filesOfPyTorchAreLookedInto(String name) throws IOException {
        Path path = folder.resolve(name);
        try (InputStream in = TensorFileTest.class.getResourceAsStream("pytorch/" + name)) {
            Files.write(path, Objects.requireNonNull(in, name).readAllBytes());
        }
        PyTorchFile expected = PyTorchFile.read(path);
        TensorFile file = TensorFile.open(path);
        assertThat(file.format()).isEqualTo("torch.save");
        assertThat(file.metadata()).isEqualTo(expected.metadata());
        assertThat(file.tensors().keySet())
                .containsExactlyElementsOf(expected.tensors().keySet());
        expected.tensors().forEach((key, tensor) -> {
            StoredTensor stored = Objects.requireNonNull(file.tensors().get(key));
            assertThat(stored.shape()).isEqualTo(tensor.shape());
            assertThat(stored.dtype()).isEqualTo(tensor.dtype());
            assertThat(file.read(key).toDoubles()).isEqualTo(tensor.toDoubles());
        });
    }
}
