package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Sgd;
import fathom.nn.train.ConfusionMatrix.Average;
import fathom.nn.train.MeanAveragePrecision.Detection;
import fathom.nn.train.MeanAveragePrecision.Truth;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Measures that keep more than a sum, against examples done by hand and the definitions written out.
class AccumulatorTest {
    private static final int SAMPLES = 331;

    private static void refused(Runnable what, String message) {
        assertThatIllegalArgumentException().isThrownBy(what::run).withMessageContaining(message);
    }

    private static void empty(Runnable what, String message) {
        assertThatIllegalStateException().isThrownBy(what::run).withMessageContaining(message);
    }

    private static Tensor doubles(double... values) {
        return Tensor.of(values, values.length);
    }

    private static Tensor ints(int... values) {
        return Tensor.of(values, values.length);
    }

    /// That parts accumulated apart, one of them empty, give what the whole does.
    private static <A extends Accumulator<A>> void mergesAsTheWhole(
            Supplier<A> start, ToDoubleFunction<A> value, Tensor prediction, Tensor target) {
        A whole = start.get();
        whole.add(prediction, target);
        A first = start.get();
        A second = start.get();
        A nothing = start.get();
        int n = target.dim(0);
        int[] cuts = {0, 1, n / 3, n / 3 + 1, n};
        for (int i = 0; i + 1 < cuts.length; i++) {
            A to = i < 2 ? first : second;
            to.add(prediction.slice(0, cuts[i], cuts[i + 1]), target.slice(0, cuts[i], cuts[i + 1]));
        }
        first.merge(nothing);
        first.merge(second);
        nothing.merge(first);
        double expected = value.applyAsDouble(whole);
        assertThat(value.applyAsDouble(first)).isCloseTo(expected, within(1e-12));
        assertThat(value.applyAsDouble(nothing)).isCloseTo(expected, within(1e-12));
    }

    // ---- scores ----

    @Test
    void areasByHand() {
        BinaryScores scores = new BinaryScores();
        scores.add(doubles(0.1, 0.4, 0.35, 0.8), ints(0, 0, 1, 1));
        assertThat(scores.rocAuc()).isEqualTo(0.75);
        assertThat(scores.averagePrecision()).isCloseTo(0.5 * 1 + 0.5 * 2 / 3, within(1e-15));
        BinaryScores tied = new BinaryScores();
        tied.add(doubles(1, 1, 1, 1), doubles(1, 0, 0, 0));
        assertThat(tied.rocAuc()).isEqualTo(0.5);
        assertThat(tied.averagePrecision()).isEqualTo(0.25);
    }

