package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Torch.longs;

import fathom.nn.Interpolation;
import fathom.nn.Layers;
import fathom.nn.Module;
import fathom.nn.Padding;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers that bring images and sequences to another size: padding, interpolation, and pixels moved
/// to channels and back.
@RequiresLibtorch
class ResamplingTest {
    @TestFactory
    Stream<DynamicTest> padding1d() {
        return Stream.of(1, 2, 33)
                .flatMap(n -> Stream.of(Padding.of(3), Padding.of(0, 2), Padding.of(4, 1), Padding.of(0))
                        .flatMap(p -> Case.tests(
                                sequences("zero", n, p, Layers.zeroPad1d(p), "constant"),
                                sequences("reflect", n, p, Layers.reflectPad1d(p), "reflect"),
                                sequences("replicate", n, p, Layers.replicatePad1d(p), "replicate"))));
    }

    private static Case sequences(String name, int samples, Padding.Explicit p, Module layer, String mode) {
        return Case.of(
                name + " " + p,
                normal(samples, 5, 3),
                layer::apply,
                a -> Layouts.sequence(padded(Layouts.sequence(a), mode, p.left(), p.right())));
    }

    @TestFactory
    Stream<DynamicTest> padding2d() {
        return Stream.of(1, 2, 33)
                .flatMap(n -> Stream.of(Padding.of(3), Padding.of(1, 2, 0, 3), Padding.of(4, 0, 5, 6), Padding.of(0))
                        .flatMap(p -> Case.tests(
                                images("zero", n, p, Layers.zeroPad2d(p), "constant"),
                                images("reflect", n, p, Layers.reflectPad2d(p), "reflect"),
                                images("replicate", n, p, Layers.replicatePad2d(p), "replicate"))));
    }

    private static Case images(String name, int samples, Padding.Explicit p, Module layer, String mode) {
        return Case.of(
                name + " " + p,
                normal(samples, 5, 7, 3),
                layer::apply,
                a -> Layouts.channelsLast(
                        padded(Layouts.channelsFirst(a), mode, p.left(), p.right(), p.top(), p.bottom())));
    }

    private static Tensor padded(Tensor x, String mode, long... sides) {
        return torch.pad(x, sides, mode, new DoubleOptional());
    }

    @TestFactory
    Stream<DynamicTest> upsample() {
        return Stream.of(1, 2, 33)
                .flatMap(n -> Stream.of(1, 2, 3)
                        .flatMap(factor -> Stream.of(Interpolation.values())
                                .flatMap(how -> Case.tests(
                                        Case.of(
                                                "images of " + n + " by " + factor + " " + how,
                                                normal(n, 5, 4, 3),
                                                Layers.upsample2d(factor).interpolation(how)::apply,
                                                a -> resized(a, how, 5 * factor, 4 * factor)),
                                        Case.of(
                                                "sequences of " + n + " by " + factor + " " + how,
                                                normal(n, 5, 3),
                                                Layers.upsample1d(factor).interpolation(how)::apply,
                                                a -> resized(a.unsqueeze(1), how, 1, 5 * factor)
                                                        .squeeze(1))))));
    }

    /// In F32 libtorch rounds the places between pixels to F32, too: an error of up to 4e-7 of the
    /// difference of two pixels.
    @TestFactory
    Stream<DynamicTest> resize() {
        int[][] sizes = {{1, 1}, {3, 11}, {7, 9}, {20, 5}, {8, 1}};
        return Stream.of(sizes)
                .flatMap(s -> Stream.of(Interpolation.values())
                        .flatMap(how -> Case.tests(Case.of(
                                        "to " + s[0] + "x" + s[1] + " " + how,
                                        normal(2, 7, 5, 3),
                                        Layers.resize2d(s[0], s[1]).interpolation(how)::apply,
                                        a -> resized(a, how, s[0], s[1]))
                                .within(how == Interpolation.NEAREST ? 1 : 3))));
    }

    private static Tensor resized(Tensor images, Interpolation how, int height, int width) {
        Tensor x = Layouts.channelsFirst(images);
        return Layouts.channelsLast(
                switch (how) {
                    case NEAREST -> torch.upsample_nearest2d(x, height, width);
                    case BILINEAR -> torch.upsample_bilinear2d(x, longs(height, width), false);
                    case BILINEAR_ALIGNED -> torch.upsample_bilinear2d(x, longs(height, width), true);
                });
    }

    @TestFactory
    Stream<DynamicTest> pixelShuffle() {
        return Stream.of(1, 2, 33)
                .flatMap(n -> Stream.of(1, 2, 3)
                        .flatMap(factor -> Case.tests(
                                channels(
                                        "shuffle " + n + " by " + factor,
                                        normal(n, 5, 3, 2 * factor * factor),
                                        Layers.pixelShuffle(factor),
                                        x -> torch.pixel_shuffle(x, factor)),
                                channels(
                                        "unshuffle " + n + " by " + factor,
                                        normal(n, 5 * factor, 3 * factor, 2),
                                        Layers.pixelUnshuffle(factor),
                                        x -> torch.pixel_unshuffle(x, factor)))));
    }

    private static Case channels(String name, Input x, Module layer, UnaryOperator<Tensor> theirs) {
        return Case.of(name, x, layer::apply, a -> Layouts.channelsLast(theirs.apply(Layouts.channelsFirst(a))));
    }
}
