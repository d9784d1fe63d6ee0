package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.autodiff.Gradients;
import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class PooledRectifiersTest {
    private static final Shape IMAGES = Shape.of(2, 5, 6, 3);

    /// Values with ties, zeros of both signs and a NaN, so that first maxima and masks matter.
    private static Tensor images() {
        float[] x = new float[IMAGES.size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 7 % 5 - 2) * 0.5f;
        }
        x[4] = -0.0f;
        x[40] = Float.NaN;
        return Tensor.of(x, IMAGES.dims());
    }

    private static List<Tensor> pooledAndGradients(Window window) {
        Tensor x = images();
        Tensor bias = Tensor.of(0.25f, -0.5f, 0f);
        Tensor pooled = x.add(bias).relu().maxPool2d(window);
        Tensor weights = RandomStream.of(3).normal(pooled.shape()).evaluate();
        Tensor loss = pooled.isNaN().select(pooled.mul(0), pooled).mul(weights).sum();
        List<Tensor> slopes = Gradients.of(loss, List.of(x, bias));
        return List.of(pooled, slopes.get(0), slopes.get(1));
    }

    @Test
    void rectifiersBehindPoolingGiveTheSame() {
        for (Window window : List.of(Window.of(2, 2, 2, 0, 1), Window.of(3, 2, 1, 0, 1), Window.of(2, 3, 2, 1, 1))) {
            List<float[]> expected;
            List<float[]> actual;
            try (Device reference = Device.reference();
                    Device cpu = Device.cpu(2)) {
                expected = reference.call(() -> floats(window));
                actual = cpu.call(() -> floats(window));
            }
            assertThat(actual.get(0)).isEqualTo(expected.get(0));
            assertThat(actual.get(1)).containsExactly(expected.get(1), OFFSET);
            assertThat(actual.get(2)).containsExactly(expected.get(2), OFFSET);
        }
    }

    private static final org.assertj.core.data.Offset<Float> OFFSET = org.assertj.core.data.Offset.offset(1e-5f);

    private static List<float[]> floats(Window window) {
        return pooledAndGradients(window).stream().map(Tensor::toFloats).toList();
    }

    @Test
    void nothingIsRectifiedOrMaskedAtFullSize() {
        List<Tensor> wanted = pooledAndGradients(Window.of(2, 2, 2, 0, 1));
        Graph plain = Graph.of(wanted.stream().map(Tensor::node).toList()).graph();
        assertThat(fullSize(plain, BinaryOp.MAXIMUM)).isPositive();
        assertThat(fullSize(plain, BinaryOp.LESS)).isPositive();
        Graph simple = new PooledRectifiers().apply(plain);
        assertThat(fullSize(simple, BinaryOp.MAXIMUM)).isZero();
        assertThat(fullSize(simple, BinaryOp.LESS)).isZero();
    }

    @Test
    void paddedWindowsAreLeftAlone() {
        List<Tensor> wanted = pooledAndGradients(Window.of(3, 3, 2, 1, 1));
        Graph plain = Graph.of(wanted.stream().map(Tensor::node).toList()).graph();
        assertThat(new PooledRectifiers().apply(plain)).isSameAs(plain);
    }

    private static long fullSize(Graph graph, BinaryOp function) {
        return graph.entries().stream()
                .filter(e -> e.op().equals(new Op.Binary(function)) && e.shape().equals(IMAGES))
                .count();
    }
}