    @Test
    void areasAreWhatTheirDefinitionsSay() {
        Random random = new Random(1);
        // Few different scores, so that there are many ties.
        double[] scores =
                random.doubles(SAMPLES).map(x -> Math.floor(20 * x) / 20 - 0.5).toArray();
        int[] labels = IntStream.range(0, SAMPLES)
                .map(i -> random.nextDouble() < 0.3 + 0.4 * scores[i] ? 1 : 0)
                .toArray();
        double wins = 0;
        long positives = Arrays.stream(labels).sum();
        for (int i = 0; i < SAMPLES; i++) {
            for (int j = 0; j < SAMPLES; j++) {
                if (labels[i] == 1 && labels[j] == 0) {
                    wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        double precisions = 0;
        for (double threshold : Arrays.stream(scores).distinct().toArray()) {
            int above = 0;
            int hits = 0;
            int added = 0;
            for (int i = 0; i < SAMPLES; i++) {
                above += scores[i] >= threshold ? 1 : 0;
                hits += scores[i] >= threshold ? labels[i] : 0;
                added += scores[i] == threshold ? labels[i] : 0;
            }
            precisions += (double) added / positives * hits / above;
        }
        BinaryScores all = new BinaryScores();
        all.add(doubles(scores), ints(labels));
        assertThat(all.rocAuc()).isCloseTo(wins / (positives * (SAMPLES - positives)), within(1e-12));
        assertThat(all.averagePrecision()).isCloseTo(precisions, within(1e-12));
        mergesAsTheWhole(BinaryScores::new, BinaryScores::rocAuc, doubles(scores), ints(labels));
        mergesAsTheWhole(BinaryScores::new, BinaryScores::averagePrecision, doubles(scores), ints(labels));
    }

    @Test
    void areasOfOneClassAreNoNumbers() {
        BinaryScores scores = new BinaryScores();
        scores.add(doubles(1, 2), ints(0, 0));
        assertThat(scores.rocAuc()).isNaN();
        assertThat(scores.averagePrecision()).isNaN();
        empty(() -> new BinaryScores().rocAuc(), "binary scores: no samples");
        empty(() -> new BinaryScores().averagePrecision(), "binary scores: no samples");
        refused(() -> scores.add(doubles(1), ints(0, 1)), "predictions F64[1] and targets I32[2], expected equal");
        refused(() -> scores.add(doubles(1, Double.NaN), ints(0, 1)), "NaN at position 1");
    }

    // ---- classes ----

    @Test
    void averagesOfClassesByHand() {
        // Rows are true classes: 0 has 2 of 3 right, 1 has 0 of 1, 2 has 2 of 2.
        ConfusionMatrix m = ConfusionMatrix.of(3);
        m.add(ints(0, 0, 1, 2, 2, 2), ints(0, 0, 0, 1, 2, 2));
        assertThat(m.precision(Average.MACRO)).isCloseTo((1 + 0 + 2.0 / 3) / 3, within(1e-15));
        assertThat(m.precision(Average.WEIGHTED)).isCloseTo((3 * 1 + 0 + 2 * 2.0 / 3) / 6, within(1e-15));
        assertThat(m.recall(Average.MACRO)).isCloseTo((2.0 / 3 + 0 + 1) / 3, within(1e-15));
        assertThat(m.recall(Average.WEIGHTED)).isCloseTo(4.0 / 6, within(1e-15));
        assertThat(m.f1(Average.MACRO)).isCloseTo((0.8 + 0 + 0.8) / 3, within(1e-15));
        assertThat(m.f1(Average.MACRO)).isEqualTo(m.macroF1());
        for (double micro : new double[] {m.precision(Average.MICRO), m.recall(Average.MICRO), m.f1(Average.MICRO)}) {
            assertThat(micro).isCloseTo(4.0 / 6, within(1e-15));
        }
        assertThat(m.intersectionOverUnion(0)).isCloseTo(2.0 / 3, within(1e-15));
        assertThat(m.meanIntersectionOverUnion()).isCloseTo((2.0 / 3 + 0 + 2.0 / 3) / 3, within(1e-15));
        // Chance: (3 * 2 + 1 * 1 + 2 * 3) / 36.
        assertThat(m.kappa()).isCloseTo((4.0 / 6 - 13.0 / 36) / (1 - 13.0 / 36), within(1e-15));
    }

    @Test
    void matthewsIsTheCorrelationOfTwoClasses() {
        Random random = new Random(2);
        int[] actual = random.ints(SAMPLES, 0, 2).toArray();
        int[] predicted = Arrays.stream(actual)
                .map(a -> random.nextInt(3) == 0 ? 1 - a : a)
                .toArray();
        double ma = Arrays.stream(actual).average().orElseThrow();
        double mp = Arrays.stream(predicted).average().orElseThrow();
        double both = 0;
        double squaresA = 0;
        double squaresP = 0;
        for (int i = 0; i < SAMPLES; i++) {
            both += (actual[i] - ma) * (predicted[i] - mp);
            squaresA += (actual[i] - ma) * (actual[i] - ma);
            squaresP += (predicted[i] - mp) * (predicted[i] - mp);
        }
        ConfusionMatrix m = ConfusionMatrix.of(2);
        m.add(ints(predicted), ints(actual));
        assertThat(m.matthews()).isCloseTo(both / Math.sqrt(squaresA * squaresP), within(1e-12));
    }

    @Test
    void matthewsOfThreeClassesCorrelatesTheirIndicators() {
        Random random = new Random(3);
        int[] actual = random.ints(SAMPLES, 0, 3).toArray();
        int[] predicted = Arrays.stream(actual)
                .map(a -> random.nextBoolean() ? random.nextInt(3) : a)
                .toArray();
        double ap = 0;
        double aa = 0;
        double pp = 0;
        for (int k = 0; k < 3; k++) {
            int c = k;
            double ma = Arrays.stream(actual).map(a -> a == c ? 1 : 0).average().orElseThrow();
            double mp =
                    Arrays.stream(predicted).map(a -> a == c ? 1 : 0).average().orElseThrow();
            for (int i = 0; i < SAMPLES; i++) {
                double a = (actual[i] == c ? 1 : 0) - ma;
                double p = (predicted[i] == c ? 1 : 0) - mp;
                ap += a * p;
                aa += a * a;
                pp += p * p;
            }
        }
        ConfusionMatrix m = ConfusionMatrix.of(3);
        m.add(ints(predicted), ints(actual));
        assertThat(m.matthews()).isCloseTo(ap / Math.sqrt(aa * pp), within(1e-12));
        mergesAsTheWhole(() -> ConfusionMatrix.of(3), ConfusionMatrix::matthews, ints(predicted), ints(actual));
        mergesAsTheWhole(() -> ConfusionMatrix.of(3), ConfusionMatrix::kappa, ints(predicted), ints(actual));
        mergesAsTheWhole(() -> ConfusionMatrix.of(3), m2 -> m2.f1(Average.WEIGHTED), ints(predicted), ints(actual));
    }

    @Test
    void oneClassAloneSaysNothing() {
        ConfusionMatrix m = ConfusionMatrix.of(2);
        m.add(ints(1, 1, 1), ints(1, 1, 1));
        assertThat(m.accuracy()).isEqualTo(1);
        assertThat(m.matthews()).isZero();
        assertThat(m.kappa()).isNaN();
        assertThat(m.meanIntersectionOverUnion()).isEqualTo(1);
        ConfusionMatrix none = ConfusionMatrix.of(2);
        for (Average how : Average.values()) {
            empty(() -> none.f1(how), "confusion matrix: no samples");
        }
        empty(none::matthews, "confusion matrix: no samples");
        empty(none::kappa, "confusion matrix: no samples");
        empty(none::meanIntersectionOverUnion, "confusion matrix: no samples");
        refused(() -> none.merge(ConfusionMatrix.of(3)), "3 classes merged into 2");
    }

    @Test
    void calibrationErrorByHand() {
        double[] sure = {0.95, 0.91, 0.65, 0.62, 0.55};
        int[] labels = {0, 1, 0, 0, 1};
        double[] logs = Arrays.stream(sure)
                .flatMap(p -> Arrays.stream(new double[] {Math.log(p), Math.log(1 - p)}))
                .toArray();
        Tensor logits = Tensor.of(logs, 5, 2);
        CalibrationError e = CalibrationError.of(10);
        e.add(logits, ints(labels));
        double expected = Math.abs(1 - 0.95 - 0.91) + Math.abs(2 - 0.65 - 0.62) + 0.55;
        assertThat(e.value()).isCloseTo(expected / 5, within(1e-12));
        mergesAsTheWhole(() -> CalibrationError.of(10), CalibrationError::value, logits, ints(labels));
        empty(() -> CalibrationError.of(3).value(), "calibration error: no samples");
        refused(() -> CalibrationError.of(0), "bins 0, expected at least 1");
        refused(() -> e.merge(CalibrationError.of(3)), "3 bins merged into 10");
        refused(() -> e.add(logits, ints(1, 0)), "predictions F64[5, 2] and targets I32[2]");
    }

    // ---- numbers ----

    @Test
    void rSquaredIsTheExplainedPartOfTheVariance() {
        Random random = new Random(4);
        // Far from 0, where sums of squares would cancel.
        double[] actual = random.doubles(SAMPLES).map(x -> 1e6 + x).toArray();
        double[] predicted =
                Arrays.stream(actual).map(a -> a + 0.1 * random.nextGaussian()).toArray();
        double mean = Arrays.stream(actual).average().orElseThrow();
        double squares = Arrays.stream(actual).map(a -> (a - mean) * (a - mean)).sum();
        double residuals = IntStream.range(0, SAMPLES)
                .mapToDouble(i -> (actual[i] - predicted[i]) * (actual[i] - predicted[i]))
                .sum();
        RSquared r = new RSquared();
        r.add(doubles(predicted), doubles(actual));
        assertThat(r.value()).isCloseTo(1 - residuals / squares, within(1e-8));
        mergesAsTheWhole(
                RSquared::new,
                RSquared::value,
                doubles(predicted).sub(1e6).evaluate(),
                doubles(actual).sub(1e6).evaluate());
        RSquared constant = new RSquared();
        constant.add(doubles(1, 2), doubles(3, 3));
        assertThat(constant.value()).isNaN();
        empty(() -> new RSquared().value(), "rSquared: no samples");
        refused(() -> constant.add(doubles(1), doubles(1, 2)), "expected equal shapes");
    }

    @Test
    void measuresOfAStepAreFinishedAfterTheMean() {
        Samples data = Samples.spirals(20, 16).inOrder();
        Tensor logits = Tensor.of(new double[] {0, Math.log(3), 0, 0, Math.log(7), 0}, 3, 2);
        Tensor labels = ints(1, 0, 1);
        double nll = Math.log(4.0 / 3) + Math.log(2) + Math.log(8);
        assertThat(Metric.logLoss().total(logits, labels).item()).isCloseTo(nll, within(1e-12));
        assertThat(Metric.perplexity(0).total(logits, labels).item()).isCloseTo(nll - Math.log(2), within(1e-12));
        assertThat(Metric.perplexity(0).count(logits, labels)).isEqualTo(2);
        assertThat(Metric.perplexity().count(logits, labels)).isEqualTo(3);
        assertThat(Metric.perplexity().finish(Math.log(5))).isCloseTo(5, within(1e-12));
        Tensor p = doubles(1, 2, 4);
        Tensor t = doubles(2, 2, -2);
        assertThat(Metric.meanSquaredError().total(p, t).item()).isEqualTo(37);
        assertThat(Metric.meanSquaredError().finish(4)).isEqualTo(4);
        assertThat(Metric.rootMeanSquaredError().finish(4)).isEqualTo(2);
        assertThat(Metric.meanAbsolutePercentageError().total(p, t).item()).isCloseTo(350, within(1e-9));
        assertThat(Metric.binaryLogLoss().total(doubles(0, 0), doubles(1, 0)).item())
                .isCloseTo(2 * Math.log(2), within(1e-12));
        Evaluation e = Trainer.of(Sequential.of(linear(2)))
                .loss(Loss.crossEntropy())
                .metrics(Metric.logLoss(), Metric.perplexity())
                .evaluate(data);
        assertThat(e.get("logLoss")).isCloseTo(e.loss(), within(1e-6));
        assertThat(e.get("perplexity")).isCloseTo(Math.exp(e.loss()), within(1e-5));
    }

    @Test
    void trainersTakeMeasuresOfBothKinds() {
        Samples data = Samples.spirals(20, 16).inOrder();
        Trainer trainer = Trainer.of(Sequential.of(linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Sgd.of(0.1))
                .metrics(
                        Metric.accuracy(),
                        StreamingMetric.macroF1(2),
                        StreamingMetric.of("kappa", () -> ConfusionMatrix.of(2), ConfusionMatrix::kappa),
                        StreamingMetric.calibrationError())
                .validation(data)
                .progress(false)
                .build(Shape.of(2));
        ConfusionMatrix matrix = ConfusionMatrix.of(2);
        Evaluation e = trainer.evaluate(data, (prediction, batch) -> matrix.add(prediction, batch.y()));
        assertThat(e.values().keySet()).containsExactly("loss", "accuracy", "macroF1", "kappa", "calibrationError");
        assertThat(e.get("macroF1")).isEqualTo(matrix.macroF1());
        assertThat(e.get("kappa")).isEqualTo(matrix.kappa());
        History history = trainer.fit(data, Epochs.of(2));
        assertThat(history.epochs().getFirst().training()).containsOnlyKeys("loss", "accuracy");
        assertThat(history.validation("macroF1")[1])
                .isEqualTo(trainer.evaluate(data).get("macroF1"));
        refused(
                () -> trainer.metrics(StreamingMetric.rocAuc(), StreamingMetric.rocAuc()),
                "a second rocAuc, expected different names");
    }

    @Test
    void namedMeasuresReadTheirAccumulators() {
        Tensor scores = doubles(0.1, 0.4, 0.35, 0.8);
        Tensor labels = ints(0, 0, 1, 1);
        assertThat(measured(StreamingMetric.rocAuc(), scores, labels)).isEqualTo(0.75);
        assertThat(measured(StreamingMetric.averagePrecision(), scores, labels)).isCloseTo(5.0 / 6, within(1e-15));
        assertThat(measured(StreamingMetric.rSquared(), doubles(1, 2), doubles(1, 3)))
                .isEqualTo(0.5);
    }

    private static double measured(StreamingMetric<?> metric, Tensor prediction, Tensor target) {
        var running = metric.begin();
        running.add(prediction, target);
        return running.value();
    }

    // ---- sequences ----

    @Test
    void editDistanceByHand() {
        assertThat(ErrorRate.editDistance(letters("kitten"), letters("sitting")))
                .isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters(""), letters("abc"))).isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters("abc"), letters(""))).isEqualTo(3);
        assertThat(ErrorRate.editDistance(letters("abc"), letters("abc"))).isZero();
    }

