package fathom.backend.cpu;

import static fathom.backend.cpu.KernelFixture.array;
import static fathom.backend.cpu.KernelFixture.inEverySetting;
import static fathom.backend.cpu.KernelFixture.random;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.DType;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GemmTest {
    static Stream<int[]> sizes() {
        Stream<int[]> chosen = Stream.of(
                new int[] {1, 1, 1},
                new int[] {1, 160, 70},
                new int[] {1, 37, 600},
                new int[] {3, 50, 33},
                new int[] {128, 10, 40},
                new int[] {17, 64, 1030},
                new int[] {130, 70, 20},
                new int[] {61, 530, 9});
        Random r = new Random(7);
        return Stream.concat(chosen, IntStream.range(0, 30).mapToObj(i ->
                new int[] {1 + r.nextInt(60), 1 + r.nextInt(60), 1 + r.nextInt(60)}));
    }

    /// Offsets of several matrices with gaps, or one matrix for all.
    private static int[] offsets(Random r, int batches, int size, boolean same) {
        int first = r.nextInt(5);
        return IntStream.range(0, batches)
                .map(i -> first + (same ? 0 : i * (size + 3)))
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void isOneChainOfProductsPerElement(int[] size) {
        for (int variant = 0; variant < 8; variant++) {
            Random r = new Random(variant);
            int m = size[0];
            int n = size[1];
            int k = size[2];
            boolean ta = (variant & 1) != 0;
            boolean tb = (variant & 2) != 0;
            boolean accumulate = (variant & 4) != 0;
            int batches = variant % 3 == 0 ? 3 : 1;
            int aStride = (ta ? m : k) + r.nextInt(3);
            int bStride = (tb ? k : n) + r.nextInt(3);
            int cStride = n + r.nextInt(3);
            int[] aOffsets = offsets(r, batches, (ta ? k : m) * aStride, r.nextBoolean());
            int[] bOffsets = offsets(r, batches, (tb ? n : k) * bStride, r.nextBoolean());
            int[] cOffsets = offsets(r, batches, m * cStride, false);
            Gemm.Product p = new Gemm.Product(
                    m, n, k, aStride, ta, bStride, tb, cStride, accumulate, aOffsets, bOffsets, cOffsets);
            // No element more than needed: reading beyond is an error.
            double[] a = random(r, aOffsets[batches - 1] + (ta ? (k - 1) * aStride + m : (m - 1) * aStride + k));
            double[] b = random(r, bOffsets[batches - 1] + (tb ? (n - 1) * bStride + k : (k - 1) * bStride + n));
            double[] c = random(r, cOffsets[batches - 1] + (m - 1) * cStride + n);
            for (DType dtype : new DType[] {DType.F32, DType.F64}) {
                inEverySetting(
                        dtype,
                        s -> {
                            Object result = array(dtype, c);
                            AtomicIntegerArray finished = new AtomicIntegerArray(batches * m * n);
                            new Gemm(s.pool(), s.tiles())
                                    .multiply(
                                            p,
                                            array(dtype, a),
                                            array(dtype, b),
                                            result,
                                            (worker, row, rowEnd, column, columnEnd) -> {
                                                for (int i = row; i < rowEnd; i++) {
                                                    for (int j = column; j < columnEnd; j++) {
                                                        finished.incrementAndGet(i * n + j);
                                                    }
                                                }
                                            });
                            for (int i = 0; i < finished.length(); i++) {
                                assertThat(finished.get(i)).isEqualTo(1);
                            }
                            return result;
                        },
                        chains(dtype, p, a, b, c),
                        0);
            }
        }
    }

    /// The result by its definition, to the last bit.
    private static double[] chains(DType dtype, Gemm.Product p, double[] a, double[] b, double[] c) {
        double[] result = c.clone();
        for (int batch = 0; batch < p.batches(); batch++) {
            for (int i = 0; i < p.m(); i++) {
                for (int j = 0; j < p.n(); j++) {
                    int at = p.cOffsets()[batch] + i * p.cStride() + j;
                    double sum = p.accumulate() ? c[at] : 0;
                    for (int k = 0; k < p.k(); k++) {
                        double x =
                                a[p.aOffsets()[batch] + (p.aTransposed() ? k * p.aStride() + i : i * p.aStride() + k)];
                        double y =
                                b[p.bOffsets()[batch] + (p.bTransposed() ? j * p.bStride() + k : k * p.bStride() + j)];
                        sum = dtype == DType.F32 ? Math.fma((float) x, (float) y, (float) sum) : Math.fma(x, y, sum);
                    }
                    result[at] = sum;
                }
            }
        }
        return result;
    }

    @Test
    void cutsLongProductsIntoParts() {
        // More of B than is packed at a time, both in k and in columns.
        int k = (1 << 22) / 16 + 5;
        try (WorkerPool pool = new WorkerPool(2)) {
            Tiles tiles = Tiles.of(DType.F32, VectorSupport.preferredBits());
            float[] a = new float[2 * k];
            float[] b = new float[k * 3];
            java.util.Arrays.fill(a, 1);
            java.util.Arrays.fill(b, 1);
            float[] c = new float[6];
            new Gemm(pool, tiles).multiply(Gemm.Product.of(2, 3, k, false, false), a, b, c, null);
            assertThat(c).containsOnly(k);
            float[] wide = new float[7];
            new Gemm(pool, tiles).multiply(Gemm.Product.of(1, 7, k, true, true), a, new float[7 * k], wide, null);
            assertThat(wide).containsOnly(0);
        }
    }

    @Test
    void kernelsEmittedAnewGiveTheSameBits() {
        Tiles tiles = Tiles.of(DType.F32, VectorSupport.preferredBits());
        Random r = new Random(3);
        Gemm.Product p = Gemm.Product.of(33, 45, 70, false, false);
        Object a = array(DType.F32, random(r, 33 * 70));
        Object b = array(DType.F32, random(r, 70 * 45));
        float[] before = new float[33 * 45];
        float[] after = new float[33 * 45];
        try (WorkerPool pool = new WorkerPool(2)) {
            new Gemm(pool, tiles).multiply(p, a, b, before, null);
            tiles.renewKernels();
            new Gemm(pool, tiles).multiply(p, a, b, after, null);
        }
        assertThat(after).isEqualTo(before);
    }
}
