package fathom.nn;

import static fathom.nn.LayerExample.of;

import fathom.nn.LayerExample.Trait;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;

/// An example of each factory of [Layers], with sizes that are odd where they may be.
final class LayerExamples {
    private static final Shape VECTOR = Shape.of(7);
    private static final Shape SEQUENCE = Shape.of(7, 4);
    private static final Shape IMAGE = Shape.of(7, 5, 4);
    private static final Shape VOLUME = Shape.of(3, 5, 3, 4);
    private static final Tensor NARROW = Tensor.zeros(2, 3);
    /// What no arithmetic takes, for layers that take any shape.
    private static final Tensor TRUTH = Tensor.of(new boolean[] {true, false, true, false}, 2, 2);

    private LayerExamples() {}

    static Stream<LayerExample> all() {
        return Stream.of(
                        simple(),
                        recurrent(),
                        attention(),
                        graphs(),
                        convolutions(),
                        pooling(),
                        borders(),
                        combinations(),
                        normalisation(),
                        regularisation(),
                        activations())
                .flatMap(each -> each);
    }

    private static Stream<LayerExample> simple() {
        return Stream.of(
                of("linear", Layers.linear(5), VECTOR, NARROW, "[..., 7]"),
                of("embedding", Layers.embedding(11, 3), VECTOR, NARROW, "I32 or I64")
                        .ofIndices(11),
                of("bilinear", Layers.bilinear(3, 5), VECTOR, NARROW, "[..., 7]"),
                of("maxout", Layers.maxout(5, 3), VECTOR, NARROW, "[..., 7]"),
                of("swiglu", Layers.swiglu(5), VECTOR, NARROW, "[..., 7]"),
                of("prelu", Layers.prelu().withSlopePerChannel(), VECTOR, NARROW, "[..., 7]"),
                of("flatten", Layers.flatten(), IMAGE, Tensor.scalar(1), "[N, ...]"),
                of("reshape", Layers.reshape(5, -1, 2), IMAGE, NARROW, "a multiple of 10 elements"),
                of("permute", Layers.permute(3, 1, 2), IMAGE, NARROW, "the batch and 3 axes"),
                of("lastStep", Layers.lastStep(), SEQUENCE, Tensor.zeros(3), "sequences [N, T, ...]"),
                of(
                        "function",
                        Layers.function("halves", x -> x.mul(0.5).sum(1)),
                        SEQUENCE,
                        Tensor.zeros(3),
                        "expected"));
    }

    private static Stream<LayerExample> recurrent() {
        Tensor wrong = Tensor.zeros(2, 7, 3);
        return Stream.of(
                of("lstm", Layers.lstm(3), SEQUENCE, wrong, "[N, T, 4]"),
                of("gru", Layers.gru(3), SEQUENCE, wrong, "[N, T, 4]"),
                of("rnn", Layers.rnn(3), SEQUENCE, wrong, "[N, T, 4]"));
    }

    private static Stream<LayerExample> attention() {
        Tensor wrong = Tensor.zeros(2, 5, 3);
        return Stream.of(
                of("multiHeadAttention", Layers.multiHeadAttention(2), SEQUENCE, wrong, "[..., 4]"),
                of("transformerEncoderLayer", Layers.transformerEncoderLayer(2, 5), SEQUENCE, wrong, "[..., 4]"),
                of("transformerDecoderLayer", Layers.transformerDecoderLayer(2, 5), SEQUENCE, wrong, "[..., 4]")
                        .called((m, x) ->
                                ((TransformerDecoderLayer) m).apply(x, x.flip(1).mul(0.5))),
                of("sinusoidalPositions", Layers.sinusoidalPositions(), SEQUENCE, Tensor.zeros(3), "[..., T, C]"),
                of("learnedPositions", Layers.learnedPositions(9), SEQUENCE, wrong, "[..., T, 4]"));
    }

    private static Stream<LayerExample> graphs() {
        Tensor wrong = Tensor.zeros(5, 3);
        return Stream.of(
                of("graphConv", Layers.graphConv(5), VECTOR, wrong, "[V, 7]")
                        .called((m, x) -> ((GraphConv) m).apply(x, ring(x.dim(0))))
                        .with(Trait.SAMPLES_MIX),
                of("graphAttention", Layers.graphAttention(3, 2), VECTOR, wrong, "[V, 7]")
                        .called((m, x) -> ((GraphAttention) m).apply(x, ring(x.dim(0))))
                        .with(Trait.SAMPLES_MIX));
    }

    /// Edges from each vertex to the next, and from the last to the first; none in a graph of one.
    private static Tensor ring(int vertices) {
        int edges = vertices == 1 ? 0 : vertices;
        int[] pairs = new int[2 * edges];
        Arrays.setAll(pairs, i -> (i / 2 + i % 2) % vertices);
        return Tensor.of(pairs, edges, 2);
    }

