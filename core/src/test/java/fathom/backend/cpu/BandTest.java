package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.compile.KernelInfo;
import fathom.compile.Program;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BandTest {
    /// Something with rows, of a matrix and of a row.
    private record Case(String name, BiFunction<Tensor, Tensor, Tensor> of) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("softmax", (x, r) -> x.mul(r).softmax(1)),
                new Case("log-softmax", (x, r) -> x.add(r).logSoftmax(1)),
                new Case("normalisation", BandTest::normalised),
                new Case(
                        "a normalisation of a normalisation",
                        (x, r) -> normalised(normalised(x, r).exp(), r)),
                new Case("row sums read as rows and as columns", (x, r) -> {
                    Tensor sums = x.sum(true, 1);
                    return x.mul(r).div(sums.square().add(1)).add(sums.exp().mul(0.1));
                }),
                new Case("a row of each half", (x, r) -> {
                    Tensor e = x.exp();
                    Tensor first = e.slice(1, 0, e.dim(1) / 2 + 1).sum(true, 1);
                    return e.div(first).mul(r);
                }),
                new Case("rows that look at their neighbours", (x, r) -> {
                    Tensor s = x.softmax(1);
                    return s.add(s.flip(0)).mul(r).softmax(1);
                }),
                new Case("integers and booleans", (x, r) -> {
                    Tensor most = x.max(true, 1);
                    return x.equal(most).select(r, x).softmax(1);
                }));
    }

    private static Tensor normalised(Tensor x, Tensor r) {
        Tensor centred = x.sub(x.mean(true, 1));
        return centred.div(centred.square().mean(true, 1).add(1e-5).sqrt())
                .mul(r)
                .add(r);
    }

    /// The value and the gradients of its weighted sum.
    private static List<Tensor> results(Case c, int rows, int columns) {
        RandomStream random = RandomStream.of(3);
        Tensor x = random.normal(Shape.of(rows, columns));
        Tensor r = random.normal(Shape.of(columns));
        Tensor y = c.of.apply(x, r);
        Tensor sum = y.mul(random.normal(y.shape())).sum();
        List<Tensor> all = new ArrayList<>(List.of(y));
        all.addAll(Gradients.of(sum, List.of(x, r)));
        return all;
    }

    private static List<float[]> on(Device device, Case c, int rows, int columns) {
        return device.call(() -> {
            List<Tensor> results = results(c, rows, columns);
            device.evaluate(results);
            return results.stream().map(Tensor::toFloats).toList();
        });
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(Case c) {
        try (Device one = Device.cpu(1);
                Device three = Device.cpu(3);
                Device reference = Device.reference()) {
            for (int[] size : new int[][] {{33, 7}, {32, 1}, {200, 300}, {1000, 64}}) {
                List<float[]> expected = on(reference, c, size[0], size[1]);
                List<float[]> actual = on(one, c, size[0], size[1]);
                for (int k = 0; k < expected.size(); k++) {
                    double most = 0;
                    for (float v : expected.get(k)) {
                        most = Math.max(most, Math.abs(v));
                    }
                    assertThat(actual.get(k))
                            .as("result %s of %s rows of %s", k, size[0], size[1])
                            .containsExactly(expected.get(k), within((float) (2e-5 * Math.max(1, most))));
                }
                assertThat(on(three, c, size[0], size[1])).containsExactlyElementsOf(actual);
            }
        }
    }

    /// A few rows for each of two workers are as many as there are: 128 of 64 columns each.
    @Test
    void aPlaceForAFewRowsIsNotThatOfAllRows() {
        try (Device one = Device.cpu(1);
                Device two = Device.cpu(2)) {
            float[] expected = one.call(BandTest::gradientOfMeans);
            for (int i = 0; i < 50; i++) {
                assertThat(two.call(BandTest::gradientOfMeans)).as("run %s", i).containsExactly(expected);
            }
        }
    }

    /// Zeros that belong, by their number, to the rows of the loops before them, and parts of which the loops after
    /// them write: the gradient of every other column, and what is computed from it by rows.
    @Test
    void zerosWrittenBeforeTheBandAreThere() {
        Random random = new Random(1);
        double[] a = random.doubles(199 * 30).toArray();
        double[] b = random.doubles(32 * 199).toArray();
        Supplier<List<double[]>> results = () -> {
            Tensor y = Tensor.of(a, 199, 30).softmax(1);
            Tensor w = Tensor.of(b, 32, 199);
            Tensor g = Gradients.of(w.slice(1, 0, 199, 2).square().sum(), w);
            List<Tensor> all = List.of(g.div(g.square().sum(true, 1).add(1)), y);
            Tensor.evaluateAll(all.toArray(Tensor[]::new));
            return all.stream().map(Tensor::toDoubles).toList();
        };
        try (Device cpu = Device.cpu(2);
                Device reference = Device.reference()) {
            List<double[]> expected = reference.call(results::get);
            List<double[]> actual = cpu.call(results::get);
            for (int k = 0; k < 2; k++) {
                assertThat(actual.get(k)).containsExactly(expected.get(k), within(1e-12));
            }
        }
    }

    /// Through a normalisation of 256 rows, whose squares are averaged over groups of 8 rows.
    private static float[] gradientOfMeans() {
        RandomStream random = RandomStream.of(4);
        Tensor x = random.normal(Shape.of(256, 64)).evaluate();
        Tensor r = random.normal(Shape.of(64)).evaluate();
        Tensor y = normalised(x, r).reshape(32, 8, 64);
        Tensor w = random.normal(Shape.of(32, 8, 1)).evaluate();
        return Gradients.of(y.mul(y).mul(w).sum(1).div(7).sum(), x).toFloats();
    }

    @Test
    void goesThroughMemoryOnce() {
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                RandomStream random = RandomStream.of(1);
                Tensor x = random.normal(Shape.of(4096, 256)).evaluate();
                Tensor r = random.normal(Shape.of(256)).evaluate();
                Program program = device.program(normalised(x, r)).orElseThrow();
                assertThat(program.kernels()).hasSize(1);
                KernelInfo kernel = program.kernels().getFirst();
                assertThat(kernel.name()).startsWith("by rows: ");
                assertThat(kernel.bytes()).isEqualTo(4L * (4096 * 256 + 256 + 4096 * 256));
                // What the loops hand on is for a few rows, not for all.
                assertThat(program.memory().temporaries()).isLessThan(4096 * 256 * 4 / 4);
            });
        }
    }

    @Test
    void leavesRowsAloneThatAreReadElsewhere() {
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                Tensor x = RandomStream.of(1).normal(Shape.of(64, 128)).evaluate();
                Tensor s = x.softmax(1);
                Tensor product = s.transpose().matmul(s);
                assertThat(product.sum().item()).isCloseTo(64, within(1e-3));
            });
        }
    }
}
