package fathom.parity;

import static fathom.parity.Input.distinct;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Torch.longs;

import fathom.nn.Layers;
import fathom.nn.Padding;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers that pool volumes.
@RequiresLibtorch
class VolumePoolingTest {
    @TestFactory
    Stream<DynamicTest> maxPool3d() {
        return Case.tests(
                max("of two", distinct(2, 5, 6, 7, 3), 2, 2, 0),
                max("of one volume", distinct(1, 5, 6, 7, 3), 2, 2, 0),
                max("of 33 volumes", distinct(33, 3, 4, 5, 3), 2, 2, 0),
                max("overlapping", distinct(2, 5, 6, 7, 3), 3, 1, 0),
                max("padding", distinct(2, 5, 6, 7, 3), 3, 2, 1),
                max("tied", ties(2, 5, 6, 7, 3), 3, 2, 1),
                Case.of(
                        "of different sizes",
                        distinct(2, 7, 6, 5, 3),
                        a -> Layers.maxPool3d(3)
                                .stride(3, 2, 1)
                                .padding(Padding.of(1, 1), Padding.of(0))
                                .apply(a),
                        a -> last(torch.max_pool3d(
                                first(a), longs(3, 3, 3), longs(3, 2, 1), longs(1, 0, 0), longs(1), false))));
    }

    private static Case max(String name, Input x, int size, int stride, int padding) {
        return Case.of(
                name,
                x,
                a -> Layers.maxPool3d(size)
                        .stride(stride)
                        .padding(Padding.of(padding))
                        .apply(a),
                a -> last(torch.max_pool3d(first(a), longs(size), longs(stride), longs(padding), longs(1), false)));
    }

    @TestFactory
    Stream<DynamicTest> avgPool3d() {
        return Case.tests(
                avg("of two", normal(2, 5, 6, 7, 3), 2, 2, 0),
                avg("of one volume", normal(1, 5, 6, 7, 3), 2, 2, 0),
                avg("of 33 volumes", normal(33, 3, 4, 5, 3), 2, 2, 0),
                avg("overlapping", normal(2, 5, 6, 7, 3), 3, 1, 0),
                avg("padding", normal(2, 5, 6, 7, 3), 3, 2, 1));
    }

    private static Case avg(String name, Input x, int size, int stride, int padding) {
        return Case.of(
                name,
                x,
                a -> Layers.avgPool3d(size)
                        .stride(stride)
                        .padding(Padding.of(padding))
                        .apply(a),
                a -> last(torch.avg_pool3d(
                        first(a), longs(size), longs(stride), longs(padding), false, true, new LongOptional())));
    }

    @TestFactory
    Stream<DynamicTest> adaptivePool3d() {
        return Stream.of(longs(1, 1, 1), longs(2, 3, 4), longs(5, 2, 3), longs(7, 8, 9))
                .flatMap(to -> Stream.of(1, 33).flatMap(samples -> adaptive(samples, to)));
    }

    private static Stream<DynamicTest> adaptive(int samples, long... to) {
        int d = (int) to[0];
        int h = (int) to[1];
        int w = (int) to[2];
        String name = "of " + samples + " to " + d + "x" + h + "x" + w;
        return Case.tests(
                Case.of(
                        "avg " + name,
                        normal(samples, 5, 6, 7, 2),
                        a -> Layers.adaptiveAvgPool3d(d, h, w).apply(a),
                        a -> last(torch.adaptive_avg_pool3d(first(a), to))),
                Case.of(
                        "max " + name,
                        ties(samples, 5, 6, 7, 2),
                        a -> Layers.adaptiveMaxPool3d(d, h, w).apply(a),
                        a -> last(torch.adaptive_max_pool3d(first(a), to).get0())));
    }

    @TestFactory
    Stream<DynamicTest> globalPool3d() {
        return Stream.of(1, 2, 33).flatMap(n -> {
            Input volumes = ties(n, 3, 5, 4, 3);
            return Case.tests(
                    Case.of(
                            "avg of " + n,
                            volumes,
                            a -> Layers.globalAvgPool3d().apply(a),
                            a -> a.mean(1, 2, 3)),
                    Case.of(
                            "max of " + n,
                            volumes,
                            a -> Layers.globalMaxPool3d().apply(a),
                            a -> torch.amax(a, longs(1, 2, 3), false)));
        });
    }

    /// `[N, D, H, W, C]` to `[N, C, D, H, W]`.
    private static Tensor first(Tensor volumes) {
        return volumes.permute(0, 4, 1, 2, 3);
    }

    /// `[N, C, D, H, W]` to `[N, D, H, W, C]`.
    private static Tensor last(Tensor volumes) {
        return volumes.permute(0, 2, 3, 4, 1);
    }
}