    private static Stream<LayerExample> convolutions() {
        Tensor sequence = Tensor.zeros(2, 7, 3);
        Tensor image = Tensor.zeros(2, 7, 5, 3);
        return Stream.of(
                of("conv1d", Layers.conv1d(5, 3), SEQUENCE, sequence, "[N, L, 4]"),
                of("conv2d", Layers.conv2d(5, 3), IMAGE, image, "[N, H, W, 4]"),
                of("conv3d", Layers.conv3d(5, 3, 2, 3), VOLUME, image, "[N, D, H, W, 4]"),
                of("convTranspose1d", Layers.convTranspose1d(5, 3), SEQUENCE, sequence, "[N, L, 4]"),
                of("convTranspose2d", Layers.convTranspose2d(5, 3), IMAGE, image, "[N, H, W, 4]"),
                of("convTranspose3d", Layers.convTranspose3d(5, 2, 1, 3), VOLUME, image, "[N, D, H, W, 4]"),
                of("depthwiseConv2d", Layers.depthwiseConv2d(3), IMAGE, image, "[N, H, W, 4]"),
                of("separableConv2d", Layers.separableConv2d(5, 3), IMAGE, image, "[N, H, W, 4]"));
    }

    private static Stream<LayerExample> pooling() {
        String volumes = "volumes [N, D, H, W, C]";
        String sequences = "sequences [N, L, C]";
        String images = "images [N, H, W, C]";
        return Stream.of(
                of("maxPool1d", Layers.maxPool1d(2), SEQUENCE, NARROW, sequences),
                of("avgPool1d", Layers.avgPool1d(2), SEQUENCE, NARROW, sequences),
                of("adaptiveMaxPool1d", Layers.adaptiveMaxPool1d(3), SEQUENCE, NARROW, sequences),
                of("adaptiveAvgPool1d", Layers.adaptiveAvgPool1d(3), SEQUENCE, NARROW, sequences),
                of("globalMaxPool1d", Layers.globalMaxPool1d(), SEQUENCE, NARROW, sequences),
                of("globalAvgPool1d", Layers.globalAvgPool1d(), SEQUENCE, NARROW, sequences),
                of("maxPool2d", Layers.maxPool2d(2), IMAGE, NARROW, images),
                of("avgPool2d", Layers.avgPool2d(2), IMAGE, NARROW, images),
                of("adaptiveMaxPool2d", Layers.adaptiveMaxPool2d(3, 2), IMAGE, NARROW, images),
                of("adaptiveAvgPool2d", Layers.adaptiveAvgPool2d(3, 2), IMAGE, NARROW, images),
                of("globalMaxPool2d", Layers.globalMaxPool2d(), IMAGE, NARROW, images),
                of("globalAvgPool2d", Layers.globalAvgPool2d(), IMAGE, NARROW, images),
                of("maxPool3d", Layers.maxPool3d(2), VOLUME, NARROW, volumes),
                of("avgPool3d", Layers.avgPool3d(2), VOLUME, NARROW, volumes),
                of("adaptiveMaxPool3d", Layers.adaptiveMaxPool3d(2, 3, 2), VOLUME, NARROW, volumes),
                of("adaptiveAvgPool3d", Layers.adaptiveAvgPool3d(2, 3, 2), VOLUME, NARROW, volumes),
                of("globalMaxPool3d", Layers.globalMaxPool3d(), VOLUME, NARROW, volumes),
                of("globalAvgPool3d", Layers.globalAvgPool3d(), VOLUME, NARROW, volumes));
    }

    private static Stream<LayerExample> borders() {
        String sequences = "sequences [N, L, C]";
        String images = "images [N, H, W, C]";
        return Stream.of(
                of("zeroPad1d", Layers.zeroPad1d(Padding.of(2, 1)), SEQUENCE, NARROW, sequences),
                of("reflectPad1d", Layers.reflectPad1d(Padding.of(2, 1)), SEQUENCE, NARROW, sequences),
                of("replicatePad1d", Layers.replicatePad1d(Padding.of(2, 1)), SEQUENCE, NARROW, sequences),
                of("zeroPad2d", Layers.zeroPad2d(Padding.of(1, 2, 3, 0)), IMAGE, NARROW, images),
                of("reflectPad2d", Layers.reflectPad2d(Padding.of(1, 2, 3, 0)), IMAGE, NARROW, images),
                of("replicatePad2d", Layers.replicatePad2d(Padding.of(1, 2, 3, 0)), IMAGE, NARROW, images),
                of("upsample1d", Layers.upsample1d(3), SEQUENCE, NARROW, sequences),
                of("upsample2d", Layers.upsample2d(3), IMAGE, NARROW, images),
                of("resize2d", Layers.resize2d(9, 3), IMAGE, NARROW, images),
                of("pixelShuffle", Layers.pixelShuffle(2), IMAGE, NARROW, "images [N, H, W, C * 4]"),
                of(
                        "pixelUnshuffle",
                        Layers.pixelUnshuffle(3),
                        Shape.of(9, 3, 5),
                        NARROW,
                        "images [N, H * 3, W * 3, C]"));
    }