    private static List<Integer> letters(String word) {
        return word.chars().boxed().toList();
    }

    private static int editDistance(List<?> a, List<?> b) {
        if (a.isEmpty() || b.isEmpty()) {
            return a.size() + b.size();
        }
        List<?> shorterA = a.subList(1, a.size());
        List<?> shorterB = b.subList(1, b.size());
        if (a.getFirst().equals(b.getFirst())) {
            return editDistance(shorterA, shorterB);
        }
        return 1
                + Math.min(
                        editDistance(shorterA, shorterB),
                        Math.min(editDistance(a, shorterB), editDistance(shorterA, b)));
    }

    @Test
    void editDistanceIsWhatItsRecursionSays() {
        Random random = new Random(5);
        for (int i = 0; i < 50; i++) {
            List<Integer> a = random.ints(random.nextInt(7), 0, 3).boxed().toList();
            List<Integer> b = random.ints(random.nextInt(7), 0, 3).boxed().toList();
            assertThat(ErrorRate.editDistance(a, b)).isEqualTo(editDistance(a, b));
        }
    }

    @Test
    void wordErrorRateCountsAllWordsTogether() {
        ErrorRate rate = new ErrorRate(0);
        rate.addWords("the cat  sat", "the cat sat on");
        rate.addWords("a", "one two");
        assertThat(rate.value()).isCloseTo(3.0 / 6, within(1e-15));
        Tensor predicted = Tensor.of(new int[] {1, 2, 0, 9, 3, 3, 3, 0}, 2, 4);
        Tensor actual = Tensor.of(new int[] {1, 2, 4, 3, 0, 7}, 2, 3);
        ErrorRate ofTokens = new ErrorRate(0);
        ofTokens.add(predicted, actual);
        assertThat(ofTokens.value()).isCloseTo((1 + 2) / 4.0, within(1e-15));
        ErrorRate ofScores = new ErrorRate(0);
        ofScores.add(predicted.oneHot(10, DType.F32), actual);
        assertThat(ofScores.value()).isEqualTo(ofTokens.value());
        mergesAsTheWhole(() -> new ErrorRate(0), ErrorRate::value, tokens(6, 30), tokens(7, 30));
        empty(() -> new ErrorRate(0).value(), "error rate: references without tokens");
        refused(() -> rate.add(ints(1), ints(1)), "error rate: I32[1], expected tokens [N, T] or scores [N, T, C]");
        refused(() -> rate.add(predicted, tokens(1, 3)), "expected equal numbers of samples");
    }

