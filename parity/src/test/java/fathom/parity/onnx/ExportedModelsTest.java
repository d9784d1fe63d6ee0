package fathom.parity.onnx;

import static fathom.nn.Layers.avgPool2d;
import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.gelu;
import static fathom.nn.Layers.globalAvgPool2d;
import static fathom.nn.Layers.gru;
import static fathom.nn.Layers.lastStep;
import static fathom.nn.Layers.layerNorm;
import static fathom.nn.Layers.learnedPositions;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static fathom.nn.Layers.residual;
import static fathom.nn.Layers.rnn;
import static fathom.nn.Layers.transformerDecoderLayer;
import static fathom.nn.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.export.Axis;
import fathom.io.onnx.export.OnnxExport;
import fathom.models.Bert;
import fathom.models.Gpt2;
import fathom.models.Pooling;
import fathom.models.SentenceEncoder;
import fathom.nn.Conv2d;
import fathom.nn.Layer;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Padding;
import fathom.nn.RotaryPositions;
import fathom.nn.Sequences;
import fathom.nn.Sequential;
import fathom.nn.TransformerEncoderLayer;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole models, exported with a batch of any size, give the same in ONNX Runtime.
class ExportedModelsTest {
    private static final double TOLERANCE = 2e-5;
    private static final int VOCABULARY = 50;
    private static final int WIDTH = 16;

    private static Module build(Layer layer, int... sample) {
        Module model = layer.build(Shape.of(sample), RandomStream.of(5));
        // Statistics as a training leaves them.
        RandomStream random = RandomStream.of(6);
        Modules.buffers(model)
                .values()
                .forEach(v -> v.set(random.uniform(v.shape()).add(0.5)));
        return model;
    }

    @Test
    void denseNetworks() {
        Module model =
                build(Sequential.of(linear(64), relu(), dropout(0.5), linear(32), layerNorm(), gelu(), linear(10)), 20);
        Exported.checkSamples(model, TOLERANCE, 20);
    }

    @Test
    void aNetworkForDigits() {
        Module model = build(
                Sequential.of(
                        conv2d(32, 3).withoutBias(),
                        batchNorm(),
                        relu(),
                        maxPool2d(2),
                        conv2d(64, 3),
                        batchNorm(),
                        relu(),
                        avgPool2d(2),
                        dropout(0.25),
                        flatten(),
                        linear(128),
                        relu(),
                        linear(10)),
                28,
                28,
                1);
        Exported.checkSamples(model, TOLERANCE, 28, 28, 1);
    }

    private static Conv2d.Blueprint convolution(int filters, int kernel, int stride) {
        return conv2d(filters, kernel).withoutBias().stride(stride).padding(Padding.same());
    }

    private static Module resNet18() {
        List<Layer> layers = new ArrayList<>(List.of(convolution(64, 3, 1), batchNorm(), relu()));
        for (int stage = 0; stage < 4; stage++) {
            int filters = 64 << stage;
            for (int block = 0; block < 2; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                var body = residual(
                        convolution(filters, 3, stride), batchNorm(), relu(), convolution(filters, 3, 1), batchNorm());
                layers.add(stride == 1 ? body : body.shortcut(Sequential.of(convolution(filters, 1, 2), batchNorm())));
                layers.add(relu());
            }
        }
        layers.addAll(List.of(globalAvgPool2d(), linear(10)));
        return build(new Sequential(layers), 32, 32, 3);
    }

    @Test
    void aResidualNetworkOfAnyHeightAndWidth() {
        Module model = resNet18();
        Axis height = new Axis.Dynamic("height", 16, 8);
        Axis width = new Axis.Dynamic("width", 24, 8);
        try (Exported exported = Exported.of(model, DType.F32, Axis.batch(), height, width, Axis.of(3))) {
            exported.check(Map.of("x", Exported.drawn(DType.F32, 1, 32, 32, 3)), 1e-4);
            exported.check(Map.of("x", Exported.drawn(DType.F32, 3, 24, 40, 3)), 1e-4);
        }
        Map<String, Integer> operators = new LinkedHashMap<>();
        OnnxExport.of(model)
                .samples(Shape.of(32, 32, 3))
                .toModel()
                .graph()
                .nodes()
                .forEach(n -> operators.merge(n.operator(), 1, Integer::sum));
        assertThat(operators)
                .containsEntry("Conv", 20)
                .containsEntry("BatchNormalization", 20)
                .containsEntry("Relu", 17)
                .containsEntry("Transpose", 1);
    }

    @Test
    void recurrentClassifiers() {
        for (Layer layer : List.of(lstm(12).layers(2), gru(12).bidirectional(), rnn(12), lstm(7).bidirectional())) {
            Module model = build(Sequential.of(embedding(VOCABULARY, WIDTH), layer, lastStep(), linear(3)), 9);
            try (Exported exported = Exported.of(model, DType.I32, Axis.batch(), Axis.dynamic("time", 5))) {
                exported.check(Map.of("x", tokens(1, 4)), TOLERANCE);
                exported.check(Map.of("x", tokens(3, 9)), TOLERANCE);
                exported.check(Map.of("x", tokens(32, 20)), TOLERANCE);
            }
        }
    }

