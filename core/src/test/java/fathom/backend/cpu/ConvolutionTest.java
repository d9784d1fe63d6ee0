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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
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
                // Short runs of elements, and half a vector of filters.
                geometry(2, 12, 19, 3, 8, 1, Window.of(3, 3, 2, 1, 1)),
                geometry(1, 9, 17, 8, 24, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(2, 9, 17, 1, 12, 1, Window.of(5, 5, 2, 0, 1)),
                geometry(1, 11, 9, 10, 40, 1, Window.of(3, 3, 2, 1, 1)),
                // Each channel by itself.
                geometry(1, 1, 1, 3, 3, 3, Window.of(3, 3, 1, 1, 1)),
                geometry(2, 9, 11, 24, 24, 24, Window.of(5, 5, 1, 2, 1)),
                geometry(3, 10, 9, 17, 17, 17, Window.of(3, 3, 2, 1, 1)),
                geometry(1, 13, 12, 40, 40, 40, new Window(5, 4, 2, 3, 0, 2, 3, 1, 1, 2)),
                geometry(1, 30, 2, 5, 5, 5, new Window(2, 3, 3, 2, 1, 0, 4, 2, 3, 1)),
                geometry(2, 6, 50, 200, 200, 200, Window.of(3, 3, 1, 1, 1)),
                // Windows side by side that share pixels: whole and half vectors, strides, gaps, few and many windows.
                geometry(2, 5, 8, 16, 16, 16, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 7, 4, 8, 8, 8, Window.of(5, 5, 1, 2, 1)),
                geometry(2, 6, 23, 56, 56, 56, Window.of(5, 5, 2, 2, 1)),
                geometry(1, 9, 31, 24, 24, 24, Window.of(3, 3, 2, 1, 1)),
                geometry(1, 8, 40, 32, 32, 32, new Window(2, 7, 1, 2, 1, 0, 3, 3, 1, 2)),
                geometry(1, 9, 20, 48, 48, 48, Window.of(3, 3, 1, 0, 3)),
                geometry(2, 9, 9, 4, 6, 1, Window.of(3, 3, 1, 2, 2)),
                geometry(9, 4, 4, 24, 40, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 40, 41, 2, 3, 1, Window.of(3, 3, 1, 1, 1)),
                // Every way for tiles to stand out over the edges.
                geometry(1, 12, 12, 32, 48, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 11, 10, 33, 35, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(2, 7, 6, 40, 24, 1, Window.of(3, 3, 1, 2, 1)),
                geometry(1, 13, 14, 31, 40, 1, new Window(3, 3, 1, 1, 0, 2, 1, 0, 1, 1)),
                geometry(1, 3, 12, 64, 64, 1, Window.of(3, 3, 1, 4, 1)),
                // More tiles than a worker transforms at a time.
                geometry(30, 12, 12, 32, 64, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(86, 12, 13, 5, 40, 1, Window.of(3, 3, 1, 1, 1)),
                // One channel: rows of windows that are cut by ranges, that are wider than what is packed at a
                // time, and that are short; and as many filters as a panel has columns.
                geometry(2, 37, 31, 1, 32, 1, Window.of(3, 3, 1, 1, 1)),
                geometry(1, 45, 47, 1, 16, 1, Window.of(2, 5, 1, 0, 1)),
                geometry(1, 6, 400, 1, 8, 1, Window.of(5, 5, 1, 2, 2)),
                geometry(30, 9, 7, 1, 33, 1, Window.of(3, 3, 1, 0, 1)),
                geometry(2, 9, 9, 20, 40, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(2, 9, 11, 35, 8, 1, Window.of(3, 3, 2, 0, 1)),
                geometry(2, 8, 8, 150, 9, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(1, 2, 2, 1, 1, 1, Window.of(3, 3, 5, 4, 3)),
                geometry(1, 1, 1, 1, 1, 1, Window.of(1, 1, 1, 0, 1)),
                geometry(4, 1, 60, 5, 7, 1, new Window(1, 5, 1, 1, 0, 0, 4, 0, 1, 1)));
        return Stream.concat(chosen, IntStream.range(0, 60).mapToObj(ConvolutionTest::randomly));
    }

    private static ConvolutionGeometry randomly(int seed) {
        Random r = new Random(seed);
        while (true) {
            int groups = r.nextInt(3) == 0 ? 1 + r.nextInt(3) : 1;
            boolean depthwise = r.nextInt(4) == 0;
            ConvolutionGeometry g = geometry(
                    1 + r.nextInt(3),
                    1 + r.nextInt(12),
                    1 + r.nextInt(12),
                    groups * (depthwise ? 1 : 1 + r.nextInt(10)),
                    groups * (depthwise ? 1 : 1 + r.nextInt(20)),
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

    /// How a convolution is computed.
    private interface Way {
        void run(Convolution c, ConvolutionGeometry g, Object a, Object b, Object to, @Nullable Epilogue epilogue);
    }

    private static final Way FORWARD = (c, g, x, w, y, epilogue) -> c.forward(g, x, Operand.of(w), y, epilogue);

    private static final Way INPUT_GRADIENT =
            (c, g, dy, w, dx, epilogue) -> c.inputGradient(g, dy, Operand.of(w), dx, epilogue);

    /// Runs a way in every setting and compares it with the sums.
    private static void check(
            Way way,
            ConvolutionGeometry g,
            DType dtype,
            double[] a,
            double[] b,
            double[] sums,
            int columns,
            int terms) {
        inEverySetting(
                dtype,
                s -> {
                    Object to = unwritten(dtype, sums.length);
                    AtomicIntegerArray finished = new AtomicIntegerArray(sums.length);
                    way.run(
                            new Convolution(s.pool(), s.tiles(), true),
                            g,
                            array(dtype, a),
                            array(dtype, b),
                            to,
                            (worker, row, rowEnd, column, columnEnd) ->
                                    count(finished, columns, row, rowEnd, column, columnEnd));
                    if (columns > 0) {
                        assertAllOnce(finished);
                    }
                    return to;
                },
                sums,
                tolerance(dtype, terms));
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void forward(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] y = new double[c.y.length];
        eachProduct(g, (i, j, k) -> y[k] += c.x[i] * c.w[j]);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            check(FORWARD, g, dtype, c.x, c.w, y, g.filters(), g.depth());
        }
        if (Winograd.fits(g)) {
            Way way = (v, _, x, w, to, e) -> v.pool()
                    .exclusively(
                            shared -> new Winograd(v.pool(), v.tiles(), g, false, x, Operand.of(w), to, e).run(shared));
            check(way, g, DType.F32, c.x, c.w, y, g.filters(), 4 * g.depth());
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void inputGradient(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] dx = new double[c.x.length];
        eachProduct(g, (i, j, k) -> dx[i] += c.y[k] * c.w[j]);
        int terms = g.taps() * g.filters();
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            check(INPUT_GRADIENT, g, dtype, c.y, c.w, dx, g.channels(), terms);
        }
        if (Winograd.fits(g)) {
            Way way = (v, _, dy, w, to, e) -> v.pool()
                    .exclusively(
                            shared -> new Winograd(v.pool(), v.tiles(), g, true, dy, Operand.of(w), to, e).run(shared));
            check(way, g, DType.F32, c.y, c.w, dx, g.channels(), 4 * terms);
        }
    }

    @ParameterizedTest
    @MethodSource("geometries")
    void weightGradient(ConvolutionGeometry g) {
        Case c = Case.of(g);
        double[] dw = new double[c.w.length];
        eachProduct(g, (i, j, k) -> dw[j] += c.x[i] * c.y[k]);
        Way way = (v, geometry, x, dy, to, _) -> v.weightGradient(geometry, x, dy, to);
        for (DType dtype : new DType[] {DType.F32, DType.F64}) {
            check(way, g, dtype, c.x, c.y, dw, 0, g.windows());
        }
        if (Winograd.fits(g)) {
            way = (v, _, x, dy, to, _) -> v.pool()
                    .exclusively(shared -> new WinogradWeightGradient(v.pool(), v.tiles(), g, x, dy, to).run(shared));
            check(way, g, DType.F32, c.x, c.y, dw, 0, 4 * g.windows());
        }
    }

    /// Minimal filtering rounds more than the direct way; this bounds how much.
    @Test
    void minimalFilteringStaysCloseToDoublePrecision() {
        for (int channels : new int[] {32, 256}) {
            ConvolutionGeometry g = geometry(16, 14, 14, channels, 64, 1, Window.of(3, 3, 1, 1, 1));
            assertThat(Winograd.pays(DType.F32, g)).isTrue();
            Random r = new Random(channels);
            double[] x = gaussian(r, g.pixels() * channels);
            double[] w = gaussian(r, g.depth() * 64);
            double[] dy = gaussian(r, g.windows() * 64);
            Way weightGradient = (c, geometry, p, q, to, _) -> c.weightGradient(geometry, p, q, to);
            assertThat(error(g, x, w, dy.length, true, FORWARD)).isBetween(1e-6, 5e-6);
            assertThat(error(g, dy, w, x.length, true, INPUT_GRADIENT)).isBetween(1e-6, 5e-6);
            assertThat(error(g, x, dy, w.length, true, weightGradient)).isBetween(1e-6, 5e-6);
            assertThat(error(g, x, w, dy.length, false, FORWARD)).isLessThan(1e-6);
            assertThat(error(g, dy, w, x.length, false, INPUT_GRADIENT)).isLessThan(1e-6);
            assertThat(error(g, x, dy, w.length, false, weightGradient)).isLessThan(1e-6);
        }
    }

    private static double[] gaussian(Random r, int size) {
        return IntStream.range(0, size).mapToDouble(_ -> r.nextGaussian()).toArray();
    }

    /// The root mean square of the difference between F32 and F64, relative to that of the result.
    private static double error(ConvolutionGeometry g, double[] a, double[] b, int size, boolean minimal, Way way) {
        try (WorkerPool pool = new WorkerPool(2)) {
            float[] floats = new float[size];
            double[] doubles = new double[size];
            float[] fa = (float[]) array(DType.F32, a);
            float[] fb = (float[]) array(DType.F32, b);
            double[] da = IntStream.range(0, fa.length).mapToDouble(i -> fa[i]).toArray();
            double[] db = IntStream.range(0, fb.length).mapToDouble(i -> fb[i]).toArray();
            int bits = VectorSupport.preferredBits();
            way.run(new Convolution(pool, Tiles.of(DType.F32, bits), minimal), g, fa, fb, floats, null);
            way.run(new Convolution(pool, Tiles.of(DType.F64, bits), true), g, da, db, doubles, null);
            double difference = 0;
            double whole = 0;
            for (int i = 0; i < size; i++) {
                difference += Math.pow(floats[i] - doubles[i], 2);
                whole += Math.pow(doubles[i], 2);
            }
            return Math.sqrt(difference / whole);
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