    private static Tensor tokens(long seed, int rows) {
        return Tensor.of(new Random(seed).ints(rows * 12L, 1, 4).toArray(), rows, 12);
    }

    private static List<String> words(String text) {
        return List.of(text.split(" "));
    }

    @Test
    void bleuByHand() {
        // The paper's example of runs that are counted no oftener than in a reference: 2 of 7.
        Bleu clipped = Bleu.of(1, 0);
        clipped.add(
                words("the the the the the the the"),
                List.of(words("the cat is on the mat"), words("there is a cat on the mat")));
        assertThat(clipped.value()).isCloseTo(2.0 / 7, within(1e-15));
        // 5 of 5 words, 3 of 4 pairs, and one word too short.
        Bleu two = Bleu.of(2, 0);
        two.add(words("the cat on the mat"), List.of(words("the cat is on the mat")));
        assertThat(two.value()).isCloseTo(Math.sqrt(3.0 / 4) * Math.exp(1 - 6.0 / 5), within(1e-15));
        Bleu same = Bleu.of(4, 0);
        same.add(tokens(8, 3), tokens(8, 3));
        assertThat(same.value()).isCloseTo(1, within(1e-15));
        Bleu never = Bleu.of(4, 0);
        never.add(words("a b"), List.of(words("a b")));
        assertThat(never.value()).isZero();
        Bleu nothing = Bleu.of(1, 0);
        nothing.add(List.of(), List.of(words("a")));
        assertThat(nothing.value()).isZero();
        empty(() -> Bleu.of(4, 0).value(), "bleu: references without tokens");
        refused(() -> Bleu.of(0, 0), "bleu: order 0, expected at least 1");
        refused(() -> never.add(words("a"), List.of()), "bleu: no references");
        refused(() -> never.merge(two), "order 2 merged into 4");
    }