    @Test
    void aRecurrentLayerOverRowsOfSeveralLengths() {
        Module model = build(gru(6), 9, 4);
        var export = OnnxExport.of(model, in -> lengths(model, in))
                .input("x", DType.F32, Axis.batch(), Axis.dynamic("time", 6), Axis.of(4))
                .input("lengths", DType.I32, Axis.batch());
        try (Exported exported = new Exported(export, in -> lengths(model, in))) {
            Map<String, Tensor> in = new LinkedHashMap<>();
            in.put("x", Exported.drawn(DType.F32, 3, 7, 4));
            in.put("lengths", Tensor.of(new int[] {7, 2, 5}));
            exported.check(in, TOLERANCE);
        }
    }

    private static Map<String, Tensor> lengths(Module model, Map<String, Tensor> in) {
        Sequences x = Sequences.of(given(in, "x")).lengths(given(in, "lengths"));
        var result = ((fathom.nn.Recurrent) model).run(x);
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("states", result.outputs());
        out.put("last", result.state().getFirst());
        return out;
    }

    private static Tensor given(Map<String, Tensor> in, String name) {
        return Objects.requireNonNull(in.get(name));
    }

    private static Tensor tokens(int samples, int time) {
        int[] ids =
                IntStream.range(0, samples * time).map(i -> i * 7 % VOCABULARY).toArray();
        return Tensor.of(ids, samples, time);
    }

    private static List<TransformerEncoderLayer> layers(boolean causal, RandomStream random) {
        TransformerEncoderLayer.Blueprint one = transformerEncoderLayer(4, 32).activation(gelu());
        var layer = causal ? one.preNorm().attention(a -> a.causal()) : one;
        return List.of(
                layer.build(Shape.of(8, WIDTH), random.split("a")), layer.build(Shape.of(8, WIDTH), random.split("b")));
    }

    @Test
    void aGptOfAnyLength() {
        RandomStream random = RandomStream.of(3);
        Gpt2 model = new Gpt2(
                embedding(VOCABULARY, WIDTH).build(Shape.of(8), random),
                learnedPositions(64).build(Shape.of(8, WIDTH), random),
                layers(true, random),
                layerNorm().build(Shape.of(8, WIDTH), random));
        try (Exported exported = Exported.of(model, DType.I32, Axis.batch(), Axis.dynamic("time", 5))) {
            exported.check(Map.of("x", tokens(1, 1)), TOLERANCE);
            exported.check(Map.of("x", tokens(3, 11)), TOLERANCE);
            exported.check(Map.of("x", tokens(32, 8)), TOLERANCE);
        }
    }

    @Test
    void rotaryAndAlibiAttention() {
        RandomStream random = RandomStream.of(3);
        var rotary = transformerEncoderLayer(2, 24)
                .preNorm()
                .attention(a -> a.keyHeads(1).causal().rotary(RotaryPositions.of()));
        var alibi = transformerEncoderLayer(2, 24).attention(a -> a.causal().alibi());
        for (Layer layer : List.<Layer>of(rotary, alibi)) {
            Module model = layer.build(Shape.of(8, WIDTH), random);
            try (Exported exported =
                    Exported.of(model, DType.F32, Axis.batch(), Axis.dynamic("time", 5), Axis.of(WIDTH))) {
                exported.check(Map.of("x", Exported.drawn(DType.F32, 3, 9, WIDTH)), TOLERANCE);
            }
        }
    }

    /// Both sequences are of any length.
    @Test
    void aDecoderThatReadsAMemory() {
        var decoder = transformerDecoderLayer(2, 24).build(Shape.of(8, WIDTH), RandomStream.of(2));
        Function<Map<String, Tensor>, Map<String, Tensor>> call =
                in -> Map.of("y", decoder.apply(given(in, "x"), given(in, "memory")));
        var export = OnnxExport.of(decoder, call)
                .input("x", DType.F32, Axis.batch(), Axis.dynamic("time", 5), Axis.of(WIDTH))
                .input("memory", DType.F32, Axis.batch(), Axis.dynamic("places", 4), Axis.of(WIDTH));
        try (Exported exported = new Exported(export, call)) {
            Map<String, Tensor> in = new LinkedHashMap<>();
            in.put("x", Exported.drawn(DType.F32, 3, 6, WIDTH));
            in.put("memory", Exported.drawn(DType.F32, 3, 11, WIDTH));
            exported.check(in, TOLERANCE);
        }
    }

