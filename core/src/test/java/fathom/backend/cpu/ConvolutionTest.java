package fathom.backend.cpu;

import static fathom.backend.cpu.KernelFixture.array;
import static fathom.backend.cpu.KernelFixture.inEverySetting;
import static fathom.backend.cpu.KernelFixture.random;
import static fathom.backend.cpu.KernelFixture.tolerance;
import static fathom.backend.cpu.KernelFixture.unwritten;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Window;
import fathom.tensor.DType;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
    static Stream<ConvolutionGeometry> geometries() {
        Stream<ConvolutionGeometry> chosen = Stream.of(
                geometry(2, 28, 28, 1, 32, 1, Window.of(3, 3, 1, 0, 1)),
                geometry(3, 13, 13, 32, 64, 1, Window.of(3, 3, 1, 0, 1)),
                geometry(2, 9, 8, 17, 19, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 14, 15, 20, 24, 1, Window.of(3, 3, 2, 1, 1)),
                geometry(2, 7, 7, 9, 33, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(2, 8, 8, 9, 5, 1, Window.of(1, 1, 2, 0, 1)),
                geometry(1, 21, 23, 3, 16, 1, Window.of(7, 7, 2, 3, 1)),
                geometry(2, 6, 6, 8, 8, 8, Window.of(3, 3, 1, 1, 1)),
                geometry(2, 9, 9, 4, 6, 1, Window.of(3, 3, 1, 2, 2)),
                geometry(9, 4, 4, 24, 40, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 40, 41, 2, 3, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 2, 2, 1, 1, 1, Window.of(3, 3, 5, 4, 3)),
                geometry(1, 1, 1, 1, 1, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(4, 1, 60, 5, 7, 1, new Window(1, 5, 1, 1, 0, 0, 4, 0, 1, 1)));
        return Stream.concat(chosen, IntStream.range(0, 60).mapToObj(ConvolutionTest::randomly));
    }

    private static ConvolutionGeometry randomly(int seed) {
        Random r = new Random(seed);
        while (true) {
            int groups = r.nextInt(3) == 0 ? 1 + r.nextInt(3) : 1;
            ConvolutionGeometry g = geometry(
                    1 + r.nextInt(3),
                    1 + r.nextInt(12),
                    1 + r.nextInt(12),
                    groups * (1 + r.nextInt(10)),
                    groups * (1 + r.nextInt(20)),
                    groups,
                    new Window(
                            1 + r.nextInt(4),
                            1 + r.nextInt(4),
                            1 + r.nextInt(3),
                            1 + r.nextInt(3),
                            r.nextInt(3),
                            r.nextInt(3),
                            r.nextInt(3),
                            r.nextInt(3),
                            1 + r.nextInt(2),
                            1 + r.nextInt(2)));
            if (g.outputHeight() > 0 && g.outputWidth() > 0) {
                return g;
            }
        }
    }

    private static ConvolutionGeometry geometry(int n, int h, int w, int c, int k, int groups, Window window) {
        return new ConvolutionGeometry(n, h, w, c, k, groups, window);
    }

    /// Calls back with the indices of the elements of x, w and y of each product.
    private static void eachProduct(ConvolutionGeometry g, Product product) {
        int y = 0;
        for (int n = 0; n < g.images(); n++) {
            for (int i = 0; i < g.outputHeight(); i++) {
                for (int j = 0; j < g.outputWidth(); j++) {
                    for (int k = 0; k < g.filters(); k++, y++) {
                        for (int t = 0; t < g.taps(); t++) {
                            int row = g.inputRow(i, t / g.window().kernelWidth());
                            int column = g.inputColumn(j, t % g.window().kernelWidth());
                            if (row < 0 || row >= g.height() || column < 0 || column >= g.width()) {
                                continue;
                            }
                            int pixel = (n * g.height() + row) * g.width() + column;
                            int channel = k / g.groupFilters() * g.groupChannels();
                            for (int c = 0; c < g.groupChannels(); c++) {
                                product.of(
                                        pixel * g.channels() + channel + c,
                                        (t * g.groupChannels() + c) * g.filters() + k,
                                        y);
                            }
                        }
                    }
                }
            }
        }
    }

    private interface Product {
        void of(int x, int w, int y);
    }

    private record Case(double[] x, double[] w, double[] y) {
        static Case of(ConvolutionGeometry g) {
            Random r = new Random(g.hashCode());
            return new Case(
                    random(r, g.pixels() * g.channels()),
                    random(r, g.depth() * g.filters()),
                    random(r, g.windows() * g.filters()));
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void forward(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] expected = new double[c.y.length];
        eachProduct(g, (x, w, y) -> expected[y] += c.x[x] * c.w[w]);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            inEverySetting(
                    dtype,
                    s -> {
                        Object y = unwritten(dtype, expected.length);
                        AtomicIntegerArray finished = new AtomicIntegerArray(expected.length);
                        new Convolution(s.pool(), s.tiles())
                                .forward(
                                        g,
                                        array(dtype, c.x),
                                        array(dtype, c.w),
                                        y,
                                        (worker, row, rowEnd, column, columnEnd) ->
                                                count(finished, g.filters(), row, rowEnd, column, columnEnd));
                        assertAllOnce(finished);
                        return y;
                    },
                    expected,
                    tolerance(dtype, g.depth()));
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void inputGradient(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] expected = new double[c.x.length];
        eachProduct(g, (x, w, y) -> expected[x] += c.y[y] * c.w[w]);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            inEverySetting(
                    dtype,
                    s -> {
                        Object dx = unwritten(dtype, expected.length);
                        AtomicIntegerArray finished = new AtomicIntegerArray(expected.length);
                        new Convolution(s.pool(), s.tiles())
                                .inputGradient(
                                        g,
                                        array(dtype, c.y),
                                        array(dtype, c.w),
                                        dx,
                                        (worker, row, rowEnd, column, columnEnd) ->
                                                count(finished, g.channels(), row, rowEnd, column, columnEnd));
                        assertAllOnce(finished);
                        return dx;
                    },
                    expected,
                    tolerance(dtype, g.taps() * g.filters()));
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void weightGradient(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] expected = new double[c.w.length];
        eachProduct(g, (x, w, y) -> expected[w] += c.x[x] * c.y[y]);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            inEverySetting(
                    dtype,
                    s -> {
                        Object dw = unwritten(dtype, expected.length);
                        new Convolution(s.pool(), s.tiles())
                                .weightGradient(g, array(dtype, c.x), array(dtype, c.y), dw);
                        return dw;
                    },
                    expected,
                    tolerance(dtype, g.windows()));
        }
    }

    private static void count(
            AtomicIntegerArray finished, int columns, int row, int rowEnd, int column, int columnEnd) {
        for (int i = row; i < rowEnd; i++) {
            for (int j = column; j < columnEnd; j++) {
                finished.incrementAndGet(i * columns + j);
            }
        }
    }

    private static void assertAllOnce(AtomicIntegerArray finished) {
        for (int i = 0; i < finished.length(); i++) {
            if (finished.get(i) != 1) {
                assertThat(finished.get(i)).as("epilogue over element %s", i).isEqualTo(1);
            }
        }
    }
}
