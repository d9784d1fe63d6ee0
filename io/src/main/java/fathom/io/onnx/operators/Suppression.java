package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Of boxes that overlap only the one with the greatest score is kept. Which ones these are decides how
/// many there are, so scores and boxes are read.
final class Suppression {
    private Suppression() {}

    static Value kept(Call c) {
        Tensor boxes = c.tensor(0);
        Tensor scores = c.tensor(1);
        boolean fits = boxes.rank() == 3
                && boxes.dim(2) == 4
                && scores.rank() == 3
                && scores.dim(0) == boxes.dim(0)
                && scores.dim(2) == boxes.dim(1);
        Require.that(fits, "boxes %s and scores %s", boxes.shape(), scores.shape());
        int count = boxes.dim(1);
        int classes = scores.dim(1);
        long most = c.has(2) ? Math.min(count, c.longs(2)[0]) : 0;
        double overlap = c.has(3) ? c.scalar(3) : 0;
        double least = c.has(4) ? c.scalar(4) : Double.NEGATIVE_INFINITY;
        boolean centred = c.flag("center_point_box", false);
        double[] corners = c.doubles(0);
        double[] values = c.doubles(1);
        List<Long> found = new ArrayList<>();
        for (int image = 0; image < boxes.dim(0); image++) {
            Box[] all = new Box[count];
            for (int i = 0; i < count; i++) {
                all[i] = Box.of(corners, (image * count + i) * 4, centred);
            }
            for (int k = 0; k < classes; k++) {
                int first = (image * classes + k) * count;
                List<Integer> some = new ArrayList<>();
                List<Integer> order = IntStream.range(0, count)
                        .filter(i -> values[first + i] > least)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -values[first + i]))
                        .toList();
                for (int i : order) {
                    if (some.size() < most && some.stream().noneMatch(j -> all[i].overlap(all[j]) > overlap)) {
                        some.add(i);
                        found.addAll(Arrays.asList((long) image, (long) k, (long) i));
                    }
                }
            }
        }
        long[] rows = found.stream().mapToLong(Long::longValue).toArray();
        return Value.of(Tensor.of(rows, rows.length / 3, 3));
    }

    /// A rectangle, by its sides.
    private record Box(double top, double left, double bottom, double right) {
        static Box of(double[] v, int at, boolean centred) {
            if (centred) {
                double halfWidth = v[at + 2] / 2;
                double halfHeight = v[at + 3] / 2;
                return new Box(v[at + 1] - halfHeight, v[at] - halfWidth, v[at + 1] + halfHeight, v[at] + halfWidth);
            }
            // Any two opposite corners.
            return new Box(
                    Math.min(v[at], v[at + 2]),
                    Math.min(v[at + 1], v[at + 3]),
                    Math.max(v[at], v[at + 2]),
                    Math.max(v[at + 1], v[at + 3]));
        }

        double area() {
            return (bottom - top) * (right - left);
        }

        /// The shared area as a part of what both cover.
        double overlap(Box other) {
            double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
            double width = Math.min(right, other.right) - Math.max(left, other.left);
            if (height <= 0 || width <= 0) {
                return 0;
            }
            double shared = height * width;
            return shared / (area() + other.area() - shared);
        }
    }
}
