package fathom.nn.train;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/// How well boxes are found: the area under the curve of precision over recall, each precision
/// raised to the greatest at a greater recall, averaged over classes that occur and over thresholds
/// of overlap. Everingham et al.: *The PASCAL visual object classes challenge* (2010).
///
/// Detections are taken by descending score, over all images; each takes the box of its class and
/// image, not taken before, that it overlaps with most, if that is at least the threshold.
public final class MeanAveragePrecision implements Accumulator<MeanAveragePrecision> {
    /// A box with what is in it.
    public record Truth(Box box, int label) {}

    /// A box that was found.
    ///
    /// @param score how sure the model is
    public record Detection(Box box, int label, double score) {
        public Detection {
            Require.that(!Double.isNaN(score), "detection: a score NaN, expected a number");
        }
    }

    private record Image(List<Detection> detections, List<Truth> truths) {}

    /// A detection of one class and what it may take.
    private record Candidate(Box box, double score, List<Box> truths, BitSet taken) {}

    private final double[] thresholds;
    private final List<Image> images = new ArrayList<>();

    private MeanAveragePrecision(double[] thresholds) {
        this.thresholds = thresholds;
    }

    /// An empty one.
    ///
    /// @param thresholds the least intersection over union of a box that is found, such as 0.5
    /// @throws IllegalArgumentException if there is none, or one is not above 0 and up to 1
    public static MeanAveragePrecision of(double... thresholds) {
        Require.that(thresholds.length > 0, "mean average precision: no thresholds, expected at least one");
        for (double t : thresholds) {
            Require.that(t > 0 && t <= 1, "mean average precision: threshold %s, expected above 0 and up to 1", t);
        }
        return new MeanAveragePrecision(thresholds.clone());
    }

    /// Takes note of an image.
    public void add(List<Detection> detections, List<Truth> truths) {
        images.add(new Image(List.copyOf(detections), List.copyOf(truths)));
    }

    /// Takes note of a batch; rows whose label is below 0 are padding.
    ///
    /// @param prediction `[N, D, 6]`: left, top, right, bottom, label, score
    /// @param target `[N, M, 5]`: left, top, right, bottom, label
    @Override
    public void add(Tensor prediction, Tensor target) {
        boolean fits = prediction.rank() == 3
                && target.rank() == 3
                && prediction.dim(0) == target.dim(0)
                && prediction.dim(2) == 6
                && target.dim(2) == 5;
        String message = "mean average precision: predictions %s and targets %s, expected [N, D, 6] and [N, M, 5]";
        Require.that(fits, message, prediction.type(), target.type());
        List<Image> batch = new ArrayList<>();
        for (int n = 0; n < target.dim(0); n++) {
            List<Detection> detections = new ArrayList<>();
            for (double[] row : rows(prediction, n)) {
                detections.add(new Detection(box(row), (int) row[4], row[5]));
            }
            List<Truth> truths = new ArrayList<>();
            for (double[] row : rows(target, n)) {
                truths.add(new Truth(box(row), (int) row[4]));
            }
            batch.add(new Image(detections, truths));
        }
        images.addAll(batch);
    }

    private static List<double[]> rows(Tensor t, int image) {
        Buffer all = t.buffer();
        int width = t.dim(2);
        List<double[]> rows = new ArrayList<>();
        for (int i = 0; i < t.dim(1); i++) {
            double[] row = new double[width];
            for (int j = 0; j < width; j++) {
                row[j] = all.getDouble((image * t.dim(1) + i) * width + j);
            }
            if (row[4] >= 0) {
                rows.add(row);
            }
        }
        return rows;
    }

    private static Box box(double[] row) {
        return new Box(row[0], row[1], row[2], row[3]);
    }

    @Override
    public void merge(MeanAveragePrecision other) {
        String message = "mean average precision: thresholds %s merged into %s, expected the same";
        Require.that(
                Arrays.equals(thresholds, other.thresholds),
                message,
                Arrays.toString(other.thresholds),
                Arrays.toString(thresholds));
        images.addAll(List.copyOf(other.images));
    }

    /// The mean over thresholds and classes of which there is a box.
    ///
    /// @throws IllegalStateException if there is no box to be found
    public double value() {
        TreeSet<Integer> labels = new TreeSet<>();
        images.forEach(i -> i.truths().forEach(t -> labels.add(t.label())));
        if (labels.isEmpty()) {
            throw new IllegalStateException("mean average precision: no boxes to be found, expected at least one");
        }
        double sum = 0;
        for (int label : labels) {
            for (double threshold : thresholds) {
                sum += averagePrecision(label, threshold);
            }
        }
        return sum / (labels.size() * thresholds.length);
    }

    /// The average precision of one class at one threshold; NaN if there is no such box.
    public double averagePrecision(int label, double threshold) {
        List<Candidate> candidates = new ArrayList<>();
        int boxes = 0;
        for (Image image : images) {
            List<Box> truths = image.truths().stream()
                    .filter(t -> t.label() == label)
                    .map(Truth::box)
                    .toList();
            BitSet taken = new BitSet();
            boxes += truths.size();
            image.detections().stream()
                    .filter(d -> d.label() == label)
                    .forEach(d -> candidates.add(new Candidate(d.box(), d.score(), truths, taken)));
        }
        // The sort is stable: of equal scores those that were added first come first.
        candidates.sort(Comparator.comparingDouble(Candidate::score).reversed());
        boolean[] found = new boolean[candidates.size()];
        for (int i = 0; i < found.length; i++) {
            found[i] = take(candidates.get(i), threshold);
        }
        return area(found, boxes);
    }

    private static boolean take(Candidate candidate, double threshold) {
        int best = -1;
        double most = threshold;
        for (int i = 0; i < candidate.truths().size(); i++) {
            double overlap =
                    candidate.box().intersectionOverUnion(candidate.truths().get(i));
            if (!candidate.taken().get(i) && (best < 0 ? overlap >= most : overlap > most)) {
                best = i;
                most = overlap;
            }
        }
        if (best >= 0) {
            candidate.taken().set(best);
        }
        return best >= 0;
    }

    private static double area(boolean[] found, int boxes) {
        int hits = 0;
        for (boolean f : found) {
            hits += f ? 1 : 0;
        }
        double sum = 0;
        double greatest = 0;
        for (int i = found.length - 1; i >= 0; i--) {
            greatest = Math.max(greatest, (double) hits / (i + 1));
            if (found[i]) {
                sum += greatest;
                hits--;
            }
        }
        return sum / boxes;
    }
}
