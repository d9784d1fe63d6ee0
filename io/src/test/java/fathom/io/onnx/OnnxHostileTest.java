package fathom.io.onnx;

import static fathom.io.onnx.Message.external;
import static fathom.io.onnx.Message.floats;
import static fathom.io.onnx.Message.graphs;
import static fathom.io.onnx.Message.message;
import static fathom.io.onnx.Message.model;
import static fathom.io.onnx.Message.node;
import static fathom.io.onnx.Message.tensor;
import static fathom.io.onnx.Message.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files that are damaged or made to do harm: each is refused with a line that names the file and says
/// what is wrong.
class OnnxHostileTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void place() {
        file = folder.resolve("model.onnx");
    }

    private static Message graph() {
        return message().with(11, value("x", 1)).with(12, value("y", 1));
    }

    private static Message relu(String from, String to) {
        return node("Relu", List.of(from), List.of(to));
    }

    private static Message weighted(Message weight) {
        return model(
                13,
                graph().with(1, node("Add", List.of("x", "w"), List.of("y"))).with(5, weight));
    }

    static Stream<Arguments> models() {
        return Stream.of(
                arguments("no graph", message().with(1, 8), "0 graphs, expected one"),
                arguments("two graphs", model(13, graph()).with(7, graph()), "2 graphs, expected one"),
                arguments("text", message().with(1, "GIF89a"), "field 1 is written as a field of type 2, expected 0"),
                arguments(
                        "a cycle",
                        model(
                                13,
                                graph().with(1, relu("b", "a"))
                                        .with(1, relu("a", "b"))
                                        .with(1, relu("b", "y"))),
                        "(Relu, ai.onnx 13) reads 'b', which nothing before it gives"),
                arguments("an output that nothing gives", model(13, graph()), "output 'y' reads 'y', which nothing"),
                arguments(
                        "a name given twice",
                        model(13, graph().with(1, relu("x", "y")).with(1, relu("x", "y"))),
                        "gives 'y', a name that is taken"),
                arguments(
                        "an input's name given again",
                        model(13, graph().with(1, relu("x", "x")).with(1, relu("x", "y"))),
                        "gives 'x', a name that is taken"),
                arguments("too few bytes", weighted(tensor("w", 1, new byte[4], 2)), "4 bytes, expected 8"),
                arguments("too many bytes", weighted(tensor("w", 1, new byte[12], 2)), "12 bytes, expected 8"),
                arguments(
                        "a huge shape",
                        weighted(tensor("w", 1, new byte[4], 1L << 20, 1L << 20)),
                        "expected fewer than 2^31"),
                arguments("a size beyond int", weighted(tensor("w", 1, new byte[4], 1L << 40)), "below 2^31"),
                arguments("a negative size", weighted(tensor("w", 1, new byte[4], -1)), "expected no size below 0"),
                arguments("no such type", weighted(tensor("w", 99, new byte[4], 1)), "element type 99"),
                arguments("complex numbers", weighted(tensor("w", 14, new byte[8], 1)), "initialiser 'w' of type"),
                arguments(
                        "a function that calls itself",
                        model(
                                13,
                                graph().with(1, relu("x", "y").with(7, "local")),
                                message()
                                        .with(1, "Relu")
                                        .with(10, "local")
                                        .with(4, "a")
                                        .with(5, "b")
                                        .with(7, relu("a", "b").with(7, "local"))
                                        .with(9, message().with(1, "local").with(2, 1))),
                        "graphs within each other more than 64 deep"),
                arguments("deep graphs", model(13, deep(60)), "messages within each other more than 64 deep"));
    }

    private static Message deep(int levels) {
        Message inner = graph().with(1, relu("x", "y"));
        for (int i = 0; i < levels; i++) {
            inner = graph().with(1, node("If", List.of("x"), List.of("y"), graphs("then_branch", inner)));
        }
        return inner;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void isRefused(String what, Message model, String expected) throws IOException {
        Files.write(file, model.bytes().toByteArray());
        assertThatThrownBy(() -> OnnxModel.read(file))
                .as(what)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.onnx: ")
                .hasMessageContaining(expected);
    }

    /// 2^40 calls, if they were all made.
    @Test
    void functionsThatGrowWithoutBoundAreRefused() throws IOException {
        Message[] functions = new Message[40];
        for (int i = 0; i < functions.length; i++) {
            Message f =
                    message().with(1, "f" + i).with(10, "local").with(4, "a").with(5, "c");
            String next = i + 1 < functions.length ? "f" + (i + 1) : "f" + i;
            f.with(7, node(next, List.of("a"), List.of("b")).with(7, "local"));
            f.with(7, node(next, List.of("b"), List.of("c")).with(7, "local"));
            functions[i] = f.with(9, message().with(1, "local").with(2, 1));
        }
        Message graph = graph().with(1, node("f0", List.of("x"), List.of("y")).with(7, "local"));
        Files.write(file, model(13, graph, functions).bytes().toByteArray());
        assertThatThrownBy(() -> OnnxModel.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.bin",
                "sub/../../secret.bin",
                "/etc/passwd",
                "C:\\secret.bin",
                "..\\secret.bin",
                "",
                ".",
                "link.bin",
                "links/secret.bin"
            })
    void otherFilesAreNotOpened(String location) throws IOException {
        Path inner = Files.createDirectories(folder.resolve("inner"));
        Files.write(folder.resolve("secret.bin"), new byte[8]);
        Files.createSymbolicLink(inner.resolve("link.bin"), folder.resolve("secret.bin"));
        Files.createSymbolicLink(inner.resolve("links"), folder);
        Path model = inner.resolve("model.onnx");
        Files.write(model, weighted(external("w", location)).bytes().toByteArray());
        assertThatThrownBy(() -> OnnxModel.read(model))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.onnx: tensor 'w'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offset=4",
                "offset=-4",
                "offset=9223372036854775807",
                "length=4",
                "length=9",
                "length=-1",
                "offset=four"
            })
    void partsOfFilesAreChecked(String entry) throws IOException {
        Files.write(folder.resolve("w.bin"), new byte[8]);
        String[] parts = entry.split("=");
        Files.write(
                file,
                weighted(external("w", "w.bin", parts[0], parts[1])).bytes().toByteArray());
        assertThatThrownBy(() -> OnnxModel.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("model.onnx: tensor 'w'");
    }

    @Test
    void aFileOfAStoreIsFoundThroughItsLinks() throws IOException {
        Path store = Files.createDirectories(folder.resolve("blobs"));
        Path snapshot = Files.createDirectories(folder.resolve("snapshot"));
        Files.write(store.resolve("1"), weighted(external("w", "w.bin")).bytes().toByteArray());
        Files.write(store.resolve("2"), new byte[8]);
        Files.createSymbolicLink(snapshot.resolve("model.onnx"), store.resolve("1"));
        Files.createSymbolicLink(snapshot.resolve("w.bin"), store.resolve("2"));
        OnnxModel model = OnnxModel.read(snapshot.resolve("model.onnx"));
        assertThat(model.apply(Tensor.ones(2)).toFloats()).containsExactly(1, 1);
    }

    static byte[] sound() {
        Message inner =
                message().with(1, node("Add", List.of("x", "w"), List.of("a"))).with(12, value("a", 1));
        Message graph = graph().with(
                        1,
                        node(
                                "If",
                                List.of("which"),
                                List.of("h"),
                                graphs("then_branch", inner),
                                graphs("else_branch", inner)))
                .with(1, node("Softmax", List.of("h"), List.of("y"), Message.whole("axis", -1)))
                .with(5, floats("w", new float[] {1, 2, 3}, 3))
                .with(5, tensor("which", 9, new byte[] {1}));
        return model(16, graph).bytes().toByteArray();
    }

    /// Whatever is cut off, there is an error of the kinds that the reader promises, or another sound model.
    @Test
    void truncatedFilesAreRefused() throws IOException {
        byte[] whole = sound();
        for (int length = 0; length < whole.length; length++) {
            tryToRun(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void flippedBytesDoNoHarm() throws IOException {
        byte[] whole = sound();
        Random random = new Random(7);
        for (int i = 0; i < 4000; i++) {
            byte[] changed = whole.clone();
            for (int k = 0; k <= random.nextInt(3); k++) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            }
            tryToRun(changed);
        }
    }

    private void tryToRun(byte[] bytes) throws IOException {
        Files.write(file, bytes);
        try {
            OnnxModel.read(file).run(Map.of("x", Tensor.ones(3)));
        } catch (IllegalArgumentException | UncheckedIOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
