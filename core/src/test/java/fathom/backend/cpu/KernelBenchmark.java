package fathom.backend.cpu;

import fathom.ir.Window;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// Measures the contraction kernels in GFLOP/s and as a share of what the machine's multiply-add
/// units can do.
///
/// Arguments: `[threads] [--floor percent]`. With a floor, only the product of 1024³, one with the left
/// side transposed, a depthwise convolution and the weight gradient of a first layer are measured, and the
/// exit code is 1 if one of the first two does not reach that share of the peak within some seconds, the
/// third a fifteenth or the last half of it: a guard against code that the JVM no longer compiles to vector
/// instructions, and against packing element by element.
final class KernelBenchmark {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final double SECONDS = 0.6;
    private static final int TRIES = 15;
    private static final int PEAK_ROUNDS = 5_000;
    private static final Window VALID = Window.of(3, 3, 1, 0, 1);

    private final WorkerPool pool;
    private final Tiles tiles;
    private final float[] peakData = new float[4 * SPECIES.length()];

    private KernelBenchmark(WorkerPool pool) {
        this.pool = pool;
        this.tiles = Tiles.of(DType.F32, VectorSupport.preferredBits());
        tiles.warmUp();
        tiles.transforms().warmUp();
        for (int i = 0; i < 3_000; i++) {
            multiplyAdds(PEAK_ROUNDS, peakData);
        }
    }

    public static void main(String[] arguments) {
        List<String> list = List.of(arguments);
        int floorAt = list.indexOf("--floor");
        int threads = list.isEmpty() || floorAt == 0 ? 1 : Integer.parseInt(list.getFirst());
        try (WorkerPool pool = new WorkerPool(threads)) {
            KernelBenchmark benchmark = new KernelBenchmark(pool);
            System.out.printf("peak of %d threads: %.1f GFLOP/s%n", threads, benchmark.peak() * threads);
            if (floorAt >= 0) {
                double floor = Double.parseDouble(list.get(floorAt + 1));
                boolean stands = benchmark.reaches(floor, () -> benchmark.gemm(1024, 1024, 1024, false, false));
                // Cut into pieces of odd length, for which tiles of several steps have a loop that the warm-up leaves
                // out.
                stands &= benchmark.reaches(floor, () -> benchmark.gemm(256, 1024, 3201, true, false));
                stands &= benchmark.reaches(
                        floor / 15, () -> benchmark.depthwise().forward());
                stands &= benchmark.reaches(
                        floor * 0.5, () -> benchmark.firstLayer().weightGradient());
                if (!stands) {
                    System.exit(1);
                }
                return;
            }
            benchmark.all();
        }
    }

    /// Whether a kernel reaches a share of the peak, for which it has several seconds: that long the JIT or another
    /// machine may be busy, and what the JIT compiled badly stays slow for ever.
    private boolean reaches(double floor, DoubleSupplier kernel) {
        for (int i = 0; i < TRIES; i++) {
            if (kernel.getAsDouble() >= floor) {
                return true;
            }
        }
        return false;
    }

    private void all() {
        gemm(1024, 1024, 1024, false, false);
        for (int[] s : new int[][] {{128, 784, 512}, {128, 512, 512}, {128, 1600, 128}}) {
            gemm(s[0], s[2], s[1], false, false);
            gemm(s[1], s[2], s[0], true, false);
            gemm(s[0], s[1], s[2], false, true);
        }
        gemm(1, 128, 1600, false, false);
        Window same = Window.of(3, 3, 1, 1, 1);
        firstLayer();
        convolution(128, 13, 32, 64, VALID);
        convolution(1, 28, 1, 32, VALID);
        convolution(1, 13, 32, 64, VALID);
        convolution(32, 32, 64, 64, same);
        convolution(32, 16, 128, 128, same);
        convolution(32, 8, 256, 256, same);
        convolution(32, 4, 512, 512, same);
        convolution(32, 32, 64, 128, Window.of(3, 3, 2, 1, 1));
        convolution(32, 32, 64, 256, Window.of(1, 1, 1, 0, 1));
        convolution(8, 112, 3, 64, Window.of(7, 7, 2, 3, 1));
        depthwise();
    }

    /// Percents of the peak.
    private record Shares(double forward, double weightGradient) {}

    private Shares firstLayer() {
        return convolution(128, 28, 1, 32, VALID);
    }

    private Shares depthwise() {
        return convolution(new ConvolutionGeometry(32, 32, 32, 64, 64, 64, Window.of(3, 3, 1, 1, 1)));
    }

