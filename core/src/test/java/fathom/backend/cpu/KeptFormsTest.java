package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
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
        return Tensor.of(values).reshape(shape);
    }

    private Operand operand() {
        return new Operand(weights.array(), weights, kept);
    }
}
