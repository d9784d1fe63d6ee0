package fathom.backend.cpu;

import static fathom.backend.cpu.KernelFixture.array;
import static fathom.backend.cpu.KernelFixture.inEverySetting;
import static fathom.backend.cpu.KernelFixture.random;
import static fathom.backend.cpu.KernelFixture.unwritten;
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
                // Half a vector of columns left over, of 512 bits of either type.
                new int[] {40, 8, 8},
                new int[] {26, 24, 32},
                new int[] {13, 36, 17},
                new int[] {50, 120, 300},
                new int[] {61, 530, 9});
        Random r = new Random(7);
        return Stream.concat(chosen, IntStream.range(0, 30).mapToObj(i ->
                new int[] {1 + r.nextInt(60), 1 + r.nextInt(60), 1 + r.nextInt(60)}));
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
            int batches = variant < 4 ? 1 : 3;
            Gemm.Product p = Gemm.Product.dense(batches, m, n, k, ta, tb);
            double[] a = random(r, batches * m * k);
            double[] b = random(r, batches * k * n);
            for (DType dtype : new DType[] {DType.F32, DType.F64}) {
                inEverySetting(
                        dtype,
                        s -> {
                            Object result = unwritten(dtype, batches * m * n);
                            AtomicIntegerArray finished = new AtomicIntegerArray(batches * m * n);
                            new Gemm(s.pool(), s.tiles())
                                    .multiply(
                                            p,
                                            array(dtype, a),
                                            Operand.of(array(dtype, b)),
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
                        chains(dtype, p, a, b),
                        0);
            }
        }
    }

    /// The result by its definition, to the last bit.
    private static double[] chains(DType dtype, Gemm.Product p, double[] a, double[] b) {
        double[] result = new double[p.batches() * p.m() * p.n()];
        for (int at = 0; at < result.length; at++) {
            int j = at % p.n();
            int i = at / p.n() % p.m();
            int batch = at / p.n() / p.m();
            double sum = 0;
            for (int k = 0; k < p.k(); k++) {
                double x = a[batch * p.m() * p.k() + (p.a().transposed() ? k * p.m() + i : i * p.k() + k)];
                double y = b[batch * p.k() * p.n() + (p.b().transposed() ? j * p.k() + k : k * p.n() + j)];
                sum = dtype == DType.F32 ? Math.fma((float) x, (float) y, (float) sum) : Math.fma(x, y, sum);
            }
            result[at] = sum;
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
            new Gemm(pool, tiles).multiply(Gemm.Product.dense(1, 2, 3, k, false, false), a, Operand.of(b), c, null);
            assertThat(c).containsOnly(k);
            float[] wide = new float[7];
            new Gemm(pool, tiles)
                    .multiply(Gemm.Product.dense(1, 1, 7, k, true, true), a, Operand.of(new float[7 * k]), wide, null);
            assertThat(wide).containsOnly(0);
        }
    }

    @Test
    void kernelsEmittedAnewGiveTheSameBits() {
        Tiles tiles = Tiles.of(DType.F32, VectorSupport.preferredBits());
        Random r = new Random(3);
        Gemm.Product p = Gemm.Product.dense(1, 33, 45, 70, false, false);
        Object a = array(DType.F32, random(r, 33 * 70));
        Object b = array(DType.F32, random(r, 70 * 45));
        float[] before = new float[33 * 45];
        float[] after = new float[33 * 45];
        try (WorkerPool pool = new WorkerPool(2)) {
            new Gemm(pool, tiles).multiply(p, a, Operand.of(b), before, null);
            tiles.renewKernels();
            new Gemm(pool, tiles).multiply(p, a, Operand.of(b), after, null);
        }
        assertThat(after).isEqualTo(before);
    }
}
