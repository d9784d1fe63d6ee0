package fathom.nn.train;

import static fathom.nn.train.AccumulatorChecks.empty;
import static fathom.nn.train.AccumulatorChecks.mergesAsTheWhole;
import static fathom.nn.train.AccumulatorChecks.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.train.MeanAveragePrecision.Detection;
import fathom.nn.train.MeanAveragePrecision.Truth;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Boxes and their average precision, against examples done by hand and the definition written out.
class MeanAveragePrecisionTest {
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
    void boxesHaveAMiddleAndASize() {
        Box box = Box.around(5, 7, 4, 2);
        assertThat(box).isEqualTo(new Box(3, 6, 7, 8));
        assertThat(new double[] {box.centerX(), box.centerY(), box.width(), box.height(), box.area()})
                .containsExactly(5, 7, 4, 2, 8);
        refused(() -> Box.around(5, 7, -1, 2), "expected corners in ascending order");
    }

    @Test
    void theSurestOfBoxesThatOverlapIsLeft() {
        Detection sure = new Detection(new Box(0, 0, 10, 10), 1, 0.9);
        Detection again = new Detection(new Box(1, 0, 11, 10), 1, 0.8);
        Detection other = new Detection(new Box(1, 0, 11, 10), 2, 0.7);
        Detection far = new Detection(new Box(20, 0, 30, 10), 1, 0.1);
        // Overlaps with what was left out, not with what was kept.
        Detection chained = new Detection(new Box(6, 0, 16, 10), 1, 0.5);
        List<Detection> all = List.of(far, again, chained, sure, other);
        assertThat(new NonMaximumSuppression(0.3).apply(all)).containsExactly(sure, other, chained, far);
        assertThat(new NonMaximumSuppression(1).apply(all)).containsExactlyInAnyOrderElementsOf(all);
        assertThat(new NonMaximumSuppression(0).apply(all)).containsExactly(sure, other, far);
        assertThat(new NonMaximumSuppression(0.3).apply(List.of())).isEmpty();
        refused(() -> new NonMaximumSuppression(1.5), "1.5");
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
