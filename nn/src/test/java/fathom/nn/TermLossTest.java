package fathom.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TermLossTest {
    private static Tensor f64(double... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor labels(int... labels) {
        return Tensor.of(labels, labels.length);
    }

    private static void refused(Runnable what, String message) {
        assertThatIllegalArgumentException().isThrownBy(what::run).withMessageContaining(message);
    }

    @Test
    void termsAreReducedInEveryWay() {
        Tensor p = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor t = Tensor.of(new double[6], 3, 2);
        Terms terms = Loss.meanSquaredError().terms(p, t);
        assertThat(terms.values().toDoubles()).containsExactly(1, 4, 9, 16, 25, 36);
        assertThat(terms.sum().item()).isEqualTo(91);
        assertThat(terms.mean().item()).isCloseTo(91 / 6.0, within(1e-12));
        assertThat(Loss.meanSquaredError().sum().of(p, t).item()).isEqualTo(91);
        Terms weighted = terms.weighted(f64(2, 0, 1));
        assertThat(weighted.sum().item()).isEqualTo(10 + 61);
        assertThat(weighted.mean().item()).isCloseTo(71 / 6.0, within(1e-12));
        Terms twice = weighted.weighted(Tensor.of(new boolean[] {true, false, true, true, false, true}, 3, 2));
        assertThat(twice.sum().item()).isEqualTo(2 + 36);
        assertThat(twice.mean().item()).isCloseTo(38 / 3.0, within(1e-12));
        assertThat(terms.weighted(f64(0, 0, 0)).mean().item()).isNaN();
        refused(() -> terms.weighted(f64(1, 2)), "weights F64[2] for terms F64[3, 2], expected their leading axes");
    }

    /// Divided by what the mean is divided by without them.
    @Test
    void weightsOfSamplesAreNotDividedBy() {
        Tensor p = Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Tensor t = Tensor.of(new double[6], 3, 2);
        Tensor weights = f64(2, 0, 1);
        assertThat(Loss.meanSquaredError().of(p, t, weights).item()).isCloseTo((10 + 61) / 6.0, within(1e-12));
        Tensor logits = Tensor.of(new double[] {1, 2, 0.5, -1, 0, 3}, 3, 2);
        Tensor labels = labels(0, 1, 1);
        CrossEntropy loss = Loss.crossEntropy().weighing(3, 0.5);
        double[] each = Loss.crossEntropy().terms(logits, labels).values().toDoubles();
        assertThat(loss.of(logits, labels, weights).item())
                .isCloseTo((2 * 3 * each[0] + 0.5 * each[2]) / (3 + 0.5 + 0.5), within(1e-12));
        assertThat(loss.ignoring(0).of(logits, labels, weights).item()).isCloseTo(0.5 * each[2], within(1e-12));
        refused(() -> loss.of(logits, labels, f64(1, 2)), "weights F64[2] for terms F64[3]");
    }

    @Test
    void balancingWeighsClassesByTheInverseOfTheirFrequency() {
        int[] labels = {0, 1, 1, 1, 2, 1, 1, 2, 1, 1};
        CrossEntropy loss = Loss.crossEntropy().balancing(labels, 3);
        assertThat(loss.classWeights()).containsExactly(10 / 3.0, 10 / 21.0, 10 / 6.0);
        // All classes together weigh the same, and all labels as much as without weights.
        double sum = 0;
        for (int label : labels) {
            sum += loss.classWeights().get(label);
        }
        assertThat(sum).isCloseTo(10, within(1e-12));
        assertThat(Loss.crossEntropy().balancing(new int[] {1, 0}, 2).classWeights())
                .containsExactly(1.0, 1.0);
        refused(
                () -> Loss.crossEntropy().balancing(labels, 4),
                "crossEntropy: no label of class 3 of 4, expected some of each");
        refused(() -> Loss.crossEntropy().balancing(labels, 2), "crossEntropy: label 2, expected 0 to 1");
    }

    @Test
    void whatIsMaskedMayBeInfinite() {
        Tensor x = f64(1, Double.POSITIVE_INFINITY);
        Terms terms = Loss.meanAbsoluteError().terms(x, f64(0, 0)).weighted(Tensor.of(new boolean[] {true, false}, 2));
        assertThat(terms.mean().item()).isEqualTo(1);
        assertThat(Gradients.of(terms.mean(), x).toDoubles()).containsExactly(1, 0);
    }

    @Test
    void crossEntropyRefusesWhatDoesNotFit() {
        Tensor logits = Tensor.of(new double[6], 2, 3);
        CrossEntropy loss = Loss.crossEntropy();
        refused(() -> loss.weighing(1, 2).of(logits, labels(0, 1)), "[1.0, 2.0] class weights for logits F64[2, 3]");
        refused(() -> loss.weighing(1, -2, 1), "class weight -2.0, expected 0 or more");
        refused(() -> loss.ignoring(-1).of(logits, labels(-1, 3)), "label 3 at position 1, expected 0 to 2");
        refused(() -> loss.of(logits, labels(-1, 2)), "label -1 at position 0, expected 0 to 2");
        assertThat(loss.ignoring(-1).of(logits, labels(-1, 2)).item()).isCloseTo(Math.log(3), within(1e-12));
        assertThat(loss.ignoring(-1).of(logits, labels(-1, -1)).item()).isNaN();
    }

    @Test
    void otherLossesRefuseWhatDoesNotFit() {
        Tensor two = f64(1, 2);
        Tensor three = f64(1, 2, 3);
        for (TermLoss loss : new TermLoss[] {
            Loss.logCosh(),
            Loss.focal(),
            Loss.hinge(),
            Loss.squaredHinge(),
            Loss.kullbackLeibler(),
            Loss.poissonNegativeLogLikelihood(),
            Loss.dice()
        }) {
            refused(() -> loss.terms(two, three), "predictions F64[2] and targets F64[3], expected equal shapes");
        }
        refused(() -> Loss.dice().of(two, two), "dice: probabilities F64[2], expected [N, ..., C]");
        refused(() -> Loss.gaussianNegativeLogLikelihood().of(two, two), "means and variances [..., 2 * D]");
        refused(() -> Loss.binaryCrossEntropy(1, 2, 3).of(two, two), "3 positive weights for logits F64[2]");
        refused(() -> Loss.binaryCrossEntropy(-1), "positive weight -1.0, expected 0 or more");
        refused(() -> Loss.focal(-1, 0.5), "focal: gamma -1.0");
        refused(() -> Loss.focal(1, 2), "focal: alpha 2.0, expected 0 to 1");
        refused(() -> Loss.dice(-1), "dice: smoothing -1.0");
        refused(() -> Loss.crossEntropy(Double.NaN), "label smoothing NaN");
    }

    @Test
    void embeddingLossesRefuseWhatDoesNotFit() {
        Tensor x = Tensor.of(new double[6], 2, 3);
        Tensor y = Tensor.of(new double[6], 3, 2);
        refused(() -> EmbeddingLosses.infoNce(x, y, 0.1), "embeddings F64[2, 3] and F64[3, 2], expected both [N, D]");
        refused(() -> EmbeddingLosses.infoNce(x, x, 0), "infoNce: temperature 0.0");
        refused(() -> EmbeddingLosses.ntXent(x, x, -1), "ntXent: temperature -1.0");
        refused(() -> EmbeddingLosses.tripletMargin(x, x, y, 1), "tripletMargin: embeddings");
        refused(() -> EmbeddingLosses.tripletMargin(x, x, x, 0), "tripletMargin: margin 0.0");
        refused(
                () -> EmbeddingLosses.contrastive(x, x, labels(1), 1),
                "targets I32[1] for pairs F64[2, 3], expected [N]");
        refused(() -> EmbeddingLosses.cosineEmbedding(x, x, labels(1, 1), 2), "margin 2.0, expected -1 to 1");
    }

    @Test
    void logCoshIsExactNearZeroAndFiniteFarFromIt() {
        Tensor x = Tensor.of(1e-4f, -3e-3f, 0.5f, -0.999f, 1f, 200f, -1e30f, 0f);
        float[] values = Loss.logCosh().terms(x, Tensor.zeros(8)).values().toFloats();
        for (int i = 0; i < 8; i++) {
            double d = x.toFloats()[i];
            double expected = Math.abs(d) < 0.01
                    ? d * d / 2 - d * d * d * d / 12
                    : Math.abs(d) > 100 ? Math.abs(d) - Math.log(2) : Math.log(Math.cosh(d));
            assertThat((double) values[i]).isCloseTo(expected, within(1e-6 * Math.abs(expected)));
        }
        float[] gradient =
                Gradients.of(Loss.logCosh().sum().of(x, Tensor.zeros(8)), x).toFloats();
        for (int i = 0; i < 8; i++) {
            double expected = Math.tanh(x.toFloats()[i]);
            assertThat((double) gradient[i]).isCloseTo(expected, within(1e-6 * Math.abs(expected)));
        }
    }

    @Test
    void focalStaysFiniteForHugeLogits() {
        Tensor x = f64(-800, 800, -800, 800);
        Tensor loss = Loss.focal(0.5, 0.25).sum().of(x, f64(1, 1, 0, 0));
        assertThat(loss.item()).isCloseTo(0.25 * 800 + 0.75 * 800, within(1e-9));
        assertThat(Gradients.of(loss, x).toDoubles()).containsExactly(new double[] {-0.25, 0, 0, 0.75}, within(1e-9));
    }

    /// The sum over all ways to name a class at each time.
    private static double byEnumeration(double[][] probabilities, int[] labels) {
        int t = probabilities.length;
        int classes = probabilities[0].length;
        double total = 0;
        for (int path = 0; path < Math.pow(classes, t); path++) {
            StringBuilder collapsed = new StringBuilder();
            double p = 1;
            int last = 0;
            int rest = path;
            for (int i = 0; i < t; i++) {
                int c = rest % classes;
                rest /= classes;
                p *= probabilities[i][c];
                if (c != 0 && c != last) {
                    collapsed.append(c);
                }
                last = c;
            }
            StringBuilder wanted = new StringBuilder();
            for (int label : labels) {
                wanted.append(label);
            }
            total += collapsed.compareTo(wanted) == 0 ? p : 0;
        }
        return -Math.log(total);
    }

    @Test
    void ctcIsTheSumOverAllPaths() {
        Tensor logits =
                RandomStream.of(3).normal(Shape.of(1, 5, 3)).cast(DType.F64).evaluate();
        double[] flat = logits.softmax(-1).toDoubles();
        double[][] p = new double[5][3];
        for (int i = 0; i < 15; i++) {
            p[i / 3][i % 3] = flat[i];
        }
        for (int[] each : new int[][] {{1}, {1, 2}, {1, 1}, {2, 1, 2}, {1, 1, 2}, {1, 2, 1, 2, 1}}) {
            int[] padded = Arrays.copyOf(each, 5);
            assertThat(Loss.ctc().of(logits, Tensor.of(padded, 1, 5)).item())
                    .isCloseTo(byEnumeration(p, each), within(1e-12));
        }
    }

    @Test
    void theBestPathSaysEachLabelOnceForEachRun() {
        int[] path = {0, 2, 2, 0, 2, 1, 1, 0, 0, 0, 0, 0, 3, 3, 3, 1, 3, 3};
        Tensor scores = Tensor.of(path, 3, 6).oneHot(4, DType.F32);
        assertThat(Loss.ctc().bestPath(scores)).containsExactly(List.of(2, 2, 1), List.of(1), List.of(3, 1, 3));
        assertThat(new Ctc(3).bestPath(scores)).containsExactly(List.of(0, 2, 0, 2, 1), List.of(1, 0), List.of(1));
        assertThat(Loss.ctc().bestPath(Tensor.zeros(0, 5, 3))).isEmpty();
        refused(() -> Loss.ctc().bestPath(Tensor.zeros(2, 3)), "expected logits [N, T, C]");
    }

    @Test
    void ctcOfLabelsThatDoNotFitIsInfiniteWithoutAGradient() {
        Tensor logits =
                RandomStream.of(3).normal(Shape.of(2, 3, 3)).cast(DType.F64).evaluate();
        Tensor labels = Tensor.of(new int[] {1, 1, 2, 1, 2, 0}, 2, 3);
        Terms terms = Loss.ctc().terms(logits, labels);
        double[] values = terms.values().toDoubles();
        assertThat(values[0]).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(values[1]).isFinite();
        double[] gradient = Gradients.of(terms.sum(), logits).toDoubles();
        for (int i = 0; i < 18; i++) {
            assertThat(gradient[i]).isFinite();
            assertThat(gradient[i] == 0).isEqualTo(i < 9);
        }
    }

    @Test
    void ctcOfManyTimesHasTheGradientOfDoublePrecisionInSingle() {
        Tensor single = RandomStream.of(4).normal(Shape.of(33, 60, 6)).mul(5).evaluate();
        Tensor whole = single.cast(DType.F64).evaluate();
        int[] flat = new int[33 * 9];
        Arrays.setAll(flat, i -> 1 + i * i % 5);
        Tensor labels = Tensor.of(flat, 33, 9);
        float[] actual =
                Gradients.of(Loss.ctc().sum().of(single, labels), single).toFloats();
        double[] expected =
                Gradients.of(Loss.ctc().sum().of(whole, labels), whole).toDoubles();
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-4 * Math.abs(expected[i]) + 1e-5));
        }
    }

    @Test
    void ctcRefusesWhatDoesNotFit() {
        Tensor logits = Tensor.zeros(2, 3, 4);
        Tensor labels = Tensor.of(new int[] {1, 1, 2, 0}, 2, 2);
        refused(() -> Loss.ctc().of(logits, labels(1, 2)), "expected logits [N, T, C] and I32 or I64 labels [N, S]");
        refused(() -> new Ctc(4).of(logits, labels), "blank 4 for logits F32[2, 3, 4], expected less than C");
        refused(() -> new Ctc(-1), "blank -1, expected 0 or more");
        refused(() -> Loss.ctc().of(logits, labels.add(3).evaluate()), "ctc: label 4 at position 0, expected 0 to 3");
        Ctc ctc = Loss.ctc();
        refused(
                () -> ctc.terms(logits, labels, labels(3, 4), labels(1, 1)),
                "ctc: time 4 at position 1, expected 0 to 3");
        refused(() -> ctc.terms(logits, labels, labels(3, 3), labels(3, 1)), "ctc: length 3 at position 0");
        refused(() -> ctc.terms(logits, labels, labels(3), labels(1, 1)), "ctc: times I32[1] for logits F32[2, 3, 4]");
    }
}
