package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/// Images brought to other sizes, along each axis by itself.
final class Resizing {
    private Resizing() {}

    /// The older form: by factors, from the element on that is nearest or below.
    static Value scale(Call c) {
        Tensor x = c.tensor(0);
        double[] scales = c.numbers("scales").orElseGet(() -> c.doubles(1));
        Require.that(scales.length == x.rank(), "%s scales for %s", scales.length, x.shape());
        String mode = c.text("mode", "nearest");
        Layout layout = Layout.of(x);
        Tensor y = layout.tensor();
        for (int i = 0; i < scales.length; i++) {
            int size = size(x.dim(i) * scales[i]);
            ResizeCoordinates places = new ResizeCoordinates("asymmetric", x.dim(i), size, scales[i], 0, 1);
            boolean nearest = mode.equals("nearest");
            ResizeTaps taps = nearest ? ResizeTaps.nearest(places, "floor") : ResizeTaps.linear(places, false, false);
            y = along(y, layout.axis(i), places, taps);
        }
        return c.moved(layout.back(whole(c, y)));
    }

    static Value resize(Call c) {
        Tensor x = c.tensor(0);
        int[] axes = c.integers("axes")
                .map(a -> IntStream.of(a).map(x.shape()::axis).toArray())
                .orElseGet(() -> IntStream.range(0, x.rank()).toArray());
        int n = axes.length;
        double[] scales = new double[n];
        int[] sizes = new int[n];
        boolean bySizes = c.has(3) && c.shape(3).size() > 0;
        if (bySizes) {
            int[] wanted = c.ints(3);
            Require.that(wanted.length == n, "%s sizes for %s axes", wanted.length, n);
            bySizes(c.text("keep_aspect_ratio_policy", "stretch"), x, axes, wanted, sizes, scales);
        } else {
            Require.that(c.has(2) && c.shape(2).size() == n, "expected sizes, or scales for %s axes", n);
            double[] given = c.doubles(2);
            for (int i = 0; i < n; i++) {
                scales[i] = given[i];
                sizes[i] = size(x.dim(axes[i]) * given[i]);
            }
        }
        String transform = c.text("coordinate_transformation_mode", "half_pixel");
        boolean cropped = transform.equals("tf_crop_and_resize");
        double[] region = cropped ? c.doubles(1) : new double[0];
        Require.that(!cropped || region.length == 2 * n, "a region of %s numbers for %s axes", region.length, n);
        Layout layout = Layout.of(x);
        Tensor y = layout.tensor();
        for (int i = 0; i < n; i++) {
            double from = cropped ? region[i] : 0;
            double to = cropped ? region[n + i] : 1;
            int size = x.dim(axes[i]);
            if (size == sizes[i] && (scales[i] == 1 || bySizes) && from == 0 && to == 1) {
                continue;
            }
            ResizeCoordinates places = new ResizeCoordinates(transform, size, sizes[i], scales[i], from, to);
            y = along(y, layout.axis(axes[i]), places, taps(c, places));
            if (cropped) {
                y = inside(c, y, layout.axis(axes[i]), places);
            }
        }
        return c.moved(layout.back(whole(c, y)));
    }

    private static void bySizes(String policy, Tensor x, int[] axes, int[] wanted, int[] sizes, double[] scales) {
        double[] each = new double[axes.length];
        for (int i = 0; i < axes.length; i++) {
            each[i] = (double) wanted[i] / x.dim(axes[i]);
        }
        double common = switch (policy) {
            case "not_larger" -> Arrays.stream(each).min().orElse(1);
            case "not_smaller" -> Arrays.stream(each).max().orElse(1);
            case "stretch" -> 0;
            default ->
                throw new IllegalArgumentException(
                        "keep_aspect_ratio_policy '" + policy + "', expected stretch, not_larger or not_smaller");
        };
        for (int i = 0; i < axes.length; i++) {
            scales[i] = common == 0 ? each[i] : common;
            sizes[i] = common == 0 ? Tables.size(wanted[i]) : size(common * x.dim(axes[i]) + 0.5);
        }
    }

    /// The product of a size and a factor of F32, rounded to F32 before its fraction is dropped: 10 times
    /// 0.7 is 7.
    private static int size(double exact) {
        return Tables.size((long) (float) exact);
    }

    private static ResizeTaps taps(Call c, ResizeCoordinates places) {
        boolean smooth = c.flag("antialias", false);
        boolean exclude = c.flag("exclude_outside", false);
        String mode = c.text("mode", "nearest");
        return switch (mode) {
            case "nearest" -> ResizeTaps.nearest(places, c.text("nearest_mode", "round_prefer_floor"));
            case "linear" -> ResizeTaps.linear(places, smooth, exclude);
            case "cubic" -> ResizeTaps.cubic(places, c.number("cubic_coeff_a", -0.75), smooth, exclude);
            default -> throw new IllegalArgumentException("mode '" + mode + "', expected nearest, linear or cubic");
        };
    }

    /// The axis with other elements, each a weighted sum of the old ones.
    private static Tensor along(Tensor x, int axis, ResizeCoordinates places, ResizeTaps taps) {
        int size = places.resized();
        if (taps.count() == 1) {
            int[] from = taps.indices()[0];
            int times = places.size() > 0 ? size / places.size() : 0;
            boolean repeats = times > 0
                    && times * places.size() == size
                    && IntStream.range(0, size).allMatch(i -> from[i] == i / times);
            return repeats ? repeated(x, axis, times) : x.take(Tensor.of(from), axis);
        }
        Tensor y = x.dtype().isFloating() ? x : x.cast(DType.F32);
        if (taps.count() > 4) {
            Tensor matrix =
                    Tensor.of(taps.matrix(places.size()), places.size(), size).cast(y.dtype());
            int last = y.rank() - 1;
            return y.transpose(axis, last).matmul(matrix).transpose(axis, last);
        }
        int[] column = new int[y.rank()];
        Arrays.fill(column, 1);
        column[axis] = size;
        Tensor sum = null;
        for (int k = 0; k < taps.count(); k++) {
            Tensor weight = Tensor.of(taps.weights()[k], column).cast(y.dtype());
            Tensor part = y.take(Tensor.of(taps.indices()[k]), axis).mul(weight);
            sum = sum == null ? part : sum.add(part);
        }
        return Objects.requireNonNull(sum);
    }

    /// Each element several times, which takes no memory.
    private static Tensor repeated(Tensor x, int axis, int times) {
        Tensor apart = x.unsqueeze(axis + 1);
        return apart.broadcastTo(apart.shape().with(axis + 1, times))
                .reshape(x.shape().with(axis, x.dim(axis) * times));
    }

    /// A given value where the places are not in the image.
    private static Tensor inside(Call c, Tensor y, int axis, ResizeCoordinates places) {
        boolean[] in = new boolean[places.resized()];
        boolean all = true;
        for (int i = 0; i < in.length; i++) {
            double p = places.place(i);
            in[i] = p >= 0 && p <= places.size() - 1;
            all &= in[i];
        }
        if (all) {
            return y;
        }
        int[] column = new int[y.rank()];
        Arrays.fill(column, 1);
        column[axis] = in.length;
        double value = c.number("extrapolation_value", 0);
        return Tensor.of(in, column).select(y, ElementwiseOperators.full(y, value));
    }

    /// In the type of the input, which was computed with as fractions.
    private static Tensor whole(Call c, Tensor y) {
        return y.cast(c.tensor(0).dtype());
    }
}
