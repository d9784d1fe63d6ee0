package fathom.io.onnx.export;

import static fathom.io.onnx.export.RoundTrip.check;
import static fathom.io.onnx.export.RoundTrip.compare;
import static fathom.io.onnx.export.RoundTrip.drawn;
import static fathom.io.onnx.export.RoundTrip.operators;
import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelReader;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.ValueInfo;
import fathom.nn.Context;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Sequential;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an export says, keeps and refuses.
class OnnxExportTest {
    private static final Module MODEL =
            Sequential.of(linear(300), batchNorm(), dropout(0.5), linear(4)).build(Shape.of(8), RandomStream.of(1));

    private static Tensor given(Map<String, Tensor> in, String name) {
        return Objects.requireNonNull(in.get(name));
    }

    @Test
    void theFileSaysWhatItIs(@TempDir Path folder) {
        Path file = folder.resolve("m.onnx");
        OnnxExport.of(MODEL)
                .input("x", DType.F32, Axis.batch(), Axis.of(8))
                .output("y")
                .name("small")
                .metadata("trained", "yes")
                .write(file);
        ModelProto model = ModelReader.read(file);
        assertThat(model.producer()).isEqualTo("fathom");
        assertThat(model.opsets()).containsEntry("", 18L);
        assertThat(model.metadata()).containsEntry("trained", "yes");
        assertThat(model.graph().name()).isEqualTo("small");
        assertThat(model.graph().inputs().toString()).isEqualTo("[x float[batch, 8]]");
        assertThat(model.graph().outputs().toString()).isEqualTo("[y float[batch, 4]]");
        assertThat(model.graph().nodes()).extracting(NodeProto::name).contains("0/MatMul", "1/BatchNormalization");
    }

    /// Training changes the values under the same names; what is written is as in inference even then.
    @Test
    void recordingIsInference() {
        ModelProto model = Context.training(
                RandomStream.of(1),
                () -> OnnxExport.of(MODEL).samples(Shape.of(8)).toModel());
        assertThat(operators(model)).containsExactly("MatMul", "Add", "BatchNormalization", "MatMul", "Add");
        assertThat(RoundTrip.weights(model).keySet())
                .containsExactlyInAnyOrderElementsOf(Modules.state(MODEL).keySet());
    }

    @Test
    void weightsCanBeBeside(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("m.onnx");
        OnnxExport.of(MODEL).samples(Shape.of(8)).weightsBeside().write(file);
        assertThat(Files.size(file)).isLessThan(10_000);
        assertThat(Files.size(folder.resolve("m.onnx.data"))).isGreaterThan(10_000);
        Tensor x = drawn(DType.F32, 5, 8);
        compare(OnnxModel.read(file).forward(x), MODEL.apply(x));
    }

    @Test
    void severalInputsAndOutputs() {
        OnnxExport export = OnnxExport.of(x -> x, OnnxExportTest::products)
                .input("a", DType.F32, Axis.dynamic("n", 2), Axis.dynamic("k", 3))
                .input("b", DType.F32, Axis.dynamic("k", 3), Axis.of(4));
        OnnxModel back = RoundTrip.read(export);
        assertThat(back.outputs().toString()).isEqualTo("[product float[n, 4], rows float[], copy float[n, k]]");
        Map<String, Tensor> in = new LinkedHashMap<>();
        in.put("a", drawn(DType.F32, 6, 5));
        in.put("b", drawn(DType.F32, 5, 4));
        Map<String, Tensor> found = back.run(in);
        products(in).forEach((name, expected) -> compare(given(found, name), expected));
    }

    private static Map<String, Tensor> products(Map<String, Tensor> in) {
        Tensor a = given(in, "a");
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("product", a.matmul(given(in, "b")));
        out.put("rows", Tensor.scalar(1).mul(a.dim(0)).add(1.0 / a.dim(1)));
        out.put("copy", a);
        return out;
    }

    /// Each of these sizes follows from the batch in another way.
    @Test
    void sizesFollowFromTheInputs() {
        check(x -> x.reshape(2, -1, 3).sum(1), 4, 3);
        check(x -> Tensor.arange(3 * x.dim(0) + 2).cast(DType.F32).add(x.sum()), 3);
        check(x -> Tensor.concat(0, x, x).reshape(x.dim(0), 2, 3).permute(1, 0, 2), 3);
        check(x -> x.slice(0, x.dim(0) / 2, x.dim(0)).add(Tensor.full(Shape.of(1), DType.F32, x.dim(0))), 3);
        check(x -> x.pad(0, x.dim(0), 1), 3);
        check(x -> x.sum().mul(1 / Math.sqrt(x.dim(0))), 3);
    }