    @Test
    void anEncoderOfSentences() {
        RandomStream random = RandomStream.of(3);
        Bert bert = new Bert(
                embedding(VOCABULARY, WIDTH).build(Shape.of(8), random),
                learnedPositions(64).build(Shape.of(8, WIDTH), random.split("places")),
                embedding(2, WIDTH).build(Shape.of(8), random.split("kinds")),
                layerNorm().build(Shape.of(8, WIDTH), random),
                layers(false, random),
                Optional.empty());
        SentenceEncoder encoder = new SentenceEncoder(bert, Pooling.MEAN);
        // It fills texts up to one of a few lengths, so it is exported for one of them.
        try (Exported exported = Exported.of(encoder, DType.I32, Axis.batch(), Axis.of(32))) {
            exported.check(Map.of("x", tokens(4, 32)), TOLERANCE);
        }
        Axis time = Axis.dynamic("time", 6);
        var export = OnnxExport.of(bert, in -> embedded(bert, in))
                .input("ids", DType.I64, Axis.batch(), time)
                .input("mask", DType.I64, Axis.batch(), time);
        assertThat(export.toModel().graph().initializers())
                .extracting(t -> t.name())
                .containsAll(Modules.parameters(bert).keySet());
        try (Exported exported = new Exported(export, in -> embedded(bert, in))) {
            for (int[] size : new int[][] {{1, 5}, {3, 12}, {32, 7}}) {
                Tensor ids = tokens(size[0], size[1]).cast(DType.I64).evaluate();
                Tensor mask = Tensor.arange(size[1])
                        .unsqueeze(0)
                        .less(Tensor.arange(size[0])
                                .mod(Tensor.full(Shape.of(size[0]), DType.I32, 3))
                                .add(2)
                                .unsqueeze(1))
                        .cast(DType.I64)
                        .evaluate();
                Map<String, Tensor> in = new LinkedHashMap<>();
                in.put("ids", ids);
                in.put("mask", mask);
                exported.check(in, TOLERANCE);
            }
        }
    }

    /// The mean of the vectors of what is seen, of length 1.
    private static Map<String, Tensor> embedded(Bert bert, Map<String, Tensor> in) {
        Tensor ids = given(in, "ids").cast(DType.I32);
        Tensor seen = given(in, "mask").notEqual(0);
        Tensor vectors = bert.apply(ids, Tensor.full(ids.shape(), DType.I32, 0), seen);
        Tensor share = seen.cast(DType.F32).unsqueeze(2);
        Tensor mean = vectors.mul(share).sum(1).div(share.sum(1));
        return Map.of("vectors", mean.div(mean.square().sum(true, 1).sqrt()));
    }

    /// Boxes and classes for each place of a grid, as a detector has them.
    @Test
    void aDetectorOfTwoOutputs() {
        Module model = build(
                Sequential.of(convolution(16, 3, 2), batchNorm(), relu(), convolution(32, 3, 2), relu(), conv2d(9, 1)),
                32,
                32,
                3);
        Axis[] images = {Axis.batch(), Axis.of(32), Axis.of(32), Axis.of(3)};
        var export = OnnxExport.of(model, in -> boxes(model, in)).input("image", DType.F32, images);
        try (Exported exported = new Exported(export, in -> boxes(model, in))) {
            exported.check(Map.of("image", Exported.drawn(DType.F32, 1, 32, 32, 3)), TOLERANCE);
            exported.check(Map.of("image", Exported.drawn(DType.F32, 5, 32, 32, 3)), TOLERANCE);
        }
    }

    private static Map<String, Tensor> boxes(Module model, Map<String, Tensor> in) {
        Tensor y = model.apply(given(in, "image"));
        int cells = y.dim(1) * y.dim(2);
        Tensor rows = y.reshape(y.dim(0), cells, 9);
        Tensor corner =
                rows.slice(2, 0, 2).sigmoid().sub(rows.slice(2, 2, 4).exp().mul(0.5));
        Tensor size = rows.slice(2, 2, 4).exp();
        Map<String, Tensor> out = new LinkedHashMap<>();
        out.put("boxes", Tensor.concat(2, corner, corner.add(size)));
        out.put("scores", rows.slice(2, 4, 9).softmax(2));
        return out;
    }

    /// A published model is read, changed by a step of training, written, and run by ONNX Runtime.
    @Test
    @Tag("slow")
    void aModelFromAFileAfterFineTuning(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("all-minilm-l6-v2.onnx");
        try (InputStream in = ExportedModelsTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        OnnxModel model = OnnxModel.read(file);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        model.inputs().forEach(i -> inputs.put(i.name(), Tensor.full(Shape.of(2, 5), DType.I64, 1)));
        inputs.put("input_ids", Tensor.of(new long[] {101, 7592, 2088, 999, 102, 101, 2054, 2003, 102, 0}, 2, 5));
        Tensor before = model.run(inputs).values().iterator().next().copy();
        Tensor error = model.run(inputs).values().iterator().next().sub(before.mul(0.5));
        Optimizer.of(Adam.of(1e-4), model).step(error.square().mean());
        assertThat(model.run(inputs)
                        .values()
                        .iterator()
                        .next()
                        .sub(before)
                        .abs()
                        .max()
                        .item())
                .isGreaterThan(1e-3);
        try (Exported exported = new Exported(OnnxExport.of(model, 6), model::run)) {
            exported.check(inputs, 1e-4);
        }
    }
}
