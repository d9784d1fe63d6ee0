package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Torch.longs;

import fathom.ir.Window;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Convolutions in one and two dimensions, and transposed ones.
@RequiresLibtorch
class ConvolutionTest {
    @TestFactory
    Stream<DynamicTest> convolutions() {
        return Case.tests(
                conv("1x1", images(2, 5, 6, 3), Window.of(1, 1, 1, 0, 1), 4, 1),
                conv("3x3", images(2, 7, 6, 3), Window.of(3, 3, 1, 0, 1), 4, 1),
                conv("3x3, one channel", images(3, 9, 9, 1), Window.of(3, 3, 1, 0, 1), 32, 1),
                conv("3x3, many channels", images(2, 13, 13, 32), Window.of(3, 3, 1, 0, 1), 64, 1),
                conv("3x3, odd channels", images(2, 9, 7, 19), Window.of(3, 3, 1, 1, 1), 23, 1),
                conv("as large as the image", images(2, 4, 5, 3), Window.of(4, 5, 1, 0, 1), 6, 1),
                conv("2x4", images(2, 6, 7, 3), Window.of(2, 4, 1, 0, 1), 4, 1),
                conv("padding", images(2, 5, 6, 3), Window.of(3, 3, 1, 1, 1), 4, 1),
                conv("wide padding", images(2, 3, 3, 2), Window.of(5, 5, 1, 4, 1), 3, 1),
                conv("stride", images(2, 8, 9, 3), Window.of(3, 3, 2, 0, 1), 4, 1),
                conv("stride, padding", images(2, 8, 9, 3), Window.of(3, 3, 2, 1, 1), 4, 1),
                conv("1x1, stride", images(2, 8, 9, 3), Window.of(1, 1, 3, 0, 1), 4, 1),
                conv("stride over the kernel", images(1, 9, 9, 2), Window.of(2, 2, 3, 0, 1), 3, 1),
                conv("dilation", images(2, 9, 8, 3), Window.of(3, 3, 1, 0, 2), 4, 1),
                conv("all", images(2, 11, 12, 4), Window.of(3, 2, 2, 2, 3), 6, 2),
                conv("unequal", images(2, 9, 8, 2), window(3, 2, 2, 1, 1, 1, 0, 0, 1, 2), 3, 1),
                conv("lopsided", images(2, 6, 6, 2), window(3, 3, 2, 1, 1, 2, 0, 3, 1, 1), 3, 1),
                conv("groups", images(2, 6, 6, 6), Window.of(3, 3, 1, 1, 1), 4, 2),
                conv("depthwise", images(2, 6, 6, 5), Window.of(3, 3, 1, 1, 1), 5, 5),
                conv("depthwise, doubled", images(2, 7, 6, 3), Window.of(3, 3, 2, 1, 1), 6, 3));
    }

    @TestFactory
    Stream<DynamicTest> transposed() {
        return Case.tests(
                transposed("3x3", images(2, 4, 5, 3), Window.of(3, 3, 1, 0, 1), 4, 1, 0),
                transposed("padding", images(2, 4, 5, 3), Window.of(3, 3, 1, 1, 1), 4, 1, 0),
                transposed("stride", images(2, 4, 5, 3), Window.of(2, 2, 2, 0, 1), 4, 1, 0),
                transposed("output padding", images(2, 4, 5, 3), Window.of(3, 3, 2, 1, 1), 4, 1, 1),
                transposed("dilation", images(2, 4, 5, 3), Window.of(3, 3, 1, 1, 2), 4, 1, 0),
                transposed("groups", images(2, 4, 5, 6), Window.of(3, 3, 2, 1, 1), 4, 2, 1),
                transposed("many", images(2, 7, 7, 32), Window.of(4, 4, 2, 1, 1), 16, 1, 0));
    }

    @TestFactory
    Stream<DynamicTest> sequences() {
        return Case.tests(
                conv1d("3", 1, 0, 1, 1),
                conv1d("padding", 1, 2, 1, 1),
                conv1d("stride", 2, 1, 1, 1),
                conv1d("dilation", 1, 2, 2, 1),
                conv1d("groups", 1, 1, 1, 2),
                conv1d("all", 3, 2, 2, 2));
    }

    private static int[] images(int... shape) {
        return shape;
    }

    private static Window window(int... w) {
        return new Window(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8], w[9]);
    }

    private static Case conv(String name, int[] x, Window w, int filters, int groups) {
        return Case.of(
                        name,
                        normal(x),
                        normal(w.kernelHeight(), w.kernelWidth(), x[3] / groups, filters),
                        (a, b) -> a.conv2d(b, w, groups),
                        (a, b) -> {
                            Tensor padded = torch.pad(
                                    Layouts.channelsFirst(a),
                                    longs(w.padLeft(), w.padRight(), w.padTop(), w.padBottom()),
                                    "constant",
                                    new DoubleOptional(0));
                            return Layouts.channelsLast(torch.conv2d(
                                    padded,
                                    Layouts.kernel(b),
                                    new TensorOptional(),
                                    longs(w.strideHeight(), w.strideWidth()),
                                    longs(0, 0),
                                    longs(w.dilationHeight(), w.dilationWidth()),
                                    groups));
                        })
                .within(terms(x, w));
    }

    /// The result has `channels * groups` channels, the input `x[3]`.
    private static Case transposed(String name, int[] x, Window w, int channels, int groups, int outputPadding) {
        return Case.of(
                        name,
                        normal(x),
                        normal(w.kernelHeight(), w.kernelWidth(), channels, x[3]),
                        (a, b) -> a.convTranspose2d(b, w, groups, outputPadding),
                        (a, b) -> Layouts.channelsLast(torch.conv_transpose2d(
                                Layouts.channelsFirst(a),
                                Layouts.kernel(b),
                                new TensorOptional(),
                                longs(w.strideHeight(), w.strideWidth()),
                                longs(w.padTop(), w.padLeft()),
                                longs(outputPadding, outputPadding),
                                groups,
                                w.dilationHeight(),
                                w.dilationWidth())))
                .within(terms(x, w));
    }

    private static Case conv1d(String name, int stride, int padding, int dilation, int groups) {
        return Case.of(
                name,
                normal(2, 11, 4),
                normal(3, 4 / groups, 6),
                (a, b) -> a.conv1d(b, stride, padding, dilation, groups),
                (a, b) -> Layouts.sequence(torch.conv1d(
                        Layouts.sequence(a),
                        Layouts.kernel1d(b),
                        new TensorOptional(),
                        longs(stride),
                        longs(padding),
                        longs(dilation),
                        groups)));
    }

    /// Long sums of random signs may cancel: the more terms, the larger the error against the rest.
    /// Where libtorch convolves by Winograd's method its own is ten times that of a plain sum.
    private static double terms(int[] x, Window w) {
        int forward = w.kernelHeight() * w.kernelWidth() * x[3];
        int backward = x[0] * x[1] * x[2];
        return 1 + Math.max(forward, backward) / 5.0;
    }
}
