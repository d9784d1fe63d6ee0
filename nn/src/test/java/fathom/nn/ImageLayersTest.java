package fathom.nn;

import static fathom.nn.Layers.adaptiveAvgPool1d;
import static fathom.nn.Layers.adaptiveAvgPool2d;
import static fathom.nn.Layers.adaptiveAvgPool3d;
import static fathom.nn.Layers.adaptiveMaxPool1d;
import static fathom.nn.Layers.adaptiveMaxPool2d;
import static fathom.nn.Layers.adaptiveMaxPool3d;
import static fathom.nn.Layers.avgPool1d;
import static fathom.nn.Layers.avgPool3d;
import static fathom.nn.Layers.bilinear;
import static fathom.nn.Layers.checkpoint;
import static fathom.nn.Layers.concat;
import static fathom.nn.Layers.conv1d;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.conv3d;
import static fathom.nn.Layers.convTranspose1d;
import static fathom.nn.Layers.convTranspose2d;
import static fathom.nn.Layers.convTranspose3d;
import static fathom.nn.Layers.depthwiseConv2d;
import static fathom.nn.Layers.function;
import static fathom.nn.Layers.globalAvgPool1d;
import static fathom.nn.Layers.globalMaxPool1d;
import static fathom.nn.Layers.globalMaxPool2d;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool1d;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.maxPool3d;
import static fathom.nn.Layers.parallel;
import static fathom.nn.Layers.pixelShuffle;
import static fathom.nn.Layers.pixelUnshuffle;
import static fathom.nn.Layers.reflectPad1d;
import static fathom.nn.Layers.reflectPad2d;
import static fathom.nn.Layers.relu;
import static fathom.nn.Layers.replicatePad2d;
import static fathom.nn.Layers.residual;
import static fathom.nn.Layers.resize2d;
import static fathom.nn.Layers.separableConv2d;
import static fathom.nn.Layers.squeezeExcitation;
import static fathom.nn.Layers.upsample1d;
import static fathom.nn.Layers.upsample2d;
import static fathom.nn.Layers.zeroPad1d;
import static fathom.nn.Layers.zeroPad2d;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers of images, sequences and volumes beyond what libtorch can be asked: blueprints, errors,
/// saved state.
class ImageLayersTest {
    /// A blueprint and the samples that it takes.
    record Example(Layer layer, Shape sample) {
        Module build(long seed) {
            return layer.build(sample, RandomStream.of(seed));
        }

        Tensor batch(int samples) {
            List<Integer> sizes = new ArrayList<>(sample.toList());
            sizes.addFirst(samples);
            return RandomStream.of(5).normal(Shape.of(sizes)).copy();
        }
    }

