package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static fathom.nn.train.AccumulatorChecks.doubles;
import static fathom.nn.train.AccumulatorChecks.empty;
import static fathom.nn.train.AccumulatorChecks.ints;
import static fathom.nn.train.AccumulatorChecks.mergesAsTheWhole;
import static fathom.nn.train.AccumulatorChecks.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Sgd;
import fathom.nn.train.ConfusionMatrix.Average;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Measures that keep more than a sum, against examples done by hand and the definitions written out.
class AccumulatorTest {
    private static final int SAMPLES = 331;

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
        var running = metric.begin(new Measured<>(metric.name(), Optional.empty(), metric));
        running.add(new Outcome.Output(prediction, target));
        return running.value();
    }
}