    @Test
    void bleuIsWhatItsDefinitionSays() {
        Tensor predicted = tokens(9, 30);
        Tensor actual = tokens(10, 30);
        int[] p = predicted.toInts();
        int[] a = actual.toInts();
        double logs = 0;
        for (int n = 1; n <= 3; n++) {
            int hits = 0;
            int total = 0;
            for (int row = 0; row < 30; row++) {
                List<String> left = new ArrayList<>();
                for (int i = 0; i + n <= 12; i++) {
                    left.add(Arrays.toString(Arrays.copyOfRange(a, row * 12 + i, row * 12 + i + n)));
                }
                for (int i = 0; i + n <= 12; i++) {
                    total++;
                    hits += left.remove(Arrays.toString(Arrays.copyOfRange(p, row * 12 + i, row * 12 + i + n))) ? 1 : 0;
                }
            }
            logs += Math.log((double) hits / total) / 3;
        }
        Bleu bleu = Bleu.of(3, 0);
        bleu.add(predicted, actual);
        assertThat(bleu.value()).isCloseTo(Math.exp(logs), within(1e-12));
        mergesAsTheWhole(() -> Bleu.of(3, 0), Bleu::value, predicted, actual);
    }

    // ---- boxes ----

    @Test
    void boxesOverlap() {
        Box a = new Box(0, 0, 2, 2);
        assertThat(a.intersectionOverUnion(a)).isEqualTo(1);
        assertThat(a.intersectionOverUnion(new Box(1, 1, 3, 3))).isCloseTo(1.0 / 7, within(1e-15));
        assertThat(a.intersectionOverUnion(new Box(2, 0, 3, 2))).isZero();
        assertThat(a.intersectionOverUnion(new Box(5, 5, 6, 6))).isZero();
        assertThat(new Box(1, 1, 1, 1).intersectionOverUnion(new Box(1, 1, 1, 1)))
                .isZero();
        refused(() -> new Box(1, 0, 0, 1), "expected corners in ascending order");
    }