    static Stream<Example> withParameters() {
        Shape sequence = Shape.of(11, 4);
        Shape image = Shape.of(9, 7, 4);
        Shape volume = Shape.of(6, 5, 7, 4);
        Padding same = Padding.same();
        return Stream.of(
                new Example(conv1d(6, 3), sequence),
                new Example(conv1d(6, 3).stride(2).padding(same).groups(2), sequence),
                new Example(conv1d(6, 3).dilation(2).padding(Padding.of(4, 0)), sequence),
                new Example(conv2d(6, 3).stride(2, 1).dilation(1, 2).groups(2), image),
                new Example(conv3d(6, 3), volume),
                new Example(conv3d(6, 2, 3, 1).stride(2, 1, 3).groups(2), volume),
                new Example(conv3d(6, 3).stride(2).padding(same), volume),
                new Example(
                        conv3d(6, 3).padding(Padding.of(2, 0), Padding.of(1)).dilation(2, 1, 1), volume),
                new Example(convTranspose1d(6, 3), sequence),
                new Example(
                        convTranspose1d(6, 3).stride(3).padding(Padding.of(1)).outputPadding(2), sequence),
                new Example(convTranspose1d(6, 4).stride(2).padding(same).groups(2), sequence),
                new Example(convTranspose2d(6, 3), image),
                new Example(convTranspose2d(6, 3, 2).stride(2, 3).outputPadding(1, 2), image),
                new Example(convTranspose2d(6, 2).stride(3).padding(same).groups(2), image),
                new Example(convTranspose3d(6, 3), volume),
                new Example(convTranspose3d(6, 2, 3, 1).stride(2, 3, 2).outputPadding(1, 2, 0), volume),
                new Example(
                        convTranspose3d(6, 3)
                                .padding(Padding.of(2, 0), Padding.of(1))
                                .dilation(2, 1, 1)
                                .groups(2),
                        volume),
                new Example(depthwiseConv2d(3), image),
                new Example(depthwiseConv2d(3, 2).multiplier(3).stride(2).padding(same), image),
                new Example(separableConv2d(5, 3), image),
                new Example(separableConv2d(5, 3).multiplier(2).padding(same).withoutBias(), image),
                new Example(bilinear(3, 5), Shape.of(7)),
                new Example(bilinear(1, 5).withoutBias(), Shape.of(6, 7)),
                new Example(squeezeExcitation(2), image),
                new Example(squeezeExcitation(), sequence),
                new Example(residual(conv2d(4, 3).padding(same), relu()), image),
                new Example(
                        residual(conv2d(6, 3).stride(2)).shortcut(conv2d(6, 3).stride(2)), image),
                new Example(parallel(linear(5), linear(5), conv2d(5, 1)), image),
                new Example(concat(linear(5), linear(2), relu()), image));
    }

    static Stream<Example> withoutParameters() {
        Shape sequence = Shape.of(11, 4);
        Shape image = Shape.of(9, 7, 4);
        return Stream.of(
                new Example(maxPool1d(2), sequence),
                new Example(avgPool1d(3).stride(2).padding(Padding.same()), sequence),
                new Example(maxPool2d(2).stride(2, 1).padding(Padding.of(1)), image),
                new Example(adaptiveAvgPool1d(4), sequence),
                new Example(adaptiveMaxPool1d(13), sequence),
                new Example(adaptiveAvgPool2d(3, 7), image),
                new Example(adaptiveMaxPool2d(4, 3), image),
                new Example(globalAvgPool1d(), sequence),
                new Example(globalMaxPool1d(), sequence),
                new Example(globalMaxPool2d(), image),
                new Example(maxPool3d(2).stride(1, 2, 3).padding(Padding.of(1)), Shape.of(4, 5, 6, 3)),
                new Example(avgPool3d(3).padding(Padding.same()), Shape.of(4, 5, 6, 3)),
                new Example(zeroPad1d(Padding.of(2, 1)), sequence),
                new Example(reflectPad2d(Padding.of(3)), image),
                new Example(replicatePad2d(Padding.of(1, 2, 3, 4)), image),
                new Example(upsample1d(3), sequence),
                new Example(upsample2d(2).interpolation(Interpolation.BILINEAR), image),
                new Example(resize2d(5, 20).interpolation(Interpolation.BILINEAR_ALIGNED), image),
                new Example(pixelShuffle(2), image),
                new Example(pixelUnshuffle(3), Shape.of(9, 6, 4)));
    }

    static Stream<Example> all() {
        return Stream.concat(withParameters(), withoutParameters());
    }

    @ParameterizedTest
    @MethodSource("all")
    void theShapeABlueprintTellsIsThatOfTheResult(Example example) {
        for (int samples : new int[] {1, 33}) {
            Shape y = example.build(0).apply(example.batch(samples)).shape();
            assertThat(y.dim(0)).isEqualTo(samples);
            assertThat(Shape.of(y.toList().subList(1, y.rank())))
                    .isEqualTo(example.layer().output(example.sample()));
        }
    }

    @ParameterizedTest
    @MethodSource("withParameters")
    void whatIsSavedIsLoaded(Example example) {
        Module one = example.build(1);
        Module other = example.build(2);
        Tensor x = example.batch(2);
        assertThat(other.apply(x).toFloats()).isNotEqualTo(one.apply(x).toFloats());
        Modules.load(other, Modules.state(one));
        assertThat(other.apply(x).toFloats()).isEqualTo(one.apply(x).toFloats());
        assertThat(example.build(1).apply(x).toFloats()).isEqualTo(one.apply(x).toFloats());
    }

