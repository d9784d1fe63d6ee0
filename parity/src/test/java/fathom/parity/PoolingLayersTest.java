package fathom.parity;

import static fathom.parity.Input.distinct;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Torch.longs;

import fathom.nn.Layers;
import fathom.nn.Padding;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers that pool, but for those of images with windows of one size, which [LayersTest] has.
@RequiresLibtorch
class PoolingLayersTest {
    @TestFactory
    Stream<DynamicTest> maxPool1d() {
        return Case.tests(
                max1d("of two", distinct(2, 11, 3), 2, 2, 0),
                max1d("of one sample", distinct(1, 11, 3), 2, 2, 0),
                max1d("of 33 samples", distinct(33, 11, 3), 2, 2, 0),
                max1d("overlapping", distinct(2, 11, 3), 3, 1, 0),
                max1d("padding", distinct(2, 11, 3), 3, 2, 1),
                max1d("tied", ties(2, 11, 5), 3, 2, 1));
    }

    private static Case max1d(String name, Input x, int size, int stride, int padding) {
        return Case.of(
                name,
                x,
                a -> Layers.maxPool1d(size)
                        .stride(stride)
                        .padding(Padding.of(padding))
                        .apply(a),
                a -> Layouts.sequence(torch.max_pool1d(
                        Layouts.sequence(a), longs(size), longs(stride), longs(padding), longs(1), false)));
    }

    @TestFactory
    Stream<DynamicTest> avgPool1d() {
        return Case.tests(
                avg1d("of two", normal(2, 11, 3), 2, 2, 0),
                avg1d("of one sample", normal(1, 11, 3), 2, 2, 0),
                avg1d("of 33 samples", normal(33, 11, 3), 2, 2, 0),
                avg1d("overlapping", normal(2, 11, 3), 3, 1, 0),
                avg1d("padding", normal(2, 11, 3), 3, 2, 1));
    }

    private static Case avg1d(String name, Input x, int size, int stride, int padding) {
        return Case.of(
                name,
                x,
                a -> Layers.avgPool1d(size)
                        .stride(stride)
                        .padding(Padding.of(padding))
                        .apply(a),
                a -> Layouts.sequence(torch.avg_pool1d(
                        Layouts.sequence(a), longs(size), longs(stride), longs(padding), false, true)));
    }

    @TestFactory
    Stream<DynamicTest> adaptiveAvgPool1d() {
        return Stream.of(1, 2, 3, 4, 5, 7, 11, 13)
                .flatMap(length -> Case.tests(Case.of(
                        "to " + length,
                        normal(length == 4 ? 33 : length == 5 ? 1 : 2, 11, 3),
                        a -> Layers.adaptiveAvgPool1d(length).apply(a),
                        a -> Layouts.sequence(torch.adaptive_avg_pool1d(Layouts.sequence(a), length)))));
    }

    @TestFactory
    Stream<DynamicTest> adaptiveMaxPool1d() {
        return Stream.of(1, 2, 3, 4, 5, 7, 11, 13)
                .flatMap(length -> Case.tests(Case.of(
                        "to " + length,
                        ties(length == 4 ? 33 : length == 5 ? 1 : 2, 11, 3),
                        a -> Layers.adaptiveMaxPool1d(length).apply(a),
                        a -> Layouts.sequence(torch.adaptive_max_pool1d(Layouts.sequence(a), length)
                                .get0()))));
    }

    @TestFactory
    Stream<DynamicTest> adaptiveAvgPool2d() {
        return Case.tests(
                adaptiveAvg(normal(2, 8, 12, 3), 4, 3),
                adaptiveAvg(normal(2, 7, 9, 3), 1, 1),
                adaptiveAvg(normal(1, 7, 9, 3), 3, 4),
                adaptiveAvg(normal(33, 7, 9, 3), 5, 2),
                adaptiveAvg(normal(2, 7, 9, 3), 7, 4),
                adaptiveAvg(normal(2, 5, 3, 2), 8, 7));
    }

    private static Case adaptiveAvg(Input x, int height, int width) {
        return Case.of(
                "to " + height + "x" + width,
                x,
                a -> Layers.adaptiveAvgPool2d(height, width).apply(a),
                a -> Layouts.channelsLast(torch.adaptive_avg_pool2d(Layouts.channelsFirst(a), height, width)));
    }

    @TestFactory
    Stream<DynamicTest> adaptiveMaxPool2d() {
        return Case.tests(
                adaptiveMax("even", distinct(2, 8, 12, 3), 4, 3),
                adaptiveMax("to one", distinct(2, 7, 9, 3), 1, 1),
                adaptiveMax("one sample", distinct(1, 7, 9, 3), 3, 4),
                adaptiveMax("33 samples", distinct(33, 7, 9, 3), 5, 2),
                adaptiveMax("tied", ties(2, 7, 9, 3), 3, 4),
                adaptiveMax("tied, larger", ties(2, 5, 3, 2), 8, 7));
    }

    private static Case adaptiveMax(String name, Input x, int height, int width) {
        return Case.of(
                name,
                x,
                a -> Layers.adaptiveMaxPool2d(height, width).apply(a),
                a -> Layouts.channelsLast(torch.adaptive_max_pool2d(Layouts.channelsFirst(a), height, width)
                        .get0()));
    }

    @TestFactory
    Stream<DynamicTest> globalPooling() {
        return Stream.of(1, 2, 33).flatMap(n -> {
            Input sequences = ties(n, 7, 3);
            Input images = ties(n, 7, 5, 3);
            return Case.tests(
                    Case.of(
                            "avg 1d of " + n,
                            sequences,
                            a -> Layers.globalAvgPool1d().apply(a),
                            a -> mean(a, 1)),
                    Case.of(
                            "avg 2d of " + n,
                            images,
                            a -> Layers.globalAvgPool2d().apply(a),
                            a -> mean(a, 1, 2)),
                    Case.of(
                            "max 1d of " + n,
                            sequences,
                            a -> Layers.globalMaxPool1d().apply(a),
                            a -> max(a, 1)),
                    Case.of(
                            "max 2d of " + n,
                            images,
                            a -> Layers.globalMaxPool2d().apply(a),
                            a -> max(a, 1, 2)));
        });
    }

    private static Tensor mean(Tensor x, long... axes) {
        return x.mean(axes);
    }

    private static Tensor max(Tensor x, long... axes) {
        return torch.amax(x, axes, false);
    }
}
