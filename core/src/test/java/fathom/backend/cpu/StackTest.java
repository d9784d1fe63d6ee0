package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.compile.KernelInfo;
import fathom.compile.Program;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackTest {
    /// Attention with heads that lie side by side in rows, and its gradients.
    ///
    /// @param mask whether places are seen by some only
    private static List<Tensor> attention(int batch, int heads, int length, int depth, boolean mask, DType dtype) {
        Random random = new Random(7);
        List<Tensor> leaves = new ArrayList<>();
        List<Tensor> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Tensor leaf = numbers(random, batch, length, heads * depth).cast(dtype);
            leaves.add(leaf);
            parts.add(leaf.mul(0.5).reshape(batch, length, heads, depth).permute(0, 2, 1, 3));
        }
        Tensor scores = parts.get(0).matmul(parts.get(1).transpose()).div(Math.sqrt(depth));
        if (mask) {
            Tensor seen = numbers(random, batch, 1, 1, length).cast(dtype);
            Tensor places = Tensor.arange(length);
            Tensor past = places.reshape(length, 1).greaterEqual(places);
            scores = past.select(scores.add(seen.mul(-3)), Tensor.full(Shape.SCALAR, dtype, -1e9));
        }
        Tensor y = scores.softmax(-1).matmul(parts.get(2)).permute(0, 2, 1, 3).reshape(batch, length, heads * depth);
        Tensor sum = y.mul(numbers(random, y.shape().dims()).cast(dtype)).sum();
        List<Tensor> all = new ArrayList<>(List.of(y));
        all.addAll(Gradients.of(sum, leaves));
        return all;
    }

    /// From the normal distribution, the same on every device.
    private static Tensor numbers(Random random, int... dims) {
        Shape shape = Shape.of(dims);
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        return Tensor.of(values, dims);
    }

    private static List<double[]> on(Device device, Supplier<List<Tensor>> of) {
        return device.call(() -> {
            List<Tensor> results = of.get();
            device.evaluate(results);
            return results.stream().map(Tensor::toDoubles).toList();
        });
    }

    private static void compare(String what, Supplier<List<Tensor>> of, double tolerance) {
        try (Device one = Device.cpu(1);
                Device three = Device.cpu(3);
                Device reference = Device.reference()) {
            List<double[]> expected = on(reference, of);
            List<double[]> actual = on(one, of);
            for (int k = 0; k < expected.size(); k++) {
                double most = 1;
                for (double v : expected.get(k)) {
                    most = Math.max(most, Math.abs(v));
                }
                assertThat(actual.get(k))
                        .as("%s, result %s", what, k)
                        .containsExactly(expected.get(k), within(tolerance * most));
            }
            assertThat(on(three, of)).as("%s, on three threads", what).containsExactlyElementsOf(actual);
            // Once more, with whatever the first run has left in the places for a few layers.
            assertThat(on(three, of)).as("%s, again", what).containsExactlyElementsOf(actual);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attentionAgreesWithTheReference(boolean mask) {
        int[][] sizes = {{2, 3, 5, 4}, {1, 12, 64, 32}, {3, 4, 1, 8}, {4, 3, 33, 1}, {16, 1, 2, 3}, {1, 10, 130, 17}};
        for (int[] s : sizes) {
            String what = List.of(s[0], s[1], s[2], s[3]).toString();
            compare(what, () -> attention(s[0], s[1], s[2], s[3], mask, DType.F32), 2e-5);
            compare(what + " F64", () -> attention(s[0], s[1], s[2], s[3], mask, DType.F64), 1e-12);
        }
    }

    /// Random steps on tensors of `[3, 4, ?, ?]`: products, loops by layers and by other ways, values that
    /// several read, and parts put side by side.
    private static List<Tensor> steps(long seed) {
        Random random = new Random(seed);
        int[] lengths = {1 + random.nextInt(9), 1 + random.nextInt(40)};
        List<Tensor> leaves = new ArrayList<>();
        List<Tensor> pool = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int rows = lengths[random.nextInt(2)];
            int columns = lengths[random.nextInt(2)];
            boolean sideBySide = random.nextBoolean();
            Tensor leaf = (sideBySide ? numbers(random, 3, rows, 4, columns) : numbers(random, 3, 4, rows, columns))
                    .cast(DType.F32)
                    .mul(0.3);
            leaves.add(leaf);
            pool.add(sideBySide ? leaf.permute(0, 2, 1, 3) : leaf);
        }
        for (int i = 0; i < 8; i++) {
            Tensor x = pool.get(random.nextInt(pool.size()));
            Tensor y = pool.get(random.nextInt(pool.size()));
            Tensor next = random.nextInt(5) < 2 ? product(x, y) : loop(random.nextInt(12), x, y, random);
            pool.add(next);
        }
        Tensor sum = Tensor.scalar(0);
        for (Tensor leaf : leaves) {
            sum = sum.add(leaf.sum());
        }
        for (Tensor t : pool.subList(4, pool.size())) {
            if (random.nextInt(3) > 0) {
                sum = sum.add(
                        t.mul(numbers(random, t.shape().dims()).cast(DType.F32)).sum());
            }
        }
        List<Tensor> all = new ArrayList<>(pool.subList(pool.size() - 2, pool.size()));
        all.addAll(Gradients.of(sum, leaves));
        return all;
    }

    /// Of two tensors, transposed if they fit only so, or of one with itself.
    private static Tensor product(Tensor x, Tensor y) {
        if (x.dim(-1) == y.dim(-2)) {
            return x.matmul(y).tanh();
        }
        if (x.dim(-1) == y.dim(-1)) {
            return x.matmul(y.transpose()).tanh();
        }
        if (x.dim(-2) == y.dim(-2)) {
            return x.transpose().matmul(y).tanh();
        }
        return x.matmul(x.transpose()).softmax(-1);
    }

    private static Tensor loop(int what, Tensor x, Tensor y, Random random) {
        return switch (what) {
            case 0 -> x.softmax(-1);
            case 1 -> x.softmax(-2);
            case 2 -> x.softmax(1);
            case 3 -> x.mul(x.sum(true, -1));
            case 4 -> x.add(numbers(random, x.dim(-2), x.dim(-1)).cast(DType.F32));
            case 5 -> x.add(numbers(random, 3, 1, 1, x.dim(-1)).cast(DType.F32));
            case 6 -> x.flip(1).sin();
            case 7 -> x.shape().equals(y.shape()) ? x.mul(y) : x.square();
            case 8 -> Tensor.concat(0, x.slice(0, 2, 3).mul(2), x.slice(0, 0, 2).tanh());
            case 9 -> x.permute(0, 2, 1, 3).exp().permute(0, 2, 1, 3).tanh();
            case 10 -> x.slice(1, 1, 3).pad(1, 1, 1);
            default -> x.sub(x.max(true, -1));
        };
    }

    @Test
    void randomStepsAgreeWithTheReference() {
        int stacks = 0;
        for (long seed = 0; seed < 80; seed++) {
            long of = seed;
            compare("seed " + seed, () -> steps(of), 1e-4);
            try (Device device = Device.cpu(1)) {
                // A gradient, which goes through all of it.
                Optional<Program> program =
                        device.call(() -> device.program(steps(of).getLast()));
                stacks += program.stream()
                                .flatMap(p -> p.kernels().stream())
                                .anyMatch(k -> k.name().startsWith("by layers: "))
                        ? 1
                        : 0;
            }
        }
        // Else the steps test something else.
        assertThat(stacks).isGreaterThan(40);
    }

    /// A convolution, perhaps with something after it, pooled, and the gradients of all of it. Sometimes what is
    /// pooled is wanted itself, and sometimes the rows of windows do not divide into those of the pool.
    private static List<Tensor> pooledConvolution(long seed, DType dtype) {
        Random random = new Random(seed);
        int channels = 1 + random.nextInt(4);
        int filters = new int[] {1, 3, 8, 16, 24, 40}[random.nextInt(6)];
        int groups = channels == 2 && filters % 2 == 0 ? 2 : 1;
        Window window = new Window(
                1 + random.nextInt(3),
                1 + random.nextInt(3),
                1 + random.nextInt(2),
                1 + random.nextInt(2),
                random.nextInt(2),
                random.nextInt(2),
                random.nextInt(2),
                random.nextInt(2),
                1,
                1);
        int size = 2 + random.nextInt(2);
        int rows = size * (2 + random.nextInt(4)) + (random.nextInt(4) == 0 ? 1 : 0);
        int height = (rows - 1) * window.strideHeight() + window.kernelHeight() - window.padTop() - window.padBottom();
        Tensor x = numbers(random, 1 + random.nextInt(3), height, 8 + random.nextInt(12), channels)
                .cast(dtype);
        Tensor w = numbers(random, window.kernelHeight(), window.kernelWidth(), channels / groups, filters)
                .cast(dtype);
        Tensor bias = numbers(random, filters).cast(dtype);
        Tensor y = x.conv2d(w, window, groups);
        y = random.nextBoolean() ? y.add(bias) : y;
        y = random.nextInt(3) == 0 ? y.mul(y.sigmoid()) : y;
        Window pool = Window.of(size, size, random.nextInt(4) == 0 ? 1 : size, 0, 1);
        Tensor pooled =
                random.nextBoolean() ? y.maxPool2d(pool) : y.avgPool2d(pool).relu();
        pooled = random.nextInt(4) > 0 ? pooled.relu() : pooled.permute(0, 3, 1, 2);
        List<Tensor> all = new ArrayList<>(List.of(pooled));
        if (random.nextInt(4) == 0) {
            all.add(y);
        }
        if (random.nextBoolean()) {
            all.addAll(Gradients.of(pooled.square().sum(), List.of(x, w)));
        }
        return all;
    }

    @Test
    void convolutionsWithPoolsAgreeWithTheReference() {
        int stacks = 0;
        for (long seed = 0; seed < 120; seed++) {
            long of = seed;
            compare("seed " + seed, () -> pooledConvolution(of, DType.F64), 1e-9);
            compare("F32, seed " + seed, () -> pooledConvolution(of, DType.F32).subList(0, 1), 1e-4);
            try (Device device = Device.cpu(2)) {
                Optional<Program> program = device.call(
                        () -> device.program(pooledConvolution(of, DType.F32).getFirst()));
                stacks += program.stream()
                                .flatMap(p -> p.kernels().stream())
                                .anyMatch(k -> k.name().startsWith("by layers: convolution"))
                        ? 1
                        : 0;
            }
        }
        // Else the convolutions test something else.
        assertThat(stacks).isGreaterThan(25);
    }

    @Test
    void ofAPooledConvolutionOnlyThePooledImagesAreInMemory() {
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                RandomStream random = RandomStream.of(1);
                Tensor x = random.normal(Shape.of(16, 28, 28, 1)).evaluate();
                Tensor w = random.normal(Shape.of(3, 3, 1, 32)).evaluate();
                Tensor bias = random.normal(Shape.of(32)).evaluate();
                Tensor y = x.conv2d(w, Window.of(3, 3, 1, 0, 1), 1)
                        .add(bias)
                        .maxPool2d(2)
                        .relu();
                Program program = device.program(y).orElseThrow();
                assertThat(program.kernels()).hasSize(1);
                KernelInfo kernel = program.kernels().getFirst();
                assertThat(kernel.bytes()).isEqualTo(4L * (16 * 28 * 28 + 9 * 32 + 32 + 16 * 13 * 13 * 32));
                assertThat(program.memory().temporaries()).isLessThan(16 * 26 * 26 * 32 * 4 / 8);
            });
        }
    }

    private static List<Tensor> heads(RandomStream random, int batch, int heads, int length, int depth) {
        List<Tensor> parts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Tensor leaf = random.normal(Shape.of(batch, length, heads, depth)).evaluate();
            parts.add(leaf.permute(0, 2, 1, 3));
        }
        return parts;
    }

    @Test
    void attentionIsOneKernelWithoutScoresInMemory() {
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                RandomStream random = RandomStream.of(1);
                List<Tensor> p = heads(random, 8, 12, 64, 32);
                Tensor mask = random.normal(Shape.of(8, 1, 1, 64)).evaluate();
                Tensor y = p.get(0)
                        .matmul(p.get(1).transpose())
                        .add(mask)
                        .softmax(-1)
                        .matmul(p.get(2))
                        .permute(0, 2, 1, 3);
                Program program = device.program(y).orElseThrow();
                assertThat(program.kernels()).hasSize(1);
                KernelInfo kernel = program.kernels().getFirst();
                assertThat(kernel.name()).startsWith("by layers: ");
                int values = 8 * 64 * 12 * 32;
                assertThat(kernel.bytes()).isEqualTo(4L * (4 * values + 8 * 64));
                assertThat(program.memory().temporaries()).isLessThan(8 * 12 * 64 * 64 * 4 / 3);
            });
        }
    }

    /// Products of parts of a larger value and of its axes in other orders, some of which have no contiguous rows.
    private static List<Tensor> products(int[] order, boolean transposed) {
        Random random = new Random(5);
        Tensor x = numbers(random, 3, 2, 5, 4, 7);
        Tensor y = numbers(random, 3, 2, 5, 4, 7);
        List<Tensor> all = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            Tensor a = x.slice(0, part, part + 1).squeeze(0).permute(order);
            Tensor b = y.slice(0, 2 - part, 3 - part).squeeze(0).permute(order);
            Tensor row = b.slice(-1, 2, 3);
            Tensor repeated = b.slice(1, 0, 1).broadcastTo(b.shape());
            Tensor odd = b.slice(-2, 0, b.dim(-2), 2).flip(1);
            for (Tensor other : List.of(b, row.broadcastTo(b.shape()), repeated, odd, b.mul(2))) {
                all.add(transposed ? a.transpose().matmul(other.slice(-2, 0, 1)) : a.matmul(other.transpose()));
            }
        }
        Tensor sum = Tensor.scalar(0).cast(DType.F64);
        for (Tensor t : all) {
            sum = sum.add(t.square().sum());
        }
        all.addAll(Gradients.of(sum, List.of(x, y)));
        return all;
    }

    @Test
    void productsReadTheirMatricesWhereTheyAre() {
        for (int[] order : new int[][] {{0, 1, 2, 3}, {0, 2, 1, 3}, {2, 0, 3, 1}, {3, 1, 0, 2}, {1, 0, 3, 2}}) {
            compare(List.of(order[0], order[1], order[2], order[3]).toString(), () -> products(order, false), 1e-12);
        }
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                List<Tensor> p = heads(RandomStream.of(2), 1, 4, 6, 8);
                Program program =
                        device.program(p.get(0).matmul(p.get(1).transpose())).orElseThrow();
                assertThat(program.kernels()).hasSize(1);
            });
        }
    }

    @Test
    void fewOrLargeMatricesAreLeftToTheStepsOfTheirOwn() {
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                for (int[] size : new int[][] {{1, 5, 64, 32}, {1, 6, 1024, 32}}) {
                    List<Tensor> p = heads(RandomStream.of(2), size[0], size[1], size[2], size[3]);
                    Tensor y = p.get(0).matmul(p.get(1).transpose()).softmax(-1).matmul(p.get(2));
                    assertThat(device.program(y).orElseThrow().kernels())
                            .noneMatch(k -> k.name().startsWith("by layers: "));
                }
            });
        }
    }
}
