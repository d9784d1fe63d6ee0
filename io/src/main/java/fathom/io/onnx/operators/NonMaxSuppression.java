package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Value;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Of boxes that overlap much, the one with the greatest score.
final class NonMaxSuppression {
    private NonMaxSuppression() {}

    /// @param top the smaller coordinate of the first axis
    private record Box(double top, double left, double bottom, double right) {
        static Box of(double[] b, int from, boolean centred) {
            if (centred) {
                double x = b[from];
                double y = b[from + 1];
                double w = b[from + 2] / 2;
                double h = b[from + 3] / 2;
                return new Box(y - h, x - w, y + h, x + w);
            }
            return new Box(
                    Math.min(b[from], b[from + 2]),
                    Math.min(b[from + 1], b[from + 3]),
                    Math.max(b[from], b[from + 2]),
                    Math.max(b[from + 1], b[from + 3]));
        }

        double area() {
            return (bottom - top) * (right - left);
        }

        /// The shared area as a part of all that both cover.
        double overlap(Box o) {
            double height = Math.min(bottom, o.bottom) - Math.max(top, o.top);
            double width = Math.min(right, o.right) - Math.max(left, o.left);
            double shared = Math.max(0, height) * Math.max(0, width);
            double all = area() + o.area() - shared;
            return all <= 0 ? 0 : shared / all;
        }
    }

    static Value select(Call c) {
        Shape boxes = c.shape(0);
        Shape scores = c.shape(1);
        boolean fits = boxes.rank() == 3
                && scores.rank() == 3
                && boxes.dim(2) == 4
                && boxes.dim(0) == scores.dim(0)
                && boxes.dim(1) == scores.dim(2);
        SelectionOperators.require(fits, "boxes and scores", boxes, "[N, B, 4] and [N, C, B]");
        double[] corners = c.doubles(0);
        double[] points = c.doubles(1);
        long most = c.has(2) ? c.longs(2)[0] : 0;
        double overlap = c.has(3) ? c.scalar(3) : 0;
        double least = c.has(4) ? c.scalar(4) : Double.NEGATIVE_INFINITY;
        boolean centred = c.flag("center_point_box", false);
        int count = boxes.dim(1);
        List<Long> selected = new ArrayList<>();
        for (int n = 0; n < boxes.dim(0); n++) {
            int image = n;
            List<Box> all = IntStream.range(0, count)
                    .mapToObj(i -> Box.of(corners, (image * count + i) * 4, centred))
                    .toList();
            for (int k = 0; k < scores.dim(1); k++) {
                int from = (n * scores.dim(1) + k) * count;
                List<Integer> kept = new ArrayList<>();
                List<Integer> candidates = IntStream.range(0, count)
                        .filter(i -> points[from + i] > least)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -points[from + i]))
                        .toList();
                for (int i : candidates) {
                    if (kept.size() < most
                            && kept.stream().allMatch(j -> all.get(i).overlap(all.get(j)) <= overlap)) {
                        kept.add(i);
                        selected.addAll(List.of((long) n, (long) k, (long) i));
                    }
                }
            }
        }
        long[] rows = selected.stream().mapToLong(Long::longValue).toArray();
        return Value.of(Tensor.of(rows, rows.length / 3, 3));
    }
}
