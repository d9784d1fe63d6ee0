package fathom.io.onnx;

import static fathom.io.onnx.Message.text;
import static fathom.io.onnx.Message.whole;
import static fathom.io.onnx.Message.wholes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// Operators along time, on grids, of images, signals and transformers: values that follow from what
/// ONNX says of them, and derivatives.
class OnnxFamiliesTest {
    private static final Offset<Float> NEAR = within(1e-5f);

    private final Random random = new Random(3);

    private Tensor random(int... shape) {
        float[] all = new float[Shape.of(shape).size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) random.nextGaussian();
        }
        return Tensor.of(all, shape);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    /// Compares a derivative in a direction with a difference in F64.
    private void differentiable(UnaryOperator<Tensor> function, Tensor at) {
        Tensor x = at.cast(DType.F64);
        Tensor direction = random(x.shape().dims()).cast(DType.F64);
        Tensor weights = random(function.apply(x).shape().dims()).cast(DType.F64);
        UnaryOperator<Tensor> loss = t -> function.apply(t).mul(weights).sum();
        double slope = Gradients.of(loss.apply(x), x).mul(direction).sum().item();
        double step = 1e-6;
        double above = loss.apply(x.add(direction.mul(step))).item();
        double below = loss.apply(x.sub(direction.mul(step))).item();
        assertThat(slope).isCloseTo((above - below) / (2 * step), within(1e-6 * Math.max(1, Math.abs(slope))));
    }

    // ---- along time ----

    /// The equations of ONNX, step by step, for one sample.
    private static double[] gatedUnit(float[] x, float[] w, float[] r, int steps, int in, int hidden) {
        double[] h = new double[hidden];
        for (int t = 0; t < steps; t++) {
            double[] update = new double[hidden];
            double[] reset = new double[hidden];
            for (int k = 0; k < hidden; k++) {
                update[k] = sigmoid(row(x, t * in, w, k * in, in) + row(h, r, k * hidden));
                reset[k] = sigmoid(row(x, t * in, w, (hidden + k) * in, in) + row(h, r, (hidden + k) * hidden));
            }
            double[] fed = new double[hidden];
            for (int k = 0; k < hidden; k++) {
                fed[k] = reset[k] * h[k];
            }
            double[] next = new double[hidden];
            for (int k = 0; k < hidden; k++) {
                int gate = 2 * hidden + k;
                double candidate = Math.tanh(row(x, t * in, w, gate * in, in) + row(fed, r, gate * hidden));
                next[k] = (1 - update[k]) * candidate + update[k] * h[k];
            }
            h = next;
        }
        return h;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double row(float[] x, int from, float[] w, int at, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += (double) x[from + i] * w[at + i];
        }
        return sum;
    }

