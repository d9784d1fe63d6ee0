package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Files of llama2.c, of which each element is its own number.
class Llama2cTest {
    private static final int MARK = 0x616b3432;

    @TempDir
    private Path folder;

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// A width of 8, 12 in the dense layers, 2 layers, 4 heads, 2 of keys, 5 tokens and 3 places.
    static byte[] version0(boolean isTied) {
        int norms = 2 * 8;
        int attention = 2 * (8 * 8 + 4 * 8 + 4 * 8 + 8 * 8);
        int dense = 2 * 3 * 12 * 8;
        int floats = 5 * 8 + norms + attention + norms + dense + 8 + 3 * 2 + (isTied ? 0 : 5 * 8);
        ByteBuffer file = little(28 + 4 * floats);
        for (int size : new int[] {8, 12, 2, 4, 2, isTied ? 5 : -5, 3}) {
            file.putInt(size);
        }
        return numbered(file);
    }

    private static byte[] numbered(ByteBuffer file) {
        for (int i = 0; file.hasRemaining(); i++) {
            file.putFloat(i);
        }
        return file.array();
    }

    static byte[] version1(boolean isTied) {
        int floats = 2 * 8 + 2 * 8 + 8 + 5 * 8 + 2 * (8 * 8 + 4 * 8 + 4 * 8 + 8 * 8) + 2 * 3 * 12 * 8;
        ByteBuffer file = little(256 + 4 * (floats + (isTied ? 0 : 5 * 8)));
        for (int word : new int[] {MARK, 1, 8, 12, 2, 4, 2, 5, 3}) {
            file.putInt(word);
        }
        file.put((byte) (isTied ? 1 : 0)).position(256);
        return numbered(file);
    }

    private float first(TensorFile file, String name) {
        return file.read(name).toFloats()[0];
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void version0IsRead(boolean isTied) throws IOException {
        Path path = Files.write(folder.resolve("stories.bin"), version0(isTied));
        TensorFile file = TensorFile.open(path);
        assertThat(file.format()).isEqualTo("llama2.c 0");
        assertThat(file.metadata())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "dim", "8",
                        "hidden_dim", "12",
                        "n_layers", "2",
                        "n_heads", "4",
                        "n_kv_heads", "2",
                        "vocab_size", "5",
                        "max_seq_len", "3",
                        "shared_classifier", String.valueOf(isTied)));
        assertThat(Objects.requireNonNull(file.tensors().get("layers.1.attention.wk.weight")))
                .isEqualTo(new StoredTensor("layers.1.attention.wk.weight", Shape.of(4, 8), "F32", DType.F32, 128));
        assertThat(first(file, "tok_embeddings.weight")).isEqualTo(0);
        assertThat(first(file, "layers.0.attention_norm.weight")).isEqualTo(40);
        assertThat(first(file, "layers.1.attention_norm.weight")).isEqualTo(48);
        assertThat(first(file, "layers.0.attention.wq.weight")).isEqualTo(56);
        assertThat(first(file, "layers.1.attention.wq.weight")).isEqualTo(56 + 64);
        int dense = 56 + 2 * (64 + 32 + 32 + 64) + 16;
        assertThat(first(file, "layers.0.ffn_norm.weight")).isEqualTo(dense - 16);
        assertThat(first(file, "layers.0.feed_forward.w1.weight")).isEqualTo(dense);
        assertThat(first(file, "layers.0.feed_forward.w2.weight")).isEqualTo(dense + 2 * 96);
        assertThat(Objects.requireNonNull(file.tensors().get("layers.0.feed_forward.w2.weight"))
                        .shape())
                .isEqualTo(Shape.of(8, 12));
        assertThat(first(file, "norm.weight")).isEqualTo(dense + 6 * 96);
        if (isTied) {
            assertThat(file.tensors()).doesNotContainKey("output.weight");
        } else {
            // Behind the tables of sines and cosines.
            assertThat(first(file, "output.weight")).isEqualTo(dense + 6 * 96 + 8 + 6);
        }
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void version1IsRead(boolean isTied) throws IOException {
        TensorFile file = TensorFile.open(Files.write(folder.resolve("stories"), version1(isTied)));
        assertThat(file.format()).isEqualTo("llama2.c 1");
        assertThat(file.metadata()).containsEntry("shared_classifier", String.valueOf(isTied));
        assertThat(first(file, "layers.1.attention_norm.weight")).isEqualTo(8);
        assertThat(first(file, "layers.0.ffn_norm.weight")).isEqualTo(16);
        assertThat(first(file, "norm.weight")).isEqualTo(32);
        assertThat(first(file, "tok_embeddings.weight")).isEqualTo(40);
        assertThat(first(file, "layers.0.attention.wq.weight")).isEqualTo(80);
        int dense = 80 + 2 * (64 + 32 + 32 + 64);
        assertThat(first(file, "layers.1.feed_forward.w3.weight")).isEqualTo(dense + 5 * 96);
        assertThat(file.tensors().containsKey("output.weight")).isEqualTo(!isTied);
    }

    static Stream<Arguments> hostile() {
        byte[] sound = version0(true);
        return Stream.of(
                arguments("empty", new byte[0], "0 bytes, expected a file of llama2.c"),
                arguments(
                        "truncated", Arrays.copyOf(sound, sound.length - 1), "expected " + sound.length + " for Sizes"),
                arguments("longer", Arrays.copyOf(sound, sound.length + 4), "expected " + sound.length + " for Sizes"),
                arguments("no heads", with(sound, 3, 0), "heads=0, keyHeads=2"),
                arguments("heads that do not divide", with(sound, 3, 3), "heads=3"),
                arguments("odd heads", with(sound, 3, 8), "not a file of llama2.c"),
                arguments("key heads", with(sound, 4, 3), "keyHeads=3"),
                arguments("many layers", with(sound, 2, Integer.MAX_VALUE), "layers=2147483647"),
                arguments("wide", with(sound, 0, 1 << 30), "width=1073741824"),
                arguments("least vocabulary", with(sound, 5, Integer.MIN_VALUE), "vocabulary=-2147483648"),
                arguments("quantised", with(version1(true), 1, 2), "version 2 of llama2.c, expected 0 or 1"));
    }

    private static byte[] with(byte[] file, int word, int value) {
        byte[] changed = file.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(4 * word, value);
        return changed;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void whatIsNotSoundIsRefused(String what, byte[] bytes, String message) throws IOException {
        Path path = Files.write(folder.resolve("model.bin"), bytes);
        assertThatThrownBy(() -> TensorFile.open(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(path.toString())
                .hasMessageContaining(message);
    }

    @Test
    void eachShorterFileIsRefused() throws IOException {
        for (byte[] sound : new byte[][] {version0(false), version1(false)}) {
            for (int length = 0; length < sound.length; length += 7) {
                Path path = Files.write(folder.resolve("model.bin"), Arrays.copyOf(sound, length));
                assertThatThrownBy(() -> Llama2c.open(path)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