    @Test
    void averagePrecisionOfBoxesByHand() {
        Box one = new Box(0, 0, 10, 10);
        Box two = new Box(20, 20, 30, 30);
        Box three = new Box(50, 0, 60, 10);
        MeanAveragePrecision m = MeanAveragePrecision.of(0.5, 0.95);
        // By score: one found, one found twice, two found, then nothing; three never.
        m.add(
                List.of(
                        new Detection(one, 0, 0.9),
                        new Detection(new Box(0, 0, 10, 9), 0, 0.8),
                        new Detection(new Box(20, 20, 30, 28), 0, 0.7)),
                List.of(new Truth(one, 0), new Truth(two, 0)));
        m.add(List.of(new Detection(new Box(0, 50, 9, 60), 0, 0.6)), List.of(new Truth(three, 0)));
        assertThat(m.averagePrecision(0, 0.5)).isCloseTo((1 + 2.0 / 3) / 3, within(1e-15));
        assertThat(m.averagePrecision(0, 0.95)).isCloseTo(1.0 / 3, within(1e-15));
        assertThat(m.averagePrecision(7, 0.5)).isNaN();
        assertThat(m.value()).isCloseTo((1 + 2.0 / 3) / 6 + 1.0 / 6, within(1e-15));
        // A second class that is never found.
        m.add(List.of(new Detection(one, 0, 0.1)), List.of(new Truth(one, 1)));
        assertThat(m.averagePrecision(1, 0.5)).isZero();
    }

    @Test
    void precisionsAreRaisedToThoseAtGreaterRecall() {
        Box one = new Box(0, 0, 10, 10);
        Box two = new Box(20, 20, 30, 30);
        MeanAveragePrecision m = MeanAveragePrecision.of(0.5);
        m.add(
                List.of(
                        new Detection(new Box(40, 40, 50, 50), 3, 0.9),
                        new Detection(one, 3, 0.8),
                        new Detection(two, 3, 0.7)),
                List.of(new Truth(one, 3), new Truth(two, 3)));
        assertThat(m.value()).isCloseTo(2.0 / 3, within(1e-15));
    }

