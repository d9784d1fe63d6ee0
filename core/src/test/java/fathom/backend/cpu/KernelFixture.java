package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/// What the tests of the contraction kernels share.
final class KernelFixture {
    private KernelFixture() {}

    /// A way to run kernels.
    record Setting(WorkerPool pool, Tiles tiles) {}

    /// Every vector width, the machine's own one with several numbers of threads. Widths that the
    /// machine lacks are run by the Vector API's plain Java code.
    static void inEverySetting(DType dtype, Function<Setting, Object> kernel, double[] expected, double tolerance) {
        Object first = null;
        for (int bits : List.of(VectorSupport.SCALAR, 128, 256, 512)) {
            WinogradTransforms.of(new Lanes(dtype, bits)).useVectors();
            DepthwiseKernels.of(new Lanes(dtype, bits)).useVectors();
            Tiles.of(dtype, bits).useAll();
            Slides.of(new Lanes(dtype, bits)).useAll();
            List<Integer> threads = new ArrayList<>(List.of(1));
            if (bits == VectorSupport.preferredBits()) {
                threads.addAll(List.of(2, 3));
            }
            for (int t : threads) {
                try (WorkerPool pool = new WorkerPool(t)) {
                    Object result = kernel.apply(new Setting(pool, Tiles.of(dtype, bits)));
                    if (first == null) {
                        first = result;
                        assertClose(result, expected, tolerance);
                    }
                    assertSame(result, first, bits + " bits, " + t + " threads");
                }
            }
        }
    }

    /// Compares to the last bit, naming only the first difference.
    private static void assertSame(Object result, Object first, String setting) {
        int at = result instanceof float[] f
                ? Arrays.mismatch(f, (float[]) first)
                : Arrays.mismatch((double[]) result, (double[]) first);
        assertThat(at).as("first element that differs with %s", setting).isEqualTo(-1);
    }

    private static void assertClose(Object result, double[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            double actual = result instanceof float[] f ? f[i] : ((double[]) result)[i];
            if (!(Math.abs(actual - expected[i]) <= tolerance)) {
                assertThat(actual).as("element %s", i).isEqualTo(expected[i]);
            }
        }
    }

    /// Random elements that are sums of few powers of two, in [-1, 1].
    static double[] random(Random random, int size) {
        return random.doubles(size)
                .map(d -> Math.rint((d * 2 - 1) * 1024) / 1024)
                .toArray();
    }

    /// The elements in an array of the given type.
    static Object array(DType dtype, double[] values) {
        if (dtype == DType.F64) {
            return values.clone();
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    /// An array full of NaN, so that an element that is not written shows.
    static Object unwritten(DType dtype, int size) {
        double[] values = new double[size];
        Arrays.fill(values, Double.NaN);
        return array(dtype, values);
    }

    static double tolerance(DType dtype, int terms) {
        return terms * (dtype == DType.F32 ? 1e-6 : 1e-14);
    }
}
