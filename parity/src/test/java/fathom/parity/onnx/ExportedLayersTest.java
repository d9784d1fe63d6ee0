package fathom.parity.onnx;

import static fathom.nn.Layers.*;

import fathom.nn.Layer;
import fathom.nn.Modules;
import fathom.nn.Padding;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every layer of one tensor, exported with a batch of any size.
class ExportedLayersTest {
    private static final double TOLERANCE = 5e-5;
    private static final int[] VECTOR = {6};
    private static final int[] SEQUENCE = {7, 4};
    private static final int[] IMAGE = {7, 6, 4};
    private static final int[] VOLUME = {5, 6, 4, 2};

    private static Arguments of(String name, Layer layer, int... sample) {
        return Arguments.of(Named.of(name, layer), sample);
    }

    static Stream<Arguments> dense() {
        return Stream.of(
                of("linear", linear(5), SEQUENCE),
                of("bilinear", bilinear(2, 5), VECTOR),
                of("maxout", maxout(5, 3), VECTOR),
                of("swiglu", swiglu(5), SEQUENCE),
                of("glu", glu(), VECTOR),
                of("prelu", prelu().withSlopePerChannel(), IMAGE),
                of("flatten", flatten(), IMAGE),
                of("reshape", reshape(4, -1, 2), IMAGE),
                of("permute", permute(3, 1, 2), IMAGE),
                of("residual", residual(linear(4), tanh()), SEQUENCE),
                of("parallel", parallel(linear(5), linear(5).withoutBias()), SEQUENCE),
                of("concat", concat(linear(5), relu()), SEQUENCE),
                of("checkpoint", checkpoint(linear(5)), SEQUENCE),
                of("squeezeExcitation", squeezeExcitation(2), IMAGE),
                of("weightNorm", weightNorm(conv2d(5, 3)), IMAGE),
                of("spectralNorm", spectralNorm(linear(5)), VECTOR),
                of("attention", multiHeadAttention(2), SEQUENCE),
                of("places", sinusoidalPositions(), SEQUENCE));
    }

    static Stream<Arguments> convolutions() {
        Padding.Explicit border = Padding.of(1, 2, 0, 1);
        return Stream.of(
                of("conv1d", conv1d(5, 3), SEQUENCE),
                of("conv2d", conv2d(5, 3).stride(2).padding(Padding.same()), IMAGE),
                of("conv3d", conv3d(5, 3, 2, 3), VOLUME),
                of("convTranspose1d", convTranspose1d(5, 3).stride(2), SEQUENCE),
                of("convTranspose2d", convTranspose2d(5, 3).stride(2), IMAGE),
                of("convTranspose3d", convTranspose3d(5, 2, 1, 3), VOLUME),
                of("depthwiseConv2d", depthwiseConv2d(3), IMAGE),
                of("separableConv2d", separableConv2d(5, 3), IMAGE),
                of("zeroPad2d", zeroPad2d(border), IMAGE),
                of("reflectPad2d", reflectPad2d(border), IMAGE),
                of("replicatePad2d", replicatePad2d(border), IMAGE),
                of("upsample1d", upsample1d(2), SEQUENCE),
                of("upsample2d", upsample2d(3), IMAGE),
                of("resize2d", resize2d(5, 9), IMAGE),
                of("pixelShuffle", pixelShuffle(2), IMAGE),
                of("pixelUnshuffle", pixelUnshuffle(2), 6, 8, 2));
    }

    static Stream<Arguments> pooling() {
        return Stream.of(
                of("maxPool1d", maxPool1d(2), SEQUENCE),
                of("avgPool1d", avgPool1d(2), SEQUENCE),
                of("adaptiveMaxPool1d", adaptiveMaxPool1d(3), SEQUENCE),
                of("adaptiveAvgPool1d", adaptiveAvgPool1d(3), SEQUENCE),
                of("maxPool2d", maxPool2d(3).stride(2).padding(Padding.same()), IMAGE),
                of("avgPool2d", avgPool2d(2), IMAGE),
                of("adaptiveMaxPool2d", adaptiveMaxPool2d(3, 2), IMAGE),
                of("adaptiveAvgPool2d", adaptiveAvgPool2d(3, 4), IMAGE),
                of("globalMaxPool1d", globalMaxPool1d(), SEQUENCE),
                of("globalAvgPool1d", globalAvgPool1d(), SEQUENCE),
                of("globalMaxPool2d", globalMaxPool2d(), IMAGE),
                of("globalAvgPool2d", globalAvgPool2d(), IMAGE),
                of("maxPool3d", maxPool3d(2), VOLUME),
                of("avgPool3d", avgPool3d(2), VOLUME),
                of("adaptiveMaxPool3d", adaptiveMaxPool3d(2, 3, 2), VOLUME),
                of("adaptiveAvgPool3d", adaptiveAvgPool3d(2, 3, 2), VOLUME),
                of("globalMaxPool3d", globalMaxPool3d(), VOLUME),
                of("globalAvgPool3d", globalAvgPool3d(), VOLUME));
    }

    static Stream<Arguments> normalisation() {
        return Stream.of(
                of("batchNorm of vectors", batchNorm(), VECTOR),
                of("batchNorm of sequences", batchNorm(), SEQUENCE),
                of("batchNorm", batchNorm(), IMAGE),
                of("batchNorm of volumes", batchNorm(), VOLUME),
                of("layerNorm", layerNorm().axes(2), SEQUENCE),
                of("groupNorm", groupNorm(2), IMAGE),
                of("instanceNorm", instanceNorm(), IMAGE),
                of("rmsNorm", rmsNorm(), SEQUENCE),
                of("dropout", dropout(0.5), VECTOR),
                of("spatialDropout2d", spatialDropout2d(0.5), IMAGE),
                of("alphaDropout", alphaDropout(0.5), VECTOR),
                of("dropPath", dropPath(0.5), VECTOR),
                of("gaussianNoise", gaussianNoise(1), VECTOR));
    }

    static Stream<Arguments> activations() {
        return Stream.of(
                        relu(),
                        relu6(),
                        leakyRelu(),
                        elu(),
                        selu(),
                        gelu(),
                        geluTanh(),
                        silu(),
                        mish(),
                        softplus(),
                        softsign(),
                        sigmoid(),
                        logSigmoid(),
                        hardSigmoid(),
                        hardSwish(),
                        tanh(),
                        softmax(),
                        logSoftmax(),
                        celu(2),
                        threshold(0.5, -1),
                        hardTanh(),
                        hardShrink(),
                        softShrink(),
                        tanhShrink())
                .map(a -> of(a.name(), a, SEQUENCE));
    }

    @ParameterizedTest
    @MethodSource({"dense", "convolutions", "pooling", "normalisation", "activations"})
    void agrees(Layer layer, int[] sample) {
        var module = layer.build(Shape.of(sample), RandomStream.of(4));
        RandomStream random = RandomStream.of(5);
        Modules.buffers(module)
                .values()
                .forEach(v -> v.set(random.uniform(v.shape()).add(0.5)));
        Exported.checkSamples(module, DType.F32, TOLERANCE, sample);
    }
}