    @Test
    void boxesComeFromTensorsToo() {
        int images = 40;
        Random random = new Random(11);
        double[] found = new double[images * 5 * 6];
        double[] wanted = new double[images * 4 * 5];
        for (int i = 0; i < images; i++) {
            for (int j = 0; j < 5; j++) {
                double x = random.nextInt(20);
                double y = random.nextInt(20);
                int label = random.nextInt(-1, 3);
                double[] row = {x, y, x + 10, y + 10, label, random.nextDouble()};
                System.arraycopy(row, 0, found, (i * 5 + j) * 6, 6);
                if (j < 4) {
                    double moved = random.nextInt(5);
                    double[] truth = {x + moved, y, x + moved + 10, y + 10, label};
                    System.arraycopy(truth, 0, wanted, (i * 4 + j) * 5, 5);
                }
            }
        }
        Tensor prediction = Tensor.of(found, images, 5, 6);
        Tensor target = Tensor.of(wanted, images, 4, 5);
        Supplier<MeanAveragePrecision> start = () -> MeanAveragePrecision.of(0.5, 0.75);
        mergesAsTheWhole(start, MeanAveragePrecision::value, prediction, target);
        MeanAveragePrecision m = start.get();
        m.add(prediction, target);
        double expected = 0;
        for (int label = 0; label < 3; label++) {
            expected +=
                    (averagePrecision(found, wanted, label, 0.5) + averagePrecision(found, wanted, label, 0.75)) / 6;
        }
        assertThat(m.value()).isCloseTo(expected, within(1e-12));
        empty(() -> start.get().value(), "no boxes to be found");
        refused(() -> MeanAveragePrecision.of(), "no thresholds");
        refused(() -> MeanAveragePrecision.of(0), "threshold 0.0, expected above 0 and up to 1");
        refused(() -> m.merge(MeanAveragePrecision.of(0.5)), "thresholds [0.5] merged into [0.5, 0.75]");
        refused(() -> m.add(target, prediction), "expected [N, D, 6] and [N, M, 5]");
        refused(() -> new Detection(new Box(0, 0, 1, 1), 0, Double.NaN), "a score NaN");
    }

    /// The definition step by step, for rows of 5 detections and 4 boxes an image, of which no two
    /// detections have equal scores.
    private static double averagePrecision(double[] found, double[] wanted, int label, double threshold) {
        List<Integer> order = IntStream.range(0, found.length / 6)
                .filter(i -> found[i * 6 + 4] == label)
                .boxed()
                .sorted((a, b) -> Double.compare(found[b * 6 + 5], found[a * 6 + 5]))
                .toList();
        List<Integer> open = new ArrayList<>(IntStream.range(0, wanted.length / 5)
                .filter(i -> wanted[i * 5 + 4] == label)
                .boxed()
                .toList());
        int boxes = open.size();
        double[] precision = new double[order.size()];
        double[] recall = new double[order.size()];
        int hits = 0;
        for (int k = 0; k < order.size(); k++) {
            int d = order.get(k);
            int best = -1;
            for (int t : open) {
                double overlap = overlap(found, d, wanted, t);
                if (t / 4 == d / 5 && overlap >= threshold && (best < 0 || overlap > overlap(found, d, wanted, best))) {
                    best = t;
                }
            }
            if (best >= 0) {
                open.remove((Integer) best);
                hits++;
            }
            precision[k] = (double) hits / (k + 1);
            recall[k] = (double) hits / boxes;
        }
        double area = 0;
        for (int h = 1; h <= boxes; h++) {
            double greatest = 0;
            for (int k = 0; k < precision.length; k++) {
                greatest = Math.max(greatest, recall[k] >= (h - 0.5) / boxes ? precision[k] : 0);
            }
            area += greatest / boxes;
        }
        return area;
    }

    /// For boxes of 10 x 10.
    private static double overlap(double[] found, int d, double[] wanted, int t) {
        double width = Math.max(0, 10 - Math.abs(found[d * 6] - wanted[t * 5]));
        double height = Math.max(0, 10 - Math.abs(found[d * 6 + 1] - wanted[t * 5 + 1]));
        return width * height / (200 - width * height);
    }
}
