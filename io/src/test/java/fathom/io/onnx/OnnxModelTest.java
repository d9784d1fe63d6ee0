package fathom.io.onnx;

import static fathom.io.onnx.Message.elements;
import static fathom.io.onnx.Message.floats;
import static fathom.io.onnx.Message.graphs;
import static fathom.io.onnx.Message.longs;
import static fathom.io.onnx.Message.message;
import static fathom.io.onnx.Message.model;
import static fathom.io.onnx.Message.node;
import static fathom.io.onnx.Message.value;
import static fathom.io.onnx.Message.whole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.nn.optim.Sgd;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
    @TempDir
    private Path folder;

    /// `y = relu(x w + b)`, with a constant that is no parameter.
    private static Message perceptron() {
        return message()
                .with(1, node("Gemm", List.of("x", "w", "b"), List.of("h"), whole("transB", 1)))
                .with(1, node("Relu", List.of("h"), List.of("r")))
                .with(1, node("Clip", List.of("r", "", "top"), List.of("y")))
                .with(5, floats("w", new float[] {1, 2, -3, 4}, 2, 2))
                .with(5, floats("b", new float[] {0.5f, -0.5f}, 2))
                .with(5, floats("top", new float[] {100}))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
    }

    @Test
    void parametersAreNamedAndTrained() {
        OnnxModel model = Graphs.read(model(13, perceptron()));
        Tensor x = Tensor.of(new float[] {1, 1}, 1, 2);
        assertThat(model.apply(x).toFloats()).containsExactly(3.5f, 0.5f);
        Map<String, Parameter> parameters = Modules.parameters(model);
        assertThat(parameters).containsOnlyKeys("w", "b");
        Sgd.of(0.1).on(model).step(model.apply(x).sum());
        assertThat(get(parameters, "w").value().toFloats()).containsExactly(0.9f, 1.9f, -3.1f, 3.9f);
        assertThat(get(parameters, "b").value().toFloats()).containsExactly(0.4f, -0.6f);
        Modules.load(model, Map.of("w", Tensor.zeros(2, 2), "b", Tensor.ones(2)));
        assertThat(model.apply(x).toFloats()).containsExactly(1, 1);
    }

    @Test
    void predictionsFollowTheParameters() {
        OnnxModel model = Graphs.read(model(13, perceptron()));
        for (int step = 0; step < 3; step++) {
            for (int n : new int[] {1, 3}) {
                Tensor x = Tensor.arange(2 * n).cast(DType.F32).reshape(n, 2).mul(0.3);
                Tensor y = get(model.predict(Map.of("x", x)), "y");
                assertThat(y.node().isEvaluated()).isTrue();
                assertThat(y.node().tracked()).isFalse();
                assertThat(y.toFloats())
                        .isEqualTo(get(model.run(Map.of("x", x)), "y").toFloats());
            }
            Sgd.of(0.1).on(model).step(model.apply(Tensor.ones(1, 2)).sum());
        }
        assertThatThrownBy(() -> model.predict(Map.of())).hasMessageContaining("input 'x' is missing");
        assertThatThrownBy(() -> model.predict(Map.of("x", Tensor.zeros(1, 3))))
                .hasMessageContaining("node 'h' (Gemm, ai.onnx 13)");
    }

    @Test
    void predictionsOfWhatDependsOnChanceDiffer() {
        Message graph = message()
                .with(1, node("RandomUniformLike", List.of("x"), List.of("r")))
                .with(1, node("Add", List.of("x", "r"), List.of("y")))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(13, graph));
        Map<String, Tensor> given = Map.of("x", Tensor.zeros(8));
        float[] first = get(model.predict(given), "y").toFloats();
        assertThat(get(model.predict(given), "y").toFloats()).isNotEqualTo(first);
    }

    @Test
    void whatIsNotSupportedIsSaidAllAtOnce() {
        Message graph = message()
                .with(1, node("Strange", List.of("x"), List.of("a")).with(3, "first"))
                .with(1, node("Relu", List.of("a"), List.of("b")))
                .with(1, node("StringConcat", List.of("b", "x"), List.of("y")))
                .with(11, value("x", 8))
                .with(12, value("y", 1));
        assertThatThrownBy(() -> Graphs.read(model(20, graph)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(".onnx: 3 things are not supported:")
                .hasMessageContaining("input 'x' of type string")
                .hasMessageContaining("node 'first' (Strange, ai.onnx 20)")
                .hasMessageContaining("node 'y' (StringConcat, ai.onnx 20)");
    }

    @Test
    void anErrorNamesTheNodeAndWhatIsUnusual() {
        OnnxModel model = Graphs.read(model(13, perceptron()));
        assertThatThrownBy(() -> model.run(Map.of("x", Tensor.zeros(1, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("node 'h' (Gemm, ai.onnx 13)");
        assertThatThrownBy(() -> model.run(Map.of("z", Tensor.zeros(1, 2)))).hasMessageContaining("no input 'z'");
        assertThatThrownBy(() -> model.run(Map.of())).hasMessageContaining("input 'x' is missing");
        assertThatThrownBy(() -> model.run(Map.of("x", Tensor.of(new int[] {1}))))
                .hasMessageContaining("input 'x': I32[1], expected x float");
    }

    /// The arithmetic that exporters leave for `x.view(x.size(0), -1)`.
    @Test
    void arithmeticWithShapesIsNoPartOfTheProgram() {
        Message graph = message()
                .with(1, node("Shape", List.of("x"), List.of("s")))
                .with(1, node("Gather", List.of("s", "zero"), List.of("n")))
                .with(1, node("Unsqueeze", List.of("n", "axis"), List.of("u")))
                .with(1, node("Concat", List.of("u", "rest"), List.of("to"), whole("axis", 0)))
                .with(1, node("Reshape", List.of("x", "to"), List.of("y")))
                .with(5, longs("zero", new long[] {0}))
                .with(5, longs("axis", new long[] {0}, 1))
                .with(5, longs("rest", new long[] {-1}, 1))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(13, graph));
        for (int n : new int[] {2, 3, 2}) {
            Tensor y = model.apply(Tensor.ones(n, 2, 2));
            assertThat(y.shape()).isEqualTo(Shape.of(n, 4));
            assertThat(y.node().inputs()).as("ones of another shape").isEmpty();
        }
    }

    @Test
    void ifRunsOneBranchAndSeesTheGraphAround() {
        Message then =
                message().with(1, node("Add", List.of("x", "w"), List.of("a"))).with(12, value("a", 1));
        Message otherwise =
                message().with(1, node("Mul", List.of("x", "w"), List.of("m"))).with(12, value("m", 1));
        Message graph = message()
                .with(
                        1,
                        node(
                                "If",
                                List.of("which"),
                                List.of("y"),
                                graphs("then_branch", then),
                                graphs("else_branch", otherwise)))
                .with(5, floats("w", new float[] {3, 5}, 2))
                .with(11, value("which", 9))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(16, graph));
        Tensor x = Tensor.of(2, 2);
        Tensor yes = Tensor.of(new boolean[] {true}, new int[0]);
        Tensor no = Tensor.of(new boolean[] {false}, new int[0]);
        assertThat(get(model.run(Map.of("x", x, "which", yes)), "y").toFloats()).containsExactly(5, 7);
        assertThat(get(model.run(Map.of("x", x, "which", no)), "y").toFloats()).containsExactly(6, 10);
        for (int turn = 0; turn < 2; turn++) {
            assertThat(get(model.predict(Map.of("x", x, "which", yes)), "y").toFloats())
                    .containsExactly(5, 7);
            assertThat(get(model.predict(Map.of("x", x, "which", no)), "y").toFloats())
                    .containsExactly(6, 10);
        }
        assertThat(Modules.parameters(model)).containsOnlyKeys("w");
    }

    /// `for i in 0..n: x = x * w; scan x + i`
    @Test
    void loopsCarryAndCollectAndHaveGradients() {
        Message body = message()
                .with(1, node("Mul", List.of("before", "w"), List.of("after")))
                .with(1, node("Cast", List.of("i"), List.of("f"), whole("to", 1)))
                .with(1, node("Add", List.of("after", "f"), List.of("each")))
                .with(1, node("Identity", List.of("going"), List.of("goes")))
                .with(11, value("i", 7))
                .with(11, value("going", 9))
                .with(11, value("before", 1))
                .with(12, value("goes", 9))
                .with(12, value("after", 1))
                .with(12, value("each", 1));
        Message graph = message()
                .with(1, node("Loop", List.of("n", "", "x"), List.of("last", "all"), graphs("body", body)))
                .with(5, floats("w", new float[] {2}, 1))
                .with(11, value("n", 7))
                .with(11, value("x", 1))
                .with(12, value("last", 1))
                .with(12, value("all", 1));
        OnnxModel model = Graphs.read(model(16, graph));
        Map<String, Tensor> y = model.run(Map.of("n", Tensor.of(new long[] {3}, new int[0]), "x", Tensor.of(1)));
        assertThat(get(y, "last").toFloats()).containsExactly(8);
        assertThat(get(y, "all").toFloats()).containsExactly(2, 5, 10);
        Tensor none = get(model.run(Map.of("n", Tensor.of(new long[] {0}, new int[0]), "x", Tensor.of(1))), "all");
        assertThat(none.shape().dim(0)).isZero();
        Parameter w = Modules.parameters(model).values().iterator().next();
        Tensor slope = Gradients.of(get(y, "last").sum(), w.value());
        assertThat(slope.item()).isCloseTo(12, within(1e-6)); // 3 w^2
    }

    @Test
    void functionsOfTheModelTakeTheirAttributes() {
        Message leaky = message()
                .with(1, "Scaled")
                .with(10, "local")
                .with(4, "a")
                .with(5, "b")
                .with(6, "slope")
                .with(
                        7,
                        node(
                                "LeakyRelu",
                                List.of("a"),
                                List.of("l"),
                                message().with(1, "alpha").with(20, 1).with(21, "slope")))
                .with(7, node("Neg", List.of("l"), List.of("b")))
                .with(9, message().with(1, "").with(2, 16));
        Message graph = message()
                .with(
                        1,
                        node("Scaled", List.of("x"), List.of("h"), Message.number("slope", 0.5f))
                                .with(7, "local"))
                .with(
                        1,
                        node("Scaled", List.of("h"), List.of("y"), Message.number("slope", 0.25f))
                                .with(7, "local"))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(16, graph, leaky));
        // 4 becomes -4 and then 1; -4 becomes 2 and then -2.
        assertThat(model.apply(Tensor.of(4, -4)).toFloats()).containsExactly(1, -2);
    }

    @Test
    void tensorsAreReadFromFilesBeside() throws Exception {
        Files.write(folder.resolve("weights.bin"), new byte[] {0, 0, 0, 0, 0, 0, (byte) 128, 63, 0, 0, 0, 64, 9});
        Message graph = message()
                .with(1, node("Add", List.of("x", "w"), List.of("y")))
                .with(5, Message.external("w", "weights.bin", "offset", "4", "length", "8"))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        Path file = folder.resolve("model.onnx");
        Files.write(file, model(13, graph).bytes().toByteArray());
        assertThat(OnnxModel.read(file).apply(Tensor.zeros(2)).toFloats()).containsExactly(1, 2);
    }

    @Test
    void halvesAreRoundedAfterEachOperation() {
        Message graph = message()
                .with(1, node("Add", List.of("x", "one"), List.of("s")))
                .with(1, node("Sub", List.of("s", "one"), List.of("y")))
                .with(5, Message.tensor("one", 10, new byte[] {0, 0x3c}))
                .with(11, value("x", 10))
                .with(12, value("y", 10));
        OnnxModel model = Graphs.read(model(13, graph));
        Tensor y = model.apply(Tensor.of(0.0004f, 0.0006f).cast(DType.F16));
        assertThat(y.dtype()).isEqualTo(DType.F16);
        assertThat(y.toDoubles()).containsExactly(0, 0x1p-10);
    }

    @Test
    void constantNodesMayBeWeights() {
        Message graph = message()
                .with(
                        1,
                        node("Constant", List.of(), List.of("w"), elements("value", floats("", new float[] {2, 3}, 2))))
                .with(1, node("Mul", List.of("x", "w"), List.of("y")))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(13, graph));
        assertThat(Modules.parameters(model)).containsOnlyKeys("w");
        assertThat(model.apply(Tensor.of(1, 1)).toFloats()).containsExactly(2, 3);
    }

    /// Convolution, normalisation, activation and again convolution: one permutation in, one out.
    @Test
    void imagesStayAsFathomWantsThem() {
        Message graph = message()
                .with(1, node("Conv", List.of("x", "w1"), List.of("a"), Message.wholes("pads", 1, 1, 1, 1)))
                .with(1, node("BatchNormalization", List.of("a", "s", "b", "m", "v"), List.of("n")))
                .with(1, node("LeakyRelu", List.of("n"), List.of("r")))
                .with(1, node("Mul", List.of("r", "gate"), List.of("g")))
                .with(1, node("Concat", List.of("g", "r"), List.of("c"), whole("axis", 1)))
                .with(1, node("Conv", List.of("c", "w2"), List.of("y")))
                .with(5, floats("w1", ramp(4 * 3 * 9), 4, 3, 3, 3))
                .with(5, floats("w2", ramp(2 * 8), 2, 8, 1, 1))
                .with(5, floats("s", ramp(4), 4))
                .with(5, floats("b", ramp(4), 4))
                .with(5, floats("m", ramp(4), 4))
                .with(5, floats("v", new float[] {1, 2, 3, 4}, 4))
                .with(5, floats("gate", ramp(4), 1, 4, 1, 1))
                .with(11, value("x", 1))
                .with(12, value("y", 1));
        OnnxModel model = Graphs.read(model(15, graph));
        Tensor x = Tensor.of(ramp(2 * 3 * 5 * 6), 2, 3, 5, 6);
        Tensor y = model.apply(x);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 2, 5, 6));
        // That of the input, that of the output, and that of the gate.
        assertThat(permutations(y.node())).isEqualTo(3);
        assertThat(get(Modules.parameters(model), "w1").shape()).isEqualTo(Shape.of(3, 3, 3, 4));
    }

    private static float[] ramp(int n) {
        float[] all = new float[n];
        for (int i = 0; i < n; i++) {
            all[i] = (i % 7 - 3) / 4f;
        }
        return all;
    }

    private static long permutations(Node root) {
        Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        ArrayDeque<Node> todo = new ArrayDeque<>(List.of(root));
        while (!todo.isEmpty()) {
            Node n = todo.pop();
            if (seen.add(n)) {
                todo.addAll(n.inputs());
            }
        }
        return seen.stream().filter(n -> n.op() instanceof Op.Permute).count();
    }

    private static <T> T get(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name));
    }
}
