package fathom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.autodiff.Gradients;
import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import fathom.tensor.TestDevice;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/// Random graphs on the CPU against the reference.
class RandomGraphTest {
    @Property(tries = 1000, seed = "7")
    void floats(
            @ForAll @Size(min = 1, max = 14) List<@IntRange(max = 1 << 24) Integer> numbers,
            @ForAll boolean special,
            @ForAll boolean together) {
        check(numbers, DType.F32, special, together);
    }

    @Property(tries = 600, seed = "8")
    void doubles(
            @ForAll @Size(min = 1, max = 14) List<@IntRange(max = 1 << 24) Integer> numbers,
            @ForAll boolean special,
            @ForAll boolean together) {
        check(numbers, DType.F64, special, together);
    }

    private static void check(List<Integer> numbers, DType dtype, boolean special, boolean together) {
        List<Traced> expected = build(TestDevice.REFERENCE, numbers, dtype, special, true);
        List<Traced> actual = build(TestDevice.CPU, numbers, dtype, special, together);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            compare(i, actual.get(i).tensor(), expected.get(i));
        }
    }

    /// @param together whether all are computed in one program, or one after the other, from the
    ///   last
    private static List<Traced> build(
            TestDevice device, List<Integer> numbers, DType dtype, boolean special, boolean together) {
        return device.call(() -> {
            List<Traced> built =
                    List.copyOf(RandomGraph.of(numbers, dtype, special, false).results());
            if (together) {
                Tensor.evaluateAll(built.stream().map(Traced::tensor).toArray(Tensor[]::new));
            } else {
                built.reversed().forEach(t -> t.tensor().evaluate());
            }
            return built;
        });
    }

    private static void compare(int number, Tensor actual, Traced expected) {
        Tensor e = expected.tensor();
        assertThat(actual.shape()).isEqualTo(e.shape());
        assertThat(actual.dtype()).isEqualTo(e.dtype());
        Buffer a = actual.buffer();
        for (int i = 0; i < e.size(); i++) {
            double x = a.getDouble(i);
            double y = e.buffer().getDouble(i);
            boolean same = Double.isFinite(y) ? Math.abs(x - y) <= expected.error() : Double.compare(x, y) == 0;
            assertThat(same)
                    .withFailMessage(
                            "tensor %d, element %d of %s: %s, expected %s within %s",
                            number, i, e.node(), x, y, expected.error())
                    .isTrue();
        }
    }

    /// Gradients of everything with respect to all leaves.
    @Property(tries = 400, seed = "9")
    void gradients(@ForAll @Size(min = 1, max = 12) List<@IntRange(max = 1 << 24) Integer> numbers) {
        List<double[]> expected = TestDevice.REFERENCE.call(() -> slopes(numbers));
        List<double[]> actual = TestDevice.CPU.call(() -> slopes(numbers));
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            double[] e = expected.get(i);
            double greatest = 1;
            for (double v : e) {
                greatest = Math.max(greatest, Math.abs(v));
            }
            for (int k = 0; k < e.length; k++) {
                assertThat(Close.near(actual.get(i)[k] / greatest, e[k] / greatest, 1e-9))
                        .withFailMessage("leaf %d, element %d: %s, expected %s", i, k, actual.get(i)[k], e[k])
                        .isTrue();
            }
        }
    }

    private static List<double[]> slopes(List<Integer> numbers) {
        RandomGraph graph = RandomGraph.of(numbers, DType.F64, false, true);
        Tensor loss = Tensor.of(new double[] {0}, 1).sum();
        for (Traced t : graph.results()) {
            loss = loss.add(t.tensor().tanh().sum());
        }
        List<double[]> out = new ArrayList<>();
        List<Tensor> found = new ArrayList<>();
        for (Tensor g : Gradients.ofUsed(loss, graph.leaves())) {
            if (g != null) {
                found.add(g);
            }
        }
        Tensor.evaluateAll(found.toArray(Tensor[]::new));
        found.forEach(g -> out.add(g.toDoubles()));
        return out;
    }
}