    @ParameterizedTest
    @MethodSource("all")
    void gradientsAreTheSameOnAnyNumberOfThreads(Example example) {
        assertThat(gradients(example, 3)).isEqualTo(gradients(example, 1));
    }

    private static float[] gradients(Example example, int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(() -> {
                Module module = example.build(3);
                Tensor x = example.batch(5);
                List<Tensor> wanted = new ArrayList<>(List.of(x));
                Modules.parameters(module).values().forEach(p -> wanted.add(p.value()));
                Tensor y = module.apply(x);
                List<Tensor> gradients = Gradients.vectorJacobian(y, y.detach(), wanted).stream()
                        .map(g -> g.flatten(0))
                        .toList();
                return Tensor.concat(0, gradients).toFloats();
            });
        }
    }

    @Test
    void parametersAreNamedAfterTheirPlaces() {
        Shape image = Shape.of(9, 7, 4);
        RandomStream random = RandomStream.of(0);
        assertThat(Modules.parameters(separableConv2d(5, 3).build(image, random)))
                .containsOnlyKeys("depthwise.weight", "pointwise.weight", "pointwise.bias");
        assertThat(Modules.parameters(squeezeExcitation(2).build(image, random)))
                .containsOnlyKeys("squeeze.weight", "squeeze.bias", "excite.weight", "excite.bias");
        assertThat(Modules.parameters(residual(conv2d(6, 1).withoutBias())
                        .shortcut(linear(6).withoutBias())
                        .build(image, random)))
                .containsOnlyKeys("body.0.weight", "shortcut.weight");
        assertThat(Modules.parameters(parallel(linear(4).withoutBias(), relu()).build(image, random)))
                .containsOnlyKeys("branches.0.weight");
        assertThat(Modules.parameters(concat(relu(), linear(6)).build(image, random)))
                .containsOnlyKeys("branches.1.weight", "branches.1.bias");
    }

    @Test
    void squeezingLeavesAtLeastOneUnit() {
        RandomStream random = RandomStream.of(0);
        assertThat(squeezeExcitation()
                        .build(Shape.of(5, 64), random)
                        .squeeze()
                        .weight()
                        .shape())
                .isEqualTo(Shape.of(64, 4));
        assertThat(squeezeExcitation()
                        .build(Shape.of(5, 3), random)
                        .squeeze()
                        .weight()
                        .shape())
                .isEqualTo(Shape.of(3, 1));
    }

    @Test
    void causalConvolutionsDoNotSeeTheFuture() {
        Module layer = conv1d(1, 3).padding(Padding.of(2, 0)).build(Shape.of(6, 1), RandomStream.of(0));
        float[] y =
                layer.apply(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 6, 1)).toFloats();
        float[] other =
                layer.apply(Tensor.of(new float[] {1, 2, 3, 4, 9, 9}, 1, 6, 1)).toFloats();
        assertThat(y).hasSize(6);
        for (int i = 0; i < 6; i++) {
            assertThat(y[i] == other[i]).as("step %d", i).isEqualTo(i < 4);
        }
    }

    @Test
    void adaptiveWindowsCoverTheAxis() {
        for (int size = 1; size < 14; size++) {
            for (int count = 1; count < 14; count++) {
                Bins bins = new Bins(size, count);
                assertThat(bins.start(0)).isZero();
                assertThat(bins.end(count - 1)).isEqualTo(size);
                for (int i = 0; i < count; i++) {
                    assertThat(bins.start(i)).isEqualTo((int) Math.floor((double) i * size / count));
                    assertThat(bins.end(i)).isEqualTo((int) Math.ceil((i + 1.0) * size / count));
                }
            }
        }
    }

    @Test
    void anInfinityStaysUnderItsWindows() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, Float.POSITIVE_INFINITY, 5, 6, 7}, 1, 7, 1);
        float[] mean = adaptiveAvgPool1d(3).apply(x).toFloats();
        float[] max = adaptiveMaxPool1d(3).apply(x).toFloats();
        assertThat(mean).containsExactly(2, Float.POSITIVE_INFINITY, 6);
        assertThat(max).containsExactly(3, Float.POSITIVE_INFINITY, 7);
    }

    @Test
    void resamplingCanBeComputedAnewForTheGradient() {
        Tensor x = RandomStream.of(1).normal(Shape.of(2, 7, 5, 3)).copy();
        for (Layer layer : List.of(
                adaptiveAvgPool2d(3, 2),
                adaptiveMaxPool2d(3, 2),
                resize2d(9, 9).interpolation(Interpolation.BILINEAR))) {
            Module plain = layer.build(Shape.of(7, 5, 3), RandomStream.of(0));
            Module marked = checkpoint(layer).build(Shape.of(7, 5, 3), RandomStream.of(0));
            assertThat(gradient(marked, x)).isEqualTo(gradient(plain, x));
        }
    }

    private static float[] gradient(Module module, Tensor x) {
        return Context.training(RandomStream.of(0), () -> {
            Tensor y = module.apply(x);
            return Gradients.of(y.mul(y).sum(), x).toFloats();
        });
    }

    @Test
    void aFunctionIsALayer() {
        Activation square = function("square", x -> x.mul(x));
        assertThat(square.apply(Tensor.of(2f, 3f)).toFloats()).containsExactly(4, 9);
        assertThat(square.output(Shape.of(3, 2))).isEqualTo(Shape.of(3, 2));
        assertThat(square).hasToString("square");
    }

    @Test
    void badSettingsAreErrors() {
        refused(() -> conv1d(0, 3), "conv1d: filters 0, expected at least 1");
        refused(() -> conv1d(4, 0), "conv1d: kernel width 0, expected at least 1");
        refused(() -> conv3d(4, 0, 1, 1), "conv3d: kernel depth 0, expected at least 1");
        refused(() -> convTranspose2d(6, 3).groups(4), "convTranspose2d: 6 filters in 4 groups");
        refused(() -> convTranspose3d(6, 3).groups(4), "convTranspose3d: 6 filters in 4 groups");
        refused(() -> convTranspose3d(4, 0, 1, 1), "convTranspose3d: kernel depth 0, expected at least 1");
        refused(() -> depthwiseConv2d(3).multiplier(0), "depthwiseConv2d: multiplier 0");
        refused(() -> separableConv2d(4, 3).multiplier(0), "separableConv2d: multiplier 0");
        refused(() -> new MaxPool1d(0, Sliding.stride(1)), "maxPool1d: kernel 0");
        refused(() -> avgPool1d(2).stride(0), "stride 1x0");
        refused(() -> adaptiveAvgPool1d(0), "adaptiveAvgPool1d: length 0");
        refused(() -> adaptiveMaxPool1d(0), "adaptiveMaxPool1d: length 0");
        refused(() -> adaptiveAvgPool2d(3, 0), "adaptiveAvgPool2d: width 0");
        refused(() -> adaptiveMaxPool2d(0, 3), "adaptiveMaxPool2d: height 0");
        refused(() -> upsample1d(0), "upsample1d: factor 0");
        refused(() -> upsample2d(0), "upsample2d: height 0");
        refused(() -> resize2d(2, 0), "resize2d: width 0");
        refused(() -> pixelShuffle(0), "pixelShuffle: factor 0");
        refused(() -> pixelUnshuffle(0), "pixelUnshuffle: factor 0");
        refused(() -> bilinear(0, 3), "bilinear: first 0");
        refused(() -> squeezeExcitation(0), "squeezeExcitation: reduction 0");
        refused(() -> parallel(), "parallel: branches 0");
        refused(() -> concat(), "concat: branches 0");
        Sliding still = Sliding.stride(1);
        refused(() -> new MaxPool3d(0, 1, 1, still, still), "maxPool3d: kernel depth 0, expected at least 1");
        refused(() -> adaptiveMaxPool3d(0, 1, 1), "adaptiveMaxPool3d: depth 0, expected at least 1");
        refused(() -> adaptiveAvgPool3d(1, 1, 0), "adaptiveAvgPool3d: width 0, expected at least 1");
    }

    @Test
    void samplesThatDoNotFitAreExplained() {
        Shape sequence = Shape.of(4, 3);
        Shape image = Shape.of(4, 8, 3);
        refused(() -> conv1d(4, 5).output(sequence), "images of shape [1, 4, 3] are smaller than the window of 1x5");
        refused(() -> conv1d(4, 3).output(image), "samples of shape [4, 8, 3], expected sequences [L, C]");
        refused(() -> conv1d(4, 3).groups(2).output(sequence), "3 channels in 2 groups");
        refused(() -> conv3d(4, 3).output(image), "expected volumes [D, H, W, C]");
        refused(() -> convTranspose3d(4, 3).output(image), "expected volumes [D, H, W, C]");
        refused(
                () -> convTranspose3d(4, 3).stride(2).outputPadding(0, 0, 2).output(Shape.of(4, 9, 9, 3)),
                "convTranspose3d: outputPadding 0x2, expected 0 to less than the stride 2x2");
        refused(
                () -> conv3d(4, 3).dilation(2).output(Shape.of(4, 9, 9, 3)),
                "volumes of depth 4 are smaller than the window of 3 with dilation 2");
        refused(
                () -> convTranspose2d(4, 3).stride(2).outputPadding(2).output(image),
                "outputPadding 2x2, expected 0 to less than the stride 2x2");
        refused(
                () -> convTranspose1d(4, 3)
                        .stride(2)
                        .padding(Padding.same())
                        .outputPadding(1)
                        .output(sequence),
                "outputPadding 0x1 with same padding, expected none");
        refused(
                () -> convTranspose2d(4, 1).padding(Padding.of(2)).output(image),
                "images of shape [4, 8, 3] give results of 0x4, expected larger images or less padding");
        refused(() -> depthwiseConv2d(3).output(sequence), "samples of shape [4, 3], expected images [H, W, C]");
        refused(() -> maxPool1d(5).output(sequence), "smaller than the window of 1x5");
        refused(() -> maxPool3d(3).output(Shape.of(2, 5, 5, 1)), "volumes of depth 2 are smaller than the window of 3");
        refused(() -> avgPool3d(3).output(Shape.of(5, 2, 5, 1)), "smaller than the window of 3x3");
        refused(() -> maxPool3d(3).output(image), "samples of shape [4, 8, 3], expected volumes [D, H, W, C]");
        refused(() -> bilinear(3, 2).output(sequence), "expected more than 3 elements on the last axis");
        refused(() -> squeezeExcitation().output(Shape.of(3)), "expected images [H, W, C] or sequences [L, C]");
        refused(
                () -> residual(linear(5)).output(image),
                "residual: branches give [[4, 8, 5], [4, 8, 3]], expected equal shapes");
        refused(() -> parallel(linear(5), linear(1)).output(image), "parallel: branches give");
        refused(
                () -> concat(relu(), maxPool2d(2)).output(image),
                "concat: branches give [[4, 8, 3], [2, 4, 3]], expected shapes that differ in the last axis only");
    }

    @Test
    void inputsThatDoNotFitAreExplained() {
        RandomStream random = RandomStream.of(0);
        Tensor sequences = Tensor.zeros(2, 4, 3);
        Tensor images = Tensor.zeros(2, 4, 8, 3);
        Module conv1d = conv1d(4, 3).build(Shape.of(9, 5), random);
        refused(() -> conv1d.apply(sequences), "input F32[2, 4, 3], expected sequences [N, L, 5] for weight [3, 5, 4]");
        Module conv3d = conv3d(4, 3).build(Shape.of(9, 9, 9, 5), random);
        refused(() -> conv3d.apply(images), "input F32[2, 4, 8, 3], expected volumes [N, D, H, W, 5]");
        Module transposed1d = convTranspose1d(4, 3).build(Shape.of(9, 5), random);
        refused(() -> transposed1d.apply(sequences), "expected sequences [N, L, 5]");
        Module transposed3d = convTranspose3d(4, 3).build(Shape.of(9, 9, 9, 5), random);
        refused(() -> transposed3d.apply(images), "input F32[2, 4, 8, 3], expected volumes [N, D, H, W, 5]");
        Module transposed2d = convTranspose2d(4, 3).build(Shape.of(9, 9, 5), random);
        refused(() -> transposed2d.apply(images), "expected images [N, H, W, 5]");
        for (Module layer : List.of(
                maxPool1d(2),
                adaptiveAvgPool1d(2),
                adaptiveMaxPool1d(2),
                globalAvgPool1d(),
                globalMaxPool1d(),
                upsample1d(2),
                zeroPad1d(Padding.of(1)))) {
            refused(() -> layer.apply(images), "input F32[2, 4, 8, 3], expected sequences [N, L, C]");
        }
        for (Module layer : List.of(
                adaptiveAvgPool2d(2, 2),
                adaptiveMaxPool2d(2, 2),
                globalMaxPool2d(),
                upsample2d(2),
                resize2d(2, 2),
                zeroPad2d(Padding.of(1)))) {
            refused(() -> layer.apply(sequences), "input F32[2, 4, 3], expected images [N, H, W, C]");
        }
        refused(
                () -> reflectPad1d(Padding.of(4)).apply(sequences),
                "input F32[2, 4, 3] padded by 4 and 4 along axis 1, expected less than its size to reflect");
        refused(() -> pixelShuffle(2).apply(images), "input F32[2, 4, 8, 3], expected images [N, H, W, C * 4]");
        refused(() -> pixelUnshuffle(3).apply(images), "expected images [N, H * 3, W * 3, C]");
        Tensor whole = Tensor.zeros(2, 4, 8, 3).cast(DType.I32);
        refused(() -> adaptiveAvgPool2d(3, 3).apply(whole), "input I32[2, 4, 8, 3], expected F32 or F64");
        refused(
                () -> upsample2d(2).interpolation(Interpolation.BILINEAR).apply(whole),
                "input I32[2, 4, 8, 3], expected F32 or F64");
        Bilinear form = bilinear(3, 2).build(Shape.of(7), random);
        refused(() -> form.apply(sequences), "input F32[2, 4, 3], expected [..., 7] for weight [3, 4, 2]");
        refused(
                () -> form.apply(sequences, sequences),
                "Bilinear: inputs F32[2, 4, 3] and F32[2, 4, 3], expected [..., 3] and [..., 4]");
        Module excitation = squeezeExcitation().build(Shape.of(4, 3), random);
        refused(() -> excitation.apply(Tensor.zeros(2, 3)), "expected images [N, H, W, 3] or sequences [N, L, 3]");
        Module shrinking = new Residual(maxPool2d(2), Optional.empty());
        refused(() -> shrinking.apply(images), "branches give [[2, 2, 4, 3], [2, 4, 8, 3]], expected equal shapes");
    }

    @Test
    void parametersThatDoNotFitAreExplained() {
        Parameter cube = Parameter.of(Tensor.zeros(3, 4, 6));
        var bias = Optional.of(Parameter.of(Tensor.zeros(5)));
        Sliding plain = Sliding.stride(1);
        refused(() -> new Conv1d(cube, bias, plain, 1), "Conv1d: bias of shape [5], expected [6]");
        refused(() -> new ConvTranspose1d(cube, bias, plain, 2, 0), "ConvTranspose1d: bias of shape [5], expected [8]");
        refused(() -> new Conv3d(cube, bias, plain, plain, 1), "Conv3d: weight of shape [3, 4, 6], expected [KD, KH");
        refused(() -> new ConvTranspose2d(cube, bias, plain, 1, 0, 0), "weight of shape [3, 4, 6], expected [KH, KW");
        refused(() -> new Bilinear(cube, bias), "Bilinear: bias of shape [5], expected [6]");
    }

    private static void refused(ThrowingCallable call, String message) {
        assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
    }
}
