package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Torch.longs;

import fathom.nn.Conv1d;
import fathom.nn.Conv2d;
import fathom.nn.Conv3d;
import fathom.nn.ConvTranspose1d;
import fathom.nn.ConvTranspose2d;
import fathom.nn.ConvTranspose3d;
import fathom.nn.DepthwiseConv2d;
import fathom.nn.Layers;
import fathom.nn.Padding;
import fathom.nn.SeparableConv2d;
import fathom.nn.Sliding;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers that convolve, but for [Conv2d], which [LayersTest] has. The first input is the layer's, the
/// others are its weight and bias.
@RequiresLibtorch
class ConvolutionLayersTest {
    private static final Sliding PLAIN = Sliding.stride(1);

    @TestFactory
    Stream<DynamicTest> conv1d() {
        return Case.tests(
                conv1d("plain", 2, PLAIN, 1, 0),
                conv1d("one sample", 1, PLAIN, 1, 0),
                conv1d("33 samples", 33, PLAIN, 1, 0),
                conv1d("stride", 2, Sliding.stride(2), 1, 0),
                conv1d("padding", 2, PLAIN.withPadding(Padding.of(2)), 1, 2),
                conv1d("same", 2, PLAIN.withPadding(Padding.same()), 1, 1),
                conv1d("dilation", 2, PLAIN.withDilation(2, 2), 1, 0),
                conv1d("groups", 2, PLAIN, 2, 0),
                conv1d("all", 3, Sliding.stride(3).withPadding(Padding.of(2)).withDilation(2, 2), 2, 2),
                Case.layer(
                                "causal, without bias",
                                List.of(normal(2, 11, 4), normal(3, 4, 6)),
                                p -> new Conv1d(p.get(1), Optional.empty(), PLAIN.withPadding(Padding.of(2, 0)), 1)
                                        .apply(p.get(0).value()),
                                t -> Layouts.sequence(torch.conv1d(
                                        torch.constant_pad_nd(Layouts.sequence(t.get(0)), 2, 0),
                                        Layouts.kernel1d(t.get(1)))))
                        .within(4));
    }

