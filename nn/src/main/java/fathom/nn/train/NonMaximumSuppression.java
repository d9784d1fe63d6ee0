package fathom.nn.train;

import fathom.ir.Require;
import fathom.nn.train.MeanAveragePrecision.Detection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Of boxes that were found several times, leaves the surest: detections are taken by descending score, and
/// one that overlaps too much with one of its class that was kept is left out.
///
/// @param overlap the greatest intersection over union that two boxes of a class may have, such as 0.5
public record NonMaximumSuppression(double overlap) {
    public NonMaximumSuppression {
        boolean fits = overlap >= 0 && overlap <= 1;
        Require.that(fits, "non-maximum suppression: overlap %s, expected 0 to 1", overlap);
    }

    /// What is left of an image's detections, by descending score; of equal scores the first comes first.
    public List<Detection> apply(List<Detection> detections) {
        List<Detection> kept = new ArrayList<>();
        detections.stream()
                .sorted(Comparator.comparingDouble(Detection::score).reversed())
                .filter(d -> kept.stream().noneMatch(k -> isSame(k, d)))
                .forEach(kept::add);
        return List.copyOf(kept);
    }

    private boolean isSame(Detection a, Detection b) {
        return a.label() == b.label() && a.box().intersectionOverUnion(b.box()) > overlap;
    }
}
