package fathom.compile;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.autodiff.Gradients;
import fathom.ir.Graph;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KernelInfoTest {
    private static final int F32 = 4;

    private final Device device = Device.cpu(1);

    @AfterEach
    void close() {
        device.close();
    }

    private static Tensor normal(int seed, int... shape) {
        return RandomStream.of(seed).normal(Shape.of(shape)).evaluate();
    }

    private Program program(Supplier<Tensor> tensor) {
        return device.call(() -> device.program(tensor.get()).orElseThrow());
    }

    private KernelInfo only(Supplier<Tensor> tensor) {
        List<KernelInfo> kernels = program(tensor).kernels();
        assertThat(kernels).hasSize(1);
        return kernels.getFirst();
    }

    @Test
    void productOfMatrices() {
        KernelInfo k = only(() -> normal(1, 3, 5).matmul(normal(2, 5, 7)));
        assertThat(k.name()).isEqualTo("matMul");
        assertThat(k.shapes()).isEqualTo("[3, 5] [5, 7] -> F32[3, 7]");
        assertThat(k.flops()).isEqualTo(2 * 3 * 5 * 7);
        assertThat(k.bytes()).isEqualTo(F32 * (3 * 5 + 5 * 7 + 3 * 7));
        assertThat(k.reads()).extracting(KernelInfo.Place::kind).containsOnly(KernelInfo.Kind.ARGUMENT);
        assertThat(k.writes()).extracting(KernelInfo.Place::toString).containsExactly("result 0 F32[3, 7]");
    }

    @Test
    void theGradientOfPoolingTakesThePlaceOfWhatWasPooled() {
        Supplier<Tensor> slope = () -> {
            Tensor m = normal(1, 3, 4);
            Tensor images = normal(2, 96, 3).matmul(m).reshape(2, 8, 6, 4);
            Tensor pooled = images.maxPool2d(Window.of(2, 2, 2, 0, 1));
            Tensor loss = pooled.mul(normal(3, 2, 4, 3, 4)).sum();
            return Gradients.of(loss, List.of(m)).getFirst();
        };
        assertThat(program(slope).memory().temporaries()).isEqualTo(2 * 8 * 6 * 4 * F32);
        float[] actual = device.call(() -> slope.get().toFloats());
        try (Device reference = Device.reference()) {
            float[] expected = reference.call(() -> slope.get().toFloats());
            assertThat(actual).containsExactly(expected, Offset.offset(1e-4f));
        }
    }

    @Test
    void productOfManyMatricesOneTransposed() {
        KernelInfo k = only(() -> normal(1, 4, 5, 3).transpose().matmul(normal(2, 4, 5, 7)));
        assertThat(k.flops()).isEqualTo(4 * 2 * 3 * 5 * 7);
    }

    @Test
    void oneOperandTwiceIsReadOnce() {
        Tensor x = normal(1, 6, 6);
        KernelInfo k = only(() -> x.matmul(x));
        assertThat(k.bytes()).isEqualTo(F32 * (36 + 36));
    }

    @Test
    void epilogueCountsAndItsProductStaysInTheCache() {
        Tensor bias = normal(3, 70);
        KernelInfo k =
                only(() -> normal(1, 30, 50).matmul(normal(2, 50, 70)).add(bias).relu());
        assertThat(k.name()).startsWith("matMul, then loop: add, maximum");
        assertThat(k.flops()).isEqualTo(2 * 30 * 50 * 70 + 2 * 30 * 70);
        assertThat(k.bytes()).isEqualTo(F32 * (30 * 50 + 50 * 70 + 70 + 30 * 70));
    }

    @Test
    void convolutionAndItsGradients() {
        // 3 x 3 windows over 2 images of 8 x 9 with 5 channels, 7 filters.
        long direct = 2L * 2 * 6 * 7 * 7 * (3 * 3 * 5);
        Window window = Window.of(3, 3, 1, 0, 1);
        KernelInfo forward = only(() -> normal(1, 2, 8, 9, 5).conv2d(normal(2, 3, 3, 5, 7), window, 1));
        assertThat(forward.name()).isEqualTo("convolution");
        assertThat(forward.flops()).isEqualTo(direct);
        assertThat(forward.bytes()).isEqualTo(F32 * (2 * 8 * 9 * 5 + 3 * 3 * 5 * 7 + 2 * 6 * 7 * 7));
        for (int operand = 0; operand < 2; operand++) {
            int which = operand;
            Program backward = program(() -> {
                Variable x = Variable.of(normal(1, 2, 8, 9, 5));
                Variable w = Variable.of(normal(2, 3, 3, 5, 7));
                Tensor g = normal(3, 2, 6, 7, 7);
                Tensor y = x.value().conv2d(w.value(), window, 1).mul(g).sum();
                return Gradients.of(y, List.of(x.value(), w.value())).get(which);
            });
            assertThat(backward.kernels())
                    .filteredOn(k -> k.name().startsWith("convolution"))
                    .extracting(KernelInfo::flops)
                    .containsOnly(direct);
        }
    }

    @Test
    void minimalFilteringIsCountedAsTheDirectWayAndSaysSo() {
        Window window = Window.of(3, 3, 1, 1, 1);
        Supplier<Tensor> y = () -> normal(1, 8, 32, 32, 64).conv2d(normal(2, 3, 3, 64, 64), window, 1);
        KernelInfo minimal = only(y);
        assertThat(minimal.note()).contains("minimal filtering");
        assertThat(minimal.flops()).isEqualTo(2L * 8 * 32 * 32 * 64 * 9 * 64);
        try (Device direct = Device.cpu(1, false)) {
            KernelInfo k = direct.call(
                    () -> direct.program(y.get()).orElseThrow().kernels().getFirst());
            assertThat(k.note()).isEmpty();
            assertThat(k.flops()).isEqualTo(minimal.flops());
            assertThat(k.bytes()).isEqualTo(minimal.bytes());
        }
    }

    @Test
    void loopCountsItsOperationsAtEachPoint() {
        Tensor x = normal(1, 40, 25);
        Tensor row = normal(2, 25);
        KernelInfo k = only(() -> x.exp().mul(row).add(x));
        assertThat(k.name()).isEqualTo("loop: exp, multiply, add");
        assertThat(k.flops()).isEqualTo(3 * 1000);
        assertThat(k.bytes()).isEqualTo(F32 * (1000 + 25 + 1000));
    }

    @Test
    void reductionCountsEachElement() {
        KernelInfo k = only(() -> normal(1, 40, 25).sum(true, 1));
        assertThat(k.name()).isEqualTo("reduce: sum");
        assertThat(k.flops()).isEqualTo(1000);
        assertThat(k.bytes()).isEqualTo(F32 * (1000 + 40));
    }

    @Test
    void whatIsNotReadIsNotCounted() {
        Tensor table = normal(1, 10_000, 8);
        KernelInfo gather = only(() -> table.take(Tensor.of(new int[] {5, 7, 9}, 3), 0));
        assertThat(gather.flops()).isZero();
        assertThat(gather.bytes()).isEqualTo(F32 * (3 * 8 + 3 + 3 * 8));
        KernelInfo slice = only(() -> table.slice(0, 0, 10).neg());
        assertThat(slice.flops()).isEqualTo(80);
        assertThat(slice.bytes()).isEqualTo(F32 * (80 + 80));
    }

    @Test
    void bytesFollowTheDtype() {
        KernelInfo k = only(() -> normal(1, 100).cast(DType.F64));
        assertThat(k.bytes()).isEqualTo(4 * 100 + 8 * 100);
    }

    @Test
    void memoryIsArgumentsResultsAndWhatIsBorrowed() {
        Tensor x = normal(1, 50, 40);
        // The product has to be somewhere while it is multiplied again.
        Memory m = program(() -> x.matmul(normal(2, 40, 30)).matmul(normal(3, 30, 20)))
                .memory();
        assertThat(m).isEqualTo(new Memory(F32 * (2000 + 1200 + 600), F32 * 1000, F32 * 1500));
        assertThat(m.peak()).isEqualTo(F32 * (2000 + 1200 + 600 + 1000 + 1500));
    }

    private Program training() {
        return program(() -> {
            Variable w = Variable.of(normal(1, 64, 64));
            Variable v = Variable.of(normal(2, 64, 10));
            Tensor x = normal(3, 128, 64);
            Tensor h = x.matmul(w.value());
            Tensor normed = h.sub(h.mean(1).reshape(128, 1)).relu();
            Tensor loss = normed.matmul(v.value()).softmax(1).log().mean().neg();
            List<Tensor> g = Gradients.of(loss, List.of(w.value(), v.value()));
            return w.value()
                    .sub(g.get(0).mul(0.1))
                    .sum()
                    .add(v.value().sub(g.get(1).mul(0.1)).sum())
                    .add(loss);
        });
    }

    @Test
    void everyOperationHasAKernelThatComputesIt() {
        Program program = training();
        List<Integer> computed = new ArrayList<>();
        program.kernels().forEach(k -> computed.addAll(k.entries()));
        Graph graph = program.graph();
        assertThat(computed)
                .isSubsetOf(IntStream.range(0, graph.entries().size()).boxed().toList());
        assertThat(IntStream.range(0, graph.entries().size()).boxed())
                .filteredOn(i -> !graph.entries().get(i).isLeaf())
                .isSubsetOf(computed);
        assertThat(program.kernels())
                .allSatisfy(k -> assertThat(k.entries()).isNotEmpty().doesNotHaveDuplicates());
        for (KernelInfo k : program.kernels()) {
            boolean multiplies = k.entries().stream()
                    .anyMatch(i -> graph.entries().get(i).op().title().equals("matMul"));
            assertThat(k.name().startsWith("matMul")).isEqualTo(multiplies);
        }
    }

    @Test
    void tableHasEachKernelOnce() {
        Program program = training();
        List<String> lines = program.explain().lines().toList();
        int kernels = program.kernels().size();
        assertThat(lines.getFirst()).startsWith(kernels + " kernels for ");
        assertThat(lines.get(1)).contains("kernel", "shapes", "FLOPs", "bytes").doesNotContain("GFLOP/s");
        for (int i = 0; i < kernels; i++) {
            assertThat(lines.get(i + 2).strip()).startsWith(i + "  ");
            assertThat(lines.get(i + 2))
                    .contains(program.kernels().get(i).name().split(",")[0]);
        }
        assertThat(lines.get(kernels + 2)).contains("all");
        assertThat(lines.getLast()).startsWith("peak memory ").contains("arguments", "results", "temporaries");
        assertThat(lines).hasSize(kernels + 4);
    }

    @Test
    void referenceHasAKernelForEachOperation() {
        try (Device reference = Device.reference()) {
            reference.run(() -> {
                Program p = reference
                        .program(normal(1, 3, 5).matmul(normal(2, 5, 7)).exp())
                        .orElseThrow();
                assertThat(p.kernels()).extracting(KernelInfo::name).containsExactly("matMul", "exp");
                assertThat(p.kernels()).extracting(KernelInfo::flops).containsExactly(210L, 21L);
                assertThat(p.explain()).contains("matMul", "exp");
            });
        }
    }
}