    private double gemm(int m, int n, int k, boolean transposeLeft, boolean transposeRight) {
        Gemm.Product p = Gemm.Product.dense(1, m, n, k, transposeLeft, transposeRight);
        float[] a = random(m * k);
        float[] b = random(k * n);
        float[] c = new float[m * n];
        Gemm gemm = new Gemm(pool, tiles);
        String name = "%dx%dx%d%s%s".formatted(m, n, k, transposeLeft ? " AT" : "", transposeRight ? " BT" : "");
        return measure(name, 2.0 * m * n * k, () -> gemm.multiply(p, a, Operand.of(b), c, null));
    }

    private Shares convolution(int images, int size, int channels, int filters, Window window) {
        return convolution(new ConvolutionGeometry(images, size, size, channels, filters, 1, window));
    }

    private Shares convolution(ConvolutionGeometry g) {
        int channels = g.channels();
        int filters = g.filters();
        Window window = g.window();
        float[] x = random(g.pixels() * channels);
        float[] w = random(g.depth() * filters);
        float[] y = new float[g.windows() * filters];
        float[] dx = new float[x.length];
        float[] dw = new float[w.length];
        Convolution convolution = new Convolution(pool, tiles, true);
        double operations = 2.0 * g.windows() * g.depth() * filters;
        String name = "%dx%dx%dx%d -> %d in %d, %dx%d/%d"
                .formatted(
                        g.images(),
                        g.height(),
                        g.width(),
                        channels,
                        filters,
                        g.groups(),
                        window.kernelHeight(),
                        window.kernelWidth(),
                        window.strideHeight());
        double forward = measure(name, operations, () -> convolution.forward(g, x, Operand.of(w), y, null));
        if (channels > 1) {
            measure("  input gradient", operations, () -> convolution.inputGradient(g, y, Operand.of(w), dx, null));
        }
        double weights = measure("  weight gradient", operations, () -> convolution.weightGradient(g, x, y, dw));
        return new Shares(forward, weights);
    }

    /// Returns the median of the rates in percent of the peak, which is measured after each call: another machine's
    /// work on the same core halves both for seconds.
    private double measure(String name, double operations, Runnable kernel) {
        List<Double> rates = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        long end = System.nanoTime() + (long) (SECONDS * 1e9);
        while (rates.size() < 10 || System.nanoTime() < end) {
            long start = System.nanoTime();
            kernel.run();
            double rate = operations / (System.nanoTime() - start);
            rates.add(rate);
            shares.add(100 * rate / (peak() * pool.threads()));
        }
        double rate = median(rates);
        double share = median(shares);
        System.out.printf("%-34s %8.1f GFLOP/s %5.0f %% %10.1f us%n", name, rate, share, operations / rate * 1e-3);
        return share;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private static float[] random(int size) {
        Random random = new Random(size);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    /// GFLOP/s of one thread, the best of a few short looks.
    private double peak() {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            multiplyAdds(PEAK_ROUNDS, peakData);
            best = Math.min(best, System.nanoTime() - start);
        }
        return PEAK_ROUNDS * 12.0 * 2 * SPECIES.length() / best;
    }

    /// Independent chains in registers and nothing else.
    private static void multiplyAdds(int rounds, float[] data) {
        FloatVector a = FloatVector.fromArray(SPECIES, data, 0);
        FloatVector b = FloatVector.fromArray(SPECIES, data, SPECIES.length());
        FloatVector c0 = a;
        FloatVector c1 = a;
        FloatVector c2 = a;
        FloatVector c3 = a;
        FloatVector c4 = a;
        FloatVector c5 = a;
        FloatVector c6 = a;
        FloatVector c7 = a;
        FloatVector c8 = a;
        FloatVector c9 = a;
        FloatVector c10 = a;
        FloatVector c11 = a;
        for (int i = 0; i < rounds; i++) {
            c0 = a.fma(b, c0);
            c1 = a.fma(b, c1);
            c2 = a.fma(b, c2);
            c3 = a.fma(b, c3);
            c4 = a.fma(b, c4);
            c5 = a.fma(b, c5);
            c6 = a.fma(b, c6);
            c7 = a.fma(b, c7);
            c8 = a.fma(b, c8);
            c9 = a.fma(b, c9);
            c10 = a.fma(b, c10);
            c11 = a.fma(b, c11);
        }
        FloatVector low = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
        FloatVector high = c6.add(c7).add(c8).add(c9).add(c10).add(c11);
        low.add(high).intoArray(data, 2 * SPECIES.length());
    }
}
