package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.compile.simplify.Simplify;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class KeptFormsTest {
    private final KeptForms kept = new KeptForms(100);
    private final Buffer weights = Buffer.allocate(DType.F32, 8);

    @Test
    void keepsWhatWasWantedOftenInItsForm() {
        Object form = null;
        List<Boolean> made = new ArrayList<>();
        for (int call = 0; call < 8; call++) {
            boolean[] again = new boolean[1];
            form = operand().form("panels", DType.F32, 8, new Scratch(), _ -> again[0] = true);
            made.add(again[0]);
        }
        assertThat(made).containsExactly(true, true, true, true, false, false, false, false);
        assertThat(kept.find(weights, "panels")).isSameAs(form);
        assertThat(kept.find(weights, "transposed panels")).isNull();
        assertThat(kept.find(Buffer.allocate(DType.F32, 8), "panels")).isNull();
    }

    @Test
    void forgetsWhatWasMadeOfElementsThatWereReplaced() {
        for (int call = 0; call < 5; call++) {
            operand().form("panels", DType.F32, 8, new Scratch(), _ -> {});
        }
        assertThat(kept.find(weights, "panels")).isNotNull();
        weights.replaced();
        assertThat(kept.find(weights, "panels")).isNull();
    }

    @Test
    void takesNoMoreThanItsShareOfMemory() {
        for (int call = 0; call < 5; call++) {
            operand().form("first", DType.F32, 20, new Scratch(), _ -> {});
            operand().form("second", DType.F32, 20, new Scratch(), _ -> {});
        }
        assertThat(kept.find(weights, "first")).isNotNull();
        assertThat(kept.find(weights, "second")).isNull();
    }

    @Test
    void productsAndConvolutionsFollowTheirWeights() {
        Random random = new Random(1);
        Tensor rows = drawn(random, 5, 12);
        check(random, w -> rows.matmul(w), 12, 40);
        check(random, w -> rows.matmul(w.transpose()), 40, 12);
        Tensor images = drawn(random, 2, 24, 24, 8);
        check(random, w -> images.conv2d(w, 1, 1), 3, 3, 8, 16);
        check(random, w -> images.conv2d(w, 2, 1), 3, 3, 8, 16);
    }

    @Test
    void programsKeepFormsOfTheirArguments() {
        Random random = new Random(1);
        Tensor rows = drawn(random, 5, 12);
        Tensor weights = drawn(random, 12, 40);
        // Panels are whole vectors wide, so that they may be a little more than the weights.
        assertThat(keptBy(rows.matmul(weights), 8)).isBetween(4L * 12 * 40, 4L * 12 * 64);
        assertThat(keptBy(rows.matmul(weights), 3)).isZero();
        assertThat(keptBy(rows.matmul(weights.mul(2)), 8)).isZero();
        Tensor images = drawn(random, 2, 24, 24, 8);
        assertThat(keptBy(images.conv2d(drawn(random, 3, 3, 8, 16), 1, 1), 8)).isPositive();
        assertThat(keptBy(images.conv2d(drawn(random, 3, 3, 8, 16), 2, 1), 8)).isPositive();
    }

    /// How many bytes are kept after so many runs of the program that computes a tensor.
    private static long keptBy(Tensor result, int runs) {
        KeptForms kept = new KeptForms(1_000_000);
        int bits = VectorSupport.preferredBits();
        LoopCompiler compiler = new LoopCompiler(bits);
        Graph.Call call = Graph.of(List.of(result.node()));
        List<Buffer> leaves = call.leaves().stream().map(Node::value).toList();
        try (WorkerPool pool = new WorkerPool(1)) {
            Kernels kernels = new Kernels(pool, compiler, bits, true);
            CpuProgram program = new Lowering(Simplify.graph(call.graph()), compiler, kernels)
                    .program(new ArrayPool(1_000_000), pool, kept);
            for (int run = 0; run < runs; run++) {
                program.run(leaves, call.scalars(), Collections.singletonList(null));
            }
        }
        return kept.bytes();
    }

    /// Many calls give the same bits, whether the weights are the same as in the call before or not.
    private static void check(Random random, UnaryOperator<Tensor> function, int... shape) {
        Tensor first = drawn(random, shape);
        Tensor second = drawn(random, shape);
        try (Device device = Device.cpu(2)) {
            device.run(() -> {
                float[] one = function.apply(first.add(0)).toFloats();
                float[] other = function.apply(second.add(0)).toFloats();
                assertThat(other).isNotEqualTo(one);
                Variable weights = Variable.of(first);
                for (int turn = 0; turn < 3; turn++) {
                    for (int call = 0; call < 7; call++) {
                        assertThat(function.apply(weights.value()).toFloats()).isEqualTo(turn % 2 == 0 ? one : other);
                    }
                    weights.set(turn % 2 == 0 ? second : first);
                }
            });
        }
    }

    private static Tensor drawn(Random random, int... shape) {
        int size = 1;
        for (int d : shape) {
            size *= d;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, shape);
    }

    private Operand operand() {
        return new Operand(weights.array(), weights, kept);
    }
}