    /// @param padding what the layer's comes to on sequences of 11 steps
    private static Case conv1d(String name, int samples, Sliding sliding, int groups, int padding) {
        return Case.layer(
                        name,
                        List.of(normal(samples, 11, 4), normal(3, 4 / groups, 6), normal(6)),
                        p -> new Conv1d(p.get(1), Optional.of(p.get(2)), sliding, groups)
                                .apply(p.get(0).value()),
                        t -> Layouts.sequence(torch.conv1d(
                                Layouts.sequence(t.get(0)),
                                Layouts.kernel1d(t.get(1)),
                                new TensorOptional(t.get(2)),
                                longs(sliding.strideWidth()),
                                longs(padding),
                                longs(sliding.dilationWidth()),
                                groups)))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> conv3d() {
        Padding one = Padding.of(1);
        return Case.tests(
                conv3d("plain", 2, PLAIN, PLAIN, 1, longs(0, 0, 0)),
                conv3d("one sample", 1, PLAIN, PLAIN, 1, longs(0, 0, 0)),
                conv3d("33 samples", 33, PLAIN, PLAIN, 1, longs(0, 0, 0)),
                conv3d("stride", 2, Sliding.stride(2), Sliding.stride(3, 2), 1, longs(0, 0, 0)),
                conv3d("padding", 2, PLAIN.withPadding(one), PLAIN.withPadding(one), 1, longs(1, 1, 1)),
                conv3d(
                        "same",
                        2,
                        PLAIN.withPadding(Padding.same()),
                        PLAIN.withPadding(Padding.same()),
                        1,
                        longs(1, 1, 1)),
                conv3d("dilation", 2, PLAIN.withDilation(1, 2), PLAIN.withDilation(2, 1), 1, longs(0, 0, 0)),
                conv3d("groups", 2, PLAIN, PLAIN, 2, longs(0, 0, 0)),
                conv3d(
                        "all",
                        2,
                        Sliding.stride(2).withPadding(Padding.of(2)).withDilation(1, 2),
                        Sliding.stride(2, 1).withPadding(one).withDilation(1, 2),
                        2,
                        longs(2, 1, 1)));
    }

    private static Case conv3d(String name, int samples, Sliding depth, Sliding images, int groups, long[] padding) {
        return Case.layer(
                        name,
                        List.of(normal(samples, 7, 6, 5, 4), normal(3, 3, 3, 4 / groups, 6), normal(6)),
                        p -> new Conv3d(p.get(1), Optional.of(p.get(2)), depth, images, groups)
                                .apply(p.get(0).value()),
                        t -> torch.conv3d(
                                        t.get(0).permute(0, 4, 1, 2, 3),
                                        t.get(1).permute(4, 3, 0, 1, 2),
                                        new TensorOptional(t.get(2)),
                                        longs(depth.strideWidth(), images.strideHeight(), images.strideWidth()),
                                        padding,
                                        longs(depth.dilationWidth(), images.dilationHeight(), images.dilationWidth()),
                                        groups)
                                .permute(0, 2, 3, 4, 1))
                .within(terms(27 * 4, samples * 7 * 6 * 5));
    }

    @TestFactory
    Stream<DynamicTest> convTranspose3d() {
        Padding one = Padding.of(1);
        Sliding two = Sliding.stride(2);
        return Case.tests(
                transposed3d("plain", 2, PLAIN, PLAIN, 1, longs(0, 0, 0), List.of(0, 0, 0)),
                transposed3d("one sample", 1, two, two, 1, longs(0, 0, 0), List.of(0, 0, 0)),
                transposed3d("33 samples", 33, PLAIN, two, 1, longs(0, 0, 0), List.of(0, 0, 0)),
                transposed3d("stride", 2, two, Sliding.stride(3, 1), 1, longs(0, 0, 0), List.of(0, 0, 0)),
                transposed3d(
                        "padding",
                        2,
                        PLAIN.withPadding(one),
                        PLAIN.withPadding(one),
                        1,
                        longs(1, 1, 1),
                        List.of(0, 0, 0)),
                transposed3d(
                        "same",
                        2,
                        PLAIN.withPadding(Padding.same()),
                        PLAIN.withPadding(Padding.same()),
                        1,
                        longs(1, 1, 1),
                        List.of(0, 0, 0)),
                transposed3d("output padding", 2, two, Sliding.stride(2, 3), 1, longs(0, 0, 0), List.of(1, 1, 2)),
                transposed3d(
                        "dilation",
                        2,
                        PLAIN.withDilation(1, 2),
                        PLAIN.withDilation(2, 1),
                        1,
                        longs(0, 0, 0),
                        List.of(0, 0, 0)),
                transposed3d("groups", 2, PLAIN, PLAIN, 2, longs(0, 0, 0), List.of(0, 0, 0)),
                transposed3d(
                        "all",
                        2,
                        two.withPadding(Padding.of(2)).withDilation(1, 2),
                        Sliding.stride(2, 1).withPadding(one).withDilation(1, 2),
                        2,
                        longs(2, 1, 1),
                        List.of(1, 1, 0)));
    }

    private static Case transposed3d(
            String name,
            int samples,
            Sliding depth,
            Sliding images,
            int groups,
            long[] padding,
            List<Integer> outputPadding) {
        return Case.layer(
                        name,
                        List.of(normal(samples, 4, 3, 5, 4), normal(3, 3, 3, 6 / groups, 4), normal(6)),
                        p -> new ConvTranspose3d(p.get(1), Optional.of(p.get(2)), depth, images, groups, outputPadding)
                                .apply(p.get(0).value()),
                        t -> torch.conv_transpose3d(
                                        t.get(0).permute(0, 4, 1, 2, 3),
                                        t.get(1).permute(4, 3, 0, 1, 2),
                                        new TensorOptional(t.get(2)),
                                        longs(depth.strideWidth(), images.strideHeight(), images.strideWidth()),
                                        padding,
                                        longs(outputPadding.get(0), outputPadding.get(1), outputPadding.get(2)),
                                        groups,
                                        longs(depth.dilationWidth(), images.dilationHeight(), images.dilationWidth()))
                                .permute(0, 2, 3, 4, 1))
                .within(terms(27 * 4, samples * 4 * 3 * 5));
    }

    @TestFactory
    Stream<DynamicTest> convTranspose1d() {
        Sliding two = Sliding.stride(2);
        return Case.tests(
                transposed1d("plain", 2, PLAIN, 1, 0, 0),
                transposed1d("one sample", 1, two, 1, 0, 0),
                transposed1d("33 samples", 33, two, 1, 0, 0),
                transposed1d("stride", 2, Sliding.stride(3), 1, 0, 0),
                transposed1d("padding", 2, PLAIN.withPadding(Padding.of(1)), 1, 1, 0),
                transposed1d("output padding", 2, two, 1, 0, 1),
                transposed1d("same", 2, PLAIN.withPadding(Padding.same()), 1, 1, 0),
                transposed1d("same, stride", 2, Sliding.stride(3).withPadding(Padding.same()), 1, 0, 0),
                transposed1d("dilation", 2, PLAIN.withDilation(2, 2), 1, 0, 0),
                transposed1d(
                        "all", 2, Sliding.stride(3).withPadding(Padding.of(2)).withDilation(2, 2), 2, 2, 1));
    }

    private static Case transposed1d(
            String name, int samples, Sliding sliding, int groups, int padding, int outputPadding) {
        return Case.layer(
                        name,
                        List.of(normal(samples, 7, 4), normal(3, 6 / groups, 4), normal(6)),
                        p -> new ConvTranspose1d(p.get(1), Optional.of(p.get(2)), sliding, groups, outputPadding)
                                .apply(p.get(0).value()),
                        t -> Layouts.sequence(torch.conv_transpose1d(
                                Layouts.sequence(t.get(0)),
                                Layouts.kernel1d(t.get(1)),
                                new TensorOptional(t.get(2)),
                                longs(sliding.strideWidth()),
                                longs(padding),
                                longs(outputPadding),
                                groups,
                                sliding.dilationWidth())))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> convTranspose2d() {
        Sliding two = Sliding.stride(2);
        return Case.tests(
                transposed2d("plain", 2, PLAIN, 1, 0, longs(0, 0)),
                transposed2d("one sample", 1, two, 1, 0, longs(0, 0)),
                transposed2d("33 samples", 33, two, 1, 0, longs(0, 0)),
                transposed2d("unequal stride", 2, Sliding.stride(3, 1), 1, 0, longs(0, 0)),
                transposed2d("padding", 2, PLAIN.withPadding(Padding.of(1)), 1, 1, longs(0, 0)),
                transposed2d("output padding", 2, Sliding.stride(2, 3), 1, 0, longs(1, 2)),
                transposed2d("same", 2, PLAIN.withPadding(Padding.same()), 1, 1, longs(0, 0)),
                transposed2d("same, stride", 2, Sliding.stride(3).withPadding(Padding.same()), 1, 0, longs(0, 0)),
                transposed2d("dilation", 2, PLAIN.withDilation(2, 3), 1, 0, longs(0, 0)),
                transposed2d("all", 2, two.withPadding(Padding.of(1)).withDilation(2, 1), 2, 1, longs(1, 0)));
    }

    private static Case transposed2d(
            String name, int samples, Sliding sliding, int groups, int padding, long[] outputPadding) {
        return Case.layer(
                        name,
                        List.of(normal(samples, 5, 7, 4), normal(3, 3, 6 / groups, 4), normal(6)),
                        p -> new ConvTranspose2d(
                                        p.get(1), Optional.of(p.get(2)), sliding, groups, (int) outputPadding[0], (int)
                                                outputPadding[1])
                                .apply(p.get(0).value()),
                        t -> Layouts.channelsLast(torch.conv_transpose2d(
                                Layouts.channelsFirst(t.get(0)),
                                Layouts.kernel(t.get(1)),
                                new TensorOptional(t.get(2)),
                                longs(sliding.strideHeight(), sliding.strideWidth()),
                                longs(padding, padding),
                                outputPadding,
                                groups,
                                sliding.dilationHeight(),
                                sliding.dilationWidth())))
                .within(terms(9 * 6, samples * 5 * 7));
    }

    @TestFactory
    Stream<DynamicTest> depthwiseConv2d() {
        return Case.tests(
                depthwise("plain", 2, Layers.depthwiseConv2d(3), 3, 1, 0),
                depthwise("one sample", 1, Layers.depthwiseConv2d(3), 3, 1, 0),
                depthwise("33 samples", 33, Layers.depthwiseConv2d(3), 3, 1, 0),
                depthwise("multiplier", 2, Layers.depthwiseConv2d(3).multiplier(2), 6, 1, 0),
                depthwise(
                        "all",
                        2,
                        Layers.depthwiseConv2d(3).multiplier(3).stride(2).padding(Padding.of(1)),
                        9,
                        2,
                        1));
    }

    /// The blueprint says what the layer is, the inputs what it holds.
    private static Case depthwise(
            String name, int samples, DepthwiseConv2d blueprint, int filters, int stride, int padding) {
        Conv2d built = blueprint.build(Shape.of(7, 9, 3), RandomStream.of(0));
        return Case.layer(
                        name,
                        List.of(normal(samples, 7, 9, 3), normal(3, 3, 1, filters), normal(filters)),
                        p -> new Conv2d(p.get(1), Optional.of(p.get(2)), built.sliding(), built.groups())
                                .apply(p.get(0).value()),
                        t -> Layouts.channelsLast(torch.conv2d(
                                Layouts.channelsFirst(t.get(0)),
                                Layouts.kernel(t.get(1)),
                                new TensorOptional(t.get(2)),
                                longs(stride, stride),
                                longs(padding, padding),
                                longs(1, 1),
                                3)))
                .within(terms(9, samples * 63));
    }

    @TestFactory
    Stream<DynamicTest> separableConv2d() {
        return Case.tests(
                separable("plain", 2, Layers.separableConv2d(5, 3), 1, 0),
                separable("one sample", 1, Layers.separableConv2d(5, 3), 1, 0),
                separable("33 samples", 33, Layers.separableConv2d(5, 3), 1, 0),
                separable(
                        "stride, padding",
                        2,
                        Layers.separableConv2d(5, 3).stride(2).padding(Padding.of(1)),
                        2,
                        1));
    }

    private static Case separable(
            String name, int samples, SeparableConv2d.Blueprint blueprint, int stride, int padding) {
        SeparableConv2d built = blueprint.multiplier(2).build(Shape.of(7, 9, 3), RandomStream.of(0));
        return Case.layer(
                        name,
                        List.of(normal(samples, 7, 9, 3), normal(3, 3, 1, 6), normal(1, 1, 6, 5), normal(5)),
                        p -> {
                            Conv2d d = built.depthwise();
                            Conv2d w = built.pointwise();
                            return new SeparableConv2d(
                                            new Conv2d(p.get(1), Optional.empty(), d.sliding(), d.groups()),
                                            new Conv2d(p.get(2), Optional.of(p.get(3)), w.sliding(), w.groups()))
                                    .apply(p.get(0).value());
                        },
                        t -> {
                            Tensor y = torch.conv2d(
                                    Layouts.channelsFirst(t.get(0)),
                                    Layouts.kernel(t.get(1)),
                                    new TensorOptional(),
                                    longs(stride, stride),
                                    longs(padding, padding),
                                    longs(1, 1),
                                    3);
                            return Layouts.channelsLast(torch.conv2d(
                                    y,
                                    Layouts.kernel(t.get(2)),
                                    new TensorOptional(t.get(3)),
                                    longs(1, 1),
                                    longs(0, 0),
                                    longs(1, 1),
                                    1));
                        })
                .within(terms(54, samples * 63));
    }

    /// Long sums of random signs may cancel, as [ConvolutionTest] says.
    private static double terms(int forward, int backward) {
        return 2 + Math.max(forward, backward) / 100.0;
    }
}
