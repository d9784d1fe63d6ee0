package fathom.parity;

import static fathom.parity.Input.distinct;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.ties;
import static fathom.parity.Torch.longs;

import fathom.ir.Window;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// The greatest and the mean under windows.
@RequiresLibtorch
class PoolingTest {
    @TestFactory
    Stream<DynamicTest> greatest() {
        Input x = distinct(2, 7, 8, 3);
        return Case.tests(
                max("2x2", x, Window.of(2, 2, 2, 0, 1)),
                max("3x3, overlapping", x, Window.of(3, 3, 1, 0, 1)),
                max("3x3, stride", x, Window.of(3, 3, 2, 0, 1)),
                max("padding", x, Window.of(3, 3, 2, 1, 1)),
                max("dilation", x, Window.of(2, 2, 1, 0, 2)),
                max("2x3", x, Window.of(2, 3, 2, 1, 1)),
                max("all", x, new Window(3, 2, 2, 1, 1, 1, 0, 0, 1, 2)),
                max("negative, padded", negative(), Window.of(3, 3, 2, 1, 1)),
                max("tied", ties(2, 8, 8, 5), Window.of(2, 2, 2, 0, 1)),
                max("tied, overlapping", ties(2, 8, 8, 5), Window.of(3, 3, 1, 1, 1)),
                max("many channels", normal(2, 26, 26, 32), Window.of(2, 2, 2, 0, 1)),
                max("odd size", normal(2, 11, 11, 64), Window.of(2, 2, 2, 0, 1)),
                max("NaN", nan(), Window.of(2, 2, 1, 0, 1)).flat());
    }

    @TestFactory
    Stream<DynamicTest> mean() {
        Input x = normal(2, 7, 8, 3);
        return Case.tests(
                mean("2x2", x, Window.of(2, 2, 2, 0, 1)),
                mean("3x3, overlapping", x, Window.of(3, 3, 1, 0, 1)),
                mean("3x3, stride", x, Window.of(3, 3, 2, 0, 1)),
                mean("padding", x, Window.of(3, 3, 2, 1, 1)),
                mean("2x3", x, Window.of(2, 3, 2, 1, 1)),
                mean("all", x, new Window(3, 2, 2, 1, 1, 1, 0, 0, 1, 1)),
                mean("many channels", normal(2, 14, 14, 33), Window.of(2, 2, 2, 0, 1)));
    }

    private static Input negative() {
        return (dtype, random) ->
                distinct(2, 7, 8, 3).make(dtype, random).sub(1000).evaluate();
    }

    private static Input nan() {
        return (dtype, random) -> Input.values(1, 2, Double.NaN, 3, 4, 5, Double.NEGATIVE_INFINITY, 6, 7)
                .make(dtype, random)
                .reshape(1, 3, 3, 1)
                .evaluate();
    }

    private static Case max(String name, Input x, Window w) {
        return Case.of(
                name,
                x,
                a -> a.maxPool2d(w),
                a -> Layouts.channelsLast(torch.max_pool2d(
                        Layouts.channelsFirst(a),
                        size(w),
                        stride(w),
                        padding(w),
                        longs(w.dilationHeight(), w.dilationWidth()),
                        false)));
    }

    private static Case mean(String name, Input x, Window w) {
        return Case.of(
                name,
                x,
                a -> a.avgPool2d(w),
                a -> Layouts.channelsLast(torch.avg_pool2d(
                        Layouts.channelsFirst(a), size(w), stride(w), padding(w), false, true, new LongOptional())));
    }

    private static long[] size(Window w) {
        return longs(w.kernelHeight(), w.kernelWidth());
    }

    private static long[] stride(Window w) {
        return longs(w.strideHeight(), w.strideWidth());
    }

    private static long[] padding(Window w) {
        return longs(w.padTop(), w.padLeft());
    }
}