    private static Stream<LayerExample> combinations() {
        return Stream.of(
                of("checkpoint", Layers.checkpoint(Layers.linear(5)), VECTOR, NARROW, "[..., 7]"),
                of("residual", Layers.residual(Layers.linear(7), Layers.tanh()), VECTOR, NARROW, "[..., 7]"),
                of("parallel", Layers.parallel(Layers.linear(5), Layers.linear(5)), VECTOR, NARROW, "[..., 7]"),
                of("concat", Layers.concat(Layers.linear(5), Layers.linear(3)), VECTOR, NARROW, "[..., 7]"),
                of("squeezeExcitation", Layers.squeezeExcitation(2), IMAGE, Tensor.zeros(2, 7, 5, 3), "[N, H, W, 4]"));
    }

    private static Stream<LayerExample> normalisation() {
        Tensor image = Tensor.zeros(2, 7, 5, 3);
        return Stream.of(
                of("batchNorm", Layers.batchNorm(), IMAGE, image, "[N, ..., 4]"),
                of("layerNorm", Layers.layerNorm(), SEQUENCE, image, "[4]"),
                of("rmsNorm", Layers.rmsNorm(), SEQUENCE, image, "[4]"),
                of("groupNorm", Layers.groupNorm(2), IMAGE, image, "[N, ..., 4]"),
                of("instanceNorm", Layers.instanceNorm().withAffine(), IMAGE, image, "[N, ..., 4]"),
                of("weightNorm", Layers.weightNorm(Layers.linear(5)), VECTOR, NARROW, "[..., 7]"),
                of("spectralNorm", Layers.spectralNorm(Layers.linear(5)), VECTOR, NARROW, "[..., 7]")
                        .with(Trait.GRADIENT_IN_INFERENCE));
    }

    private static Stream<LayerExample> regularisation() {
        return Stream.of(
                of("dropout", Layers.dropout(0.4), SEQUENCE, TRUTH, "F32 or F64"),
                of("alphaDropout", Layers.alphaDropout(0.4), SEQUENCE, TRUTH, "F32 or F64"),
                of("dropPath", Layers.dropPath(0.4), SEQUENCE, TRUTH, "F32 or F64"),
                of("gaussianNoise", Layers.gaussianNoise(0.4), SEQUENCE, TRUTH, "F32 or F64"),
                of("spatialDropout1d", Layers.spatialDropout1d(0.4), SEQUENCE, NARROW, "3 axes [N, ..., C]"),
                of("spatialDropout2d", Layers.spatialDropout2d(0.4), IMAGE, NARROW, "4 axes [N, ..., C]"),
                of("spatialDropout3d", Layers.spatialDropout3d(0.4), VOLUME, NARROW, "5 axes [N, ..., C]"));
    }

    private static Stream<LayerExample> activations() {
        return Stream.of(
                activation("relu", Layers.relu()),
                activation("relu6", Layers.relu6()),
                activation("leakyRelu", Layers.leakyRelu()),
                activation("elu", Layers.elu()),
                activation("celu", Layers.celu()),
                activation("selu", Layers.selu()),
                activation("gelu", Layers.gelu()),
                activation("geluTanh", Layers.geluTanh()),
                activation("silu", Layers.silu()),
                activation("mish", Layers.mish()),
                activation("softplus", Layers.softplus()),
                activation("softsign", Layers.softsign()),
                activation("sigmoid", Layers.sigmoid()),
                activation("logSigmoid", Layers.logSigmoid()),
                activation("hardSigmoid", Layers.hardSigmoid()),
                activation("hardSwish", Layers.hardSwish()),
                activation("tanh", Layers.tanh()),
                activation("softmax", Layers.softmax()),
                activation("logSoftmax", Layers.logSoftmax()),
                activation("threshold", Layers.threshold(0.1, -0.5)),
                activation("hardTanh", Layers.hardTanh()),
                activation("hardShrink", Layers.hardShrink()),
                activation("softShrink", Layers.softShrink()),
                activation("tanhShrink", Layers.tanhShrink()),
                of("glu", Layers.glu(), Shape.of(7, 6), Tensor.zeros(2, 5), "even"));
    }

    private static LayerExample activation(String name, Layer layer) {
        return of(name, layer, SEQUENCE, TRUTH, "expected");
    }
}