    /// Weights are arranged when they are first used, whatever view of them that is.
    @Test
    void viewsOfWeightsAreReducedSlicedAndSorted() {
        Linear layer = linear(4).build(Shape.of(6), RandomStream.of(1));
        Tensor sample = drawn(DType.F32, 5, 6);
        List<UnaryOperator<Tensor>> views = List.of(
                w -> w.permute(1, 0).unsqueeze(0).max(true, 1).reshape(6),
                w -> w.permute(1, 0).unsqueeze(1).slice(2, 1, 4).sum(),
                w -> w.permute(1, 0).argmax(0).cast(DType.F32),
                w -> w.permute(1, 0).unsqueeze(0).cumsum(1).sum(0, 1),
                w -> w.permute(1, 0).softmax(0).sum(0),
                w -> w.permute(1, 0).pad(0, 1, 1).prod(0),
                w -> Tensor.concat(0, w.permute(1, 0), w.permute(1, 0)).sum(0));
        for (UnaryOperator<Tensor> view : views) {
            UnaryOperator<Tensor> function = x -> layer.apply(x)
                    .sum(true, 1)
                    .add(view.apply(layer.weight().value()).mul(x));
            OnnxModel back = RoundTrip.read(OnnxExport.of(layer, in -> Map.of("y", function.apply(given(in, "x"))))
                    .input("x", DType.F32, Axis.batch(), Axis.of(6)));
            compare(back.forward(sample), function.apply(sample));
        }
    }

    @Test
    void whatCannotBeSaidInOnnxIsNamedAtOnce() {
        RandomStream random = RandomStream.of(1);
        Module noise = x -> x.add(random.uniform(x.shape())).mul(random.uniform(x.shape()));
        assertThatThrownBy(() -> OnnxExport.of(noise).samples(Shape.of(3)).toModel())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("randomBits")
                .hasMessageContaining("; ");
        Module table = x -> x.add(Tensor.of(new double[x.dim(0) * 3], x.dim(0), 3)
                .cast(DType.F32)
                .add(Tensor.of(new float[][] {{1, 2, 3}}).mul(Tensor.of(squares(x.dim(0)), x.dim(0), 1))));
        assertThatThrownBy(() -> OnnxExport.of(table).samples(Shape.of(3)).toModel())
                .hasMessageContaining("a table that the model makes anew for other sizes");
    }

    private static float[] squares(int count) {
        float[] all = new float[count];
        for (int i = 0; i < count; i++) {
            all[i] = i * i;
        }
        return all;
    }

    @Test
    void aModelThatDecidesBySizesOrElementsIsRefused() {
        Module bySize = x -> x.dim(0) > 4 ? x.exp() : x.sin();
        assertThatThrownBy(() -> OnnxExport.of(bySize).samples(Shape.of(3)).toModel())
                .hasMessageContaining("other things at other sizes")
                .hasMessageContaining("batch = 6")
                .hasMessageContaining("exp");
        Module byElement = x -> x.sum().item() > 0 ? x : x.neg();
        assertThatThrownBy(() -> OnnxExport.of(byElement).samples(Shape.of(3)).toModel())
                .hasMessageContaining("reads elements that depend on its inputs");
        assertThatThrownBy(() -> OnnxExport.of(MODEL).toModel()).hasMessageContaining("no inputs");
        assertThatThrownBy(() -> OnnxExport.of(MODEL).samples(Shape.of(8)).samples(Shape.of(8)))
                .hasMessageContaining("'input'");
        assertThatThrownBy(() -> OnnxExport.of(MODEL)
                        .samples(Shape.of(8))
                        .output("input")
                        .toModel())
                .hasMessageContaining("a name once");
    }

    @Test
    void anExportedModelCanBeExportedAgain() {
        OnnxModel once = RoundTrip.read(OnnxExport.of(MODEL).samples(Shape.of(8)));
        OnnxModel twice = RoundTrip.read(OnnxExport.of(once, 3));
        Tensor x = drawn(DType.F32, 5, 8);
        compare(twice.forward(x), MODEL.apply(x));
        assertThat(Modules.parameters(twice).keySet()).contains("0.weight", "3.bias");
        assertThat(twice.inputs().getFirst().shape().orElseThrow().getFirst())
                .isEqualTo(new ValueInfo.Symbolic("batch"));
    }
}
