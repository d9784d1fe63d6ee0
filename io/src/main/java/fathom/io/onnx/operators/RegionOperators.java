package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Operators that bring regions of images to one size. The regions are read, and where their elements
/// come from is computed here.
final class RegionOperators {
    private static final int MOST_SAMPLES = 1 << 12;

    private RegionOperators() {}

    /// A region in elements of the image.
    ///
    /// @param image whose it is
    /// @param top where it begins
    /// @param left where it begins
    /// @param height of one of its cells
    /// @param width of one of its cells
    private record Region(int image, double top, double left, double height, double width) {}

    /// How many places in a cell are looked at, along both axes.
    private record Density(int rows, int columns) {}

    /// Regions of which each cell is made of elements between the elements (He and others: *Mask R-CNN*,
    /// 2017).
    static Value align(Call c) {
        Tensor x = c.tensor(0);
        double[] corners = c.doubles(1);
        int[] images = c.ints(2);
        boolean fits = x.rank() == 4 && corners.length == 4 * images.length;
        Require.that(fits, "images %s and %s numbers for %s regions", x.shape(), corners.length, images.length);
        int rows = c.integer("output_height", 1);
        int columns = c.integer("output_width", 1);
        double scale = c.number("spatial_scale", 1);
        String fallback = c.opset() < 16 ? "output_half_pixel" : "half_pixel";
        boolean half = c.text("coordinate_transformation_mode", fallback).equals("half_pixel");
        int ratio = c.integer("sampling_ratio", 0);
        // Regions that are looked at as densely as each other are computed together.
        Map<Density, List<Integer>> alike = new LinkedHashMap<>();
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < images.length; i++) {
            Require.that(images[i] >= 0 && images[i] < x.dim(0), "image %s of %s", images[i], x.dim(0));
            double shift = half ? 0.5 : 0;
            double left = corners[4 * i] * scale - shift;
            double top = corners[4 * i + 1] * scale - shift;
            double width = corners[4 * i + 2] * scale - shift - left;
            double height = corners[4 * i + 3] * scale - shift - top;
            if (!half) {
                width = Math.max(width, 1);
                height = Math.max(height, 1);
            }
            Region r = new Region(images[i], top, left, height / rows, width / columns);
            regions.add(r);
            Density d = new Density(density(ratio, r.height), density(ratio, r.width));
            alike.computeIfAbsent(d, _ -> new ArrayList<>()).add(i);
        }
        if (regions.isEmpty()) {
            return c.moved(Tensor.full(Shape.of(0, x.dim(1), rows, columns), x.dtype(), 0));
        }
        boolean mean = c.text("mode", "avg").equals("avg");
        List<Tensor> parts = new ArrayList<>();
        int[] order = new int[images.length];
        int done = 0;
        for (Map.Entry<Density, List<Integer>> e : alike.entrySet()) {
            List<Region> some = e.getValue().stream().map(regions::get).toList();
            parts.add(cells(x, some, e.getKey(), rows, columns, mean));
            for (int i : e.getValue()) {
                order[i] = done++;
            }
        }
        Tensor all = Tensor.concat(0, parts);
        return c.computed(Layout.channelsFirst(alike.size() == 1 ? all : all.take(Tensor.of(order), 0)));
    }

    private static int density(int ratio, double size) {
        int samples = ratio > 0 ? ratio : (int) Math.ceil(Math.max(0, size));
        Require.that(samples <= MOST_SAMPLES, "a cell of %s elements, expected at most %s", size, MOST_SAMPLES);
        return samples;
    }

    /// `[regions, rows, columns, C]`.
    private static Tensor cells(Tensor x, List<Region> regions, Density d, int rows, int columns, boolean mean) {
        int n = regions.size();
        Shape cells = Shape.of(n, rows, columns, x.dim(1));
        int samples = d.rows * d.columns;
        if (samples == 0) {
            return Tensor.full(cells, x.dtype(), 0);
        }
        int count = Tables.size(Math.multiplyExact((long) n * samples, Math.multiplyExact(rows, columns)));
        int[][] index = new int[4][count];
        double[][] weight = new double[4][count];
        int at = 0;
        for (Region r : regions) {
            for (int cell = 0; cell < rows * columns; cell++) {
                for (int s = 0; s < samples; s++) {
                    double y = r.top + (cell / columns + (s / d.columns + 0.5) / d.rows) * r.height;
                    double z = r.left + (cell % columns + (s % d.columns + 0.5) / d.columns) * r.width;
                    taps(x, r.image, y, z, at++, index, weight);
                }
            }
        }
        Tensor flat = Layout.channelsLast(x).reshape(-1, x.dim(1));
        Tensor result = null;
        for (int k = 0; k < 4; k++) {
            Tensor w = Tensor.of(weight[k], count, 1).cast(x.dtype());
            Tensor part = flat.take(Tensor.of(index[k]), 0).mul(w);
            result = result == null ? part : mean ? result.add(part) : result.maximum(part);
        }
        Tensor all = Objects.requireNonNull(result).reshape(n * rows * columns, samples, x.dim(1));
        return (mean ? all.mean(1) : all.max(1)).reshape(cells);
    }

    /// The four elements around a place, and how much each counts; nothing for what is beyond the image
    /// by more than an element.
    private static void taps(Tensor x, int image, double y, double z, int at, int[][] index, double[][] weight) {
        int height = x.dim(2);
        int width = x.dim(3);
        if (y < -1 || y > height || z < -1 || z > width) {
            return;
        }
        double row = Math.min(Math.max(y, 0), height - 1);
        double column = Math.min(Math.max(z, 0), width - 1);
        int top = (int) row;
        int left = (int) column;
        int bottom = Math.min(top + 1, height - 1);
        int right = Math.min(left + 1, width - 1);
        double down = row - top;
        double over = column - left;
        int first = image * height;
        index[0][at] = (first + top) * width + left;
        index[1][at] = (first + top) * width + right;
        index[2][at] = (first + bottom) * width + left;
        index[3][at] = (first + bottom) * width + right;
        weight[0][at] = (1 - down) * (1 - over);
        weight[1][at] = (1 - down) * over;
        weight[2][at] = down * (1 - over);
        weight[3][at] = down * over;
    }
}