    private static double row(double[] x, float[] w, int at) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * w[at + i];
        }
        return sum;
    }

    @Test
    void aGatedUnitResetsWhatItFeedsBack() {
        Tensor x = random(6, 1, 3);
        Tensor w = random(1, 12, 3);
        Tensor r = random(1, 12, 4);
        List<Tensor> y = Graphs.run(14, "GRU", 2, List.of(x, w, r), whole("hidden_size", 4));
        double[] expected = gatedUnit(x.toFloats(), w.toFloats(), r.toFloats(), 6, 3, 4);
        float[] last = y.get(1).toFloats();
        for (int i = 0; i < 4; i++) {
            assertThat((double) last[i]).isCloseTo(expected[i], within(1e-5));
        }
        assertThat(y.get(0).at(0, 5).toFloats()).containsExactly(last);
    }

    @Test
    void recurrencesAreDifferentiable() {
        for (String operator : List.of("RNN", "GRU", "LSTM")) {
            int gates = operator.equals("LSTM") ? 4 : operator.equals("GRU") ? 3 : 1;
            Tensor x = random(4, 2, 3).cast(DType.F64);
            Tensor w = random(2, gates * 5, 3).cast(DType.F64);
            Tensor r = random(2, gates * 5, 5).cast(DType.F64);
            differentiable(
                    v -> Graphs.run(
                            14,
                            operator,
                            List.of(x, w, v),
                            whole("hidden_size", 5),
                            text("direction", "bidirectional")),
                    r);
        }
    }

    @Test
    void aLayoutWithSamplesFirstIsTheSameTransposed() {
        Tensor x = random(4, 2, 3);
        Tensor w = random(1, 20, 3);
        Tensor r = random(1, 20, 5);
        List<Tensor> y = Graphs.run(14, "LSTM", 3, List.of(x, w, r), whole("hidden_size", 5));
        List<Tensor> z = Graphs.run(
                14, "LSTM", 3, List.of(x.transpose(0, 1), w, r), whole("hidden_size", 5), whole("layout", 1));
        assertThat(z.get(0).toFloats())
                .containsExactly(y.get(0).permute(2, 0, 1, 3).toFloats());
        assertThat(z.get(2).toFloats()).containsExactly(y.get(2).transpose(0, 1).toFloats());
    }

    // ---- on grids ----

    @Test
    void numbersBecomeNarrowIntegersAndFloats() {
        Tensor x = Tensor.of(-20, 3.4f, 9, 2.5f);
        Tensor one = Tensor.scalar(1);
        assertThat(Graphs.run(21, "QuantizeLinear", List.of(x, one), whole("output_dtype", 22))
                        .toInts())
                .containsExactly(-8, 3, 7, 2);
        assertThat(Graphs.run(21, "QuantizeLinear", List.of(x, one), whole("output_dtype", 21))
                        .toInts())
                .containsExactly(0, 3, 9, 2);
        // Neighbours of 3.3 are 3.25 and 3.5; 448 is the greatest.
        Tensor y = Tensor.of(0.5f, 3.3f, 500, -3.3f);
        assertThat(Graphs.run(21, "QuantizeLinear", List.of(y, one), whole("output_dtype", 17))
                        .toFloats())
                .containsExactly(0.5f, 3.25f, 448, -3.25f);
    }

    @Test
    void whatIsZeroEverywhereIsQuantisedToZero() {
        List<Tensor> q = Graphs.run(11, "DynamicQuantizeLinear", 3, List.of(Tensor.zeros(3)));
        assertThat(q.get(0).toBytes()).containsExactly(0, 0, 0);
        assertThat(q.get(1).item()).isZero();
        assertThat(q.get(2).toBytes()).containsExactly(0);
    }

    // ---- images ----

    @Test
    void linesBecomeLongerAndShorter() {
        Tensor none = Tensor.of(new float[0]);
        Tensor line = Tensor.of(new float[] {1, 2}, 1, 1, 1, 2);
        Tensor longer = Graphs.run(13, "Resize", List.of(line, none, none, longs(1, 1, 1, 4)), text("mode", "linear"));
        assertThat(longer.toFloats()).containsExactly(1, 1.25f, 1.75f, 2);
        // The kernel is two elements wide to each side: weights 3/4 and 1/4, those outside go to the edge.
        Tensor four = Tensor.of(new float[] {1, 2, 3, 4}, 1, 1, 1, 4);
        Tensor shorter = Graphs.run(
                18,
                "Resize",
                List.of(four, none, none, longs(1, 1, 1, 2)),
                text("mode", "linear"),
                whole("antialias", 1));
        assertThat(shorter.toFloats()).containsExactly(new float[] {1.625f, 3.375f}, NEAR);
    }

    @Test
    void whatIsMadeOfImagesIsDifferentiable() {
        Tensor none = Tensor.of(new float[0]);
        Tensor sizes = longs(1, 2, 7, 3);
        Tensor images = random(1, 2, 4, 5);
        differentiable(v -> Graphs.run(13, "Resize", List.of(v, none, none, sizes), text("mode", "cubic")), images);
        Tensor grid = random(1, 3, 3, 2).mul(0.4).cast(DType.F64);
        differentiable(v -> Graphs.run(20, "GridSample", List.of(v, grid)), images);
        differentiable(v -> Graphs.run(20, "GridSample", List.of(images.cast(DType.F64), v)), grid);
        Tensor offsets = random(1, 8, 3, 4).mul(0.3).cast(DType.F64);
        Tensor weights = random(3, 2, 2, 2).cast(DType.F64);
        differentiable(
                v -> Graphs.run(19, "DeformConv", List.of(v, weights, offsets), wholes("kernel_shape", 2, 2)), images);
        differentiable(
                v -> Graphs.run(
                        19, "DeformConv", List.of(images.cast(DType.F64), weights, v), wholes("kernel_shape", 2, 2)),
                offsets);
    }

    @Test
    void blocksPutBackAddUpWhereTheyOverlap() {
        Tensor blocks = Tensor.ones(1, 4, 4);
        Tensor image = Graphs.run(18, "Col2Im", List.of(blocks, longs(3, 3), longs(2, 2)));
        assertThat(image.toFloats()).containsExactly(1, 2, 1, 2, 4, 2, 1, 2, 1);
    }

    // ---- signals ----

    @Test
    void whatTakesTooMuchRoomIsRefused() {
        Tensor size = Tensor.of(new long[] {1L << 40}, new int[0]);
        assertThatThrownBy(() -> Graphs.run(17, "HannWindow", List.of(size)))
                .hasMessageContaining("HannWindow")
                .hasMessageContaining("a table of 1099511627776 elements");
        Tensor none = Tensor.of(new float[0]);
        Tensor sizes = longs(1, 1, 1, 1 << 30);
        assertThatThrownBy(() -> Graphs.run(13, "Resize", List.of(Tensor.ones(1, 1, 1, 2), none, none, sizes)))
                .hasMessageContaining("a table of 1073741824 elements");
    }

    @Test
    void spectraOfAnyLength() {
        for (int n : new int[] {65, 97, 130, 512, 523}) {
            Tensor x = random(1, n, 2);
            float[] given = x.toFloats();
            float[] y = Graphs.run(20, "DFT", List.of(x)).toFloats();
            for (int k = 0; k < n; k += 7) {
                double re = 0;
                double im = 0;
                for (int i = 0; i < n; i++) {
                    double angle = -2 * Math.PI * ((long) i * k % n) / n;
                    re += given[2 * i] * Math.cos(angle) - given[2 * i + 1] * Math.sin(angle);
                    im += given[2 * i] * Math.sin(angle) + given[2 * i + 1] * Math.cos(angle);
                }
                assertThat((double) y[2 * k]).as("real part %s of %s", k, n).isCloseTo(re, within(1e-3));
                assertThat((double) y[2 * k + 1])
                        .as("imaginary part %s of %s", k, n)
                        .isCloseTo(im, within(1e-3));
            }
            Tensor back = Graphs.run(20, "DFT", List.of(Tensor.of(y, 1, n, 2)), whole("inverse", 1));
            assertThat(back.toFloats()).containsExactly(given, within(1e-5f));
        }
    }

    // ---- transformers ----

    @Test
    void aQueryThatKnowsNothingTakesTheMean() {
        Tensor values = random(1, 1, 3, 2);
        Tensor zeros = Tensor.zeros(1, 1, 3, 2);
        Tensor all = Graphs.run(23, "Attention", List.of(zeros, zeros, values));
        Tensor mean = values.mean(true, 2).broadcastTo(values.shape());
        assertThat(all.toFloats()).containsExactly(mean.toFloats(), NEAR);
        Tensor causal = Graphs.run(23, "Attention", List.of(zeros, zeros, values), whole("is_causal", 1));
        assertThat(causal.at(2, 0).toFloats()).containsExactly(values.at(2, 0).toFloats(), NEAR);
        assertThat(causal.at(2, 2).toFloats()).containsExactly(mean.at(2, 2).toFloats(), NEAR);
    }

    @Test
    void attentionIsDifferentiable() {
        Tensor keys = random(1, 2, 3, 4).cast(DType.F64);
        Tensor values = random(1, 2, 3, 4).cast(DType.F64);
        differentiable(
                v -> Graphs.run(23, "Attention", List.of(v, keys, values), whole("is_causal", 1)), random(1, 4, 3, 4));
    }
}
