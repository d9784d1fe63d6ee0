package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// Operators that make one element of those under a window, or of all of an image.
final class PoolingOperators {
    private PoolingOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("MaxPool", 1, PoolingOperators::maxPool),
                Operator.of("AveragePool", 1, PoolingOperators::averagePool),
                Operator.of("MaxUnpool", 9, PoolingOperators::maxUnpool),
                Operator.of("MaxRoiPool", 1, PoolingOperators::maxRegions),
                Operator.of("LpPool", 2, PoolingOperators::normPool),
                Operator.of("GlobalAveragePool", 1, c -> c.computed(global(c, (x, axes) -> x.mean(true, axes)))),
                Operator.of("GlobalMaxPool", 1, c -> c.moved(global(c, (x, axes) -> x.max(true, axes)))),
                Operator.of(
                        "GlobalLpPool",
                        2,
                        c -> c.computed(norm(c.integer("p", 2), c.tensor(0), x -> x.sum(true, images(c))))));
    }

    private static Tensor global(Call c, BiFunction<Tensor, int[], Tensor> reduction) {
        Layout layout = Layout.of(c.tensor(0));
        return layout.back(reduction.apply(layout.tensor(), layout.axes(images(c))));
    }

    private static int[] images(Call c) {
        return IntStream.range(2, c.shape(0).rank()).toArray();
    }

    /// Pools along all axes of images `[N, ..., C]`: along the last two at once, along each other by itself.
    private static Tensor pool(Tensor x, Sliding s, BiFunction<Tensor, Window, Tensor> pool) {
        if (s.rank() == 1) {
            return pool.apply(x.unsqueeze(1), s.window()).squeeze(1);
        }
        if (s.rank() == 2) {
            return pool.apply(x, s.window());
        }
        Shape shape = x.shape();
        int n = x.rank();
        Tensor folded = x.reshape(Shape.of(IntStream.range(1, n)
                .map(i -> i == 1 ? shape.dim(0) * shape.dim(1) : shape.dim(i))
                .toArray()));
        Tensor inner = pool(folded, s.rest(), pool);
        Tensor columns = inner.reshape(shape.dim(0), shape.dim(1), -1, shape.dim(n - 1));
        Tensor y = pool.apply(columns, s.column(0));
        int[] sizes = new int[n];
        sizes[0] = shape.dim(0);
        sizes[1] = y.dim(1);
        for (int i = 2; i < n; i++) {
            sizes[i] = inner.dim(i - 1);
        }
        return y.reshape(Shape.of(sizes));
    }

    private static List<Value> maxPool(Call c) {
        Tensor given = c.tensor(0);
        boolean whole = !c.type(0).isFloating();
        Tensor x = Layout.channelsLast(whole ? given.cast(DType.F32) : given);
        Sliding s = sliding(c);
        Tensor y = pool(x, s, Tensor::maxPool2d);
        Tensor first = Layout.channelsFirst(y);
        Value values = c.moved(whole ? first.cast(given.dtype()) : first);
        if (!c.wants(1)) {
            return List.of(values);
        }
        return List.of(values, Value.of(places(c, x, s).cast(DType.I64)));
    }

    /// Where the greatest elements are, counted over the whole tensor.
    private static Tensor places(Call c, Tensor x, Sliding s) {
        Shape shape = c.shape(0);
        int[] strides = shape.strides();
        if (c.flag("storage_order", false)) {
            int step = 1;
            for (int i = 2; i < strides.length; i++) {
                strides[i] = step;
                step *= shape.dim(i);
            }
        }
        Tensor place = Tensor.full(shape, DType.F64, 0);
        for (int i = 0; i < strides.length; i++) {
            place = place.add(
                    Tensor.of(new Op.Iota(shape, DType.I32, i)).cast(DType.F64).mul(strides[i]));
        }
        // Both go through the windows side by side; the elements in F64, since places need that.
        Tensor[] at = {Layout.channelsLast(place)};
        pool(x.cast(DType.F64), s, (values, window) -> {
            Tensor from = at[0].reshape(values.shape());
            at[0] = Tensor.of(new Op.MaxPoolGather(window), values, from);
            return values.maxPool2d(window);
        });
        Shape pooled = pool(x, s, Tensor::maxPool2d).shape();
        return Layout.channelsFirst(at[0].reshape(pooled));
    }

    private static Sliding sliding(Call c) {
        return Sliding.of(c, c.integers("kernel_shape").orElseThrow(), Layout.spatial(c.tensor(0)));
    }

    private static Value averagePool(Call c) {
        Tensor x = c.tensor(0);
        Sliding s = sliding(c);
        Tensor sums = pool(Layout.channelsLast(x), s, PoolingOperators::sum);
        boolean padding = c.flag("count_include_pad", false);
        Tensor counts = Tensor.full(Shape.SCALAR, x.dtype(), 1);
        for (int i = 0; i < s.rank(); i++) {
            double[] inside = inside(s, i, x.dim(i + 2), padding);
            int[] sizes = new int[s.rank() - i + 1];
            Arrays.fill(sizes, 1);
            sizes[0] = inside.length;
            counts = counts.mul(Tensor.of(inside, sizes).cast(x.dtype()));
        }
        return c.computed(Layout.channelsFirst(sums.div(counts)));
    }

    /// How many elements each window along an axis has.
    private static double[] inside(Sliding s, int axis, int size, boolean padding) {
        int first = padding ? -s.begin()[axis] : 0;
        int last = padding ? size + s.end()[axis] : size;
        return IntStream.range(0, s.windows(axis, size))
                .mapToDouble(w -> IntStream.range(0, s.kernel()[axis])
                        .map(k -> w * s.strides()[axis] - s.begin()[axis] + k * s.dilations()[axis])
                        .filter(i -> i >= first && i < last)
                        .count())
                .toArray();
    }

    private static Tensor sum(Tensor x, Window window) {
        return Tensor.of(new Op.SumPool(window), x);
    }

    /// Puts elements back to where they were the greatest of their window.
    private static Value maxUnpool(Call c) {
        Tensor x = c.tensor(0);
        int[] kernel = c.integers("kernel_shape").orElseThrow();
        int n = kernel.length;
        int[] strides = Sliding.all(c, "strides", n, 1);
        int[] pads = Sliding.all(c, "pads", 2 * n, 0);
        int[] sizes = x.shape().dims();
        for (int i = 0; i < n; i++) {
            sizes[i + 2] = (sizes[i + 2] - 1) * strides[i] + kernel[i] - pads[i] - pads[n + i];
        }
        Shape before = Shape.of(sizes);
        Tensor none = Tensor.full(Shape.of(before.size(), 1), x.dtype(), 0);
        Tensor y = Scattering.replace(none, c.tensor(1).reshape(-1), x.reshape(-1, 1))
                .reshape(before);
        if (c.has(2)) {
            int[] wanted = c.ints(2);
            for (int i = 2; i < wanted.length; i++) {
                y = y.pad(i, 0, Math.max(0, wanted[i] - y.dim(i))).slice(i, 0, wanted[i]);
            }
        }
        return c.moved(y);
    }

    /// The greatest element in each part of regions of interest, which are read.
    private static Value maxRegions(Call c) {
        Tensor x = c.tensor(0);
        double[] regions = c.doubles(1);
        int[] pooled = c.integers("pooled_shape").orElseThrow();
        double scale = c.number("spatial_scale", 1);
        List<Tensor> results = new ArrayList<>();
        for (int r = 0; r < regions.length; r += 5) {
            Tensor image = x.slice(0, (int) regions[r], (int) regions[r] + 1);
            int[] left = bins(regions[r + 1] * scale, regions[r + 3] * scale, pooled[1], x.dim(3));
            int[] top = bins(regions[r + 2] * scale, regions[r + 4] * scale, pooled[0], x.dim(2));
            List<Tensor> rows = new ArrayList<>();
            for (int i = 0; i < pooled[0]; i++) {
                List<Tensor> row = new ArrayList<>();
                for (int j = 0; j < pooled[1]; j++) {
                    Tensor part = image.slice(2, top[2 * i], top[2 * i + 1]).slice(3, left[2 * j], left[2 * j + 1]);
                    Tensor nothing = Tensor.full(Shape.of(1, x.dim(1), 1, 1), x.dtype(), 0);
                    row.add(part.size() == 0 ? nothing : part.max(true, 2, 3));
                }
                rows.add(Tensor.concat(3, row));
            }
            results.add(Tensor.concat(2, rows));
        }
        Shape empty = Shape.of(0, x.dim(1), pooled[0], pooled[1]);
        return c.moved(results.isEmpty() ? Tensor.full(empty, x.dtype(), 0) : Tensor.concat(0, results));
    }

    /// Where the parts of a region along an axis begin and end, within the image.
    private static int[] bins(double from, double to, int parts, int size) {
        long start = Math.round(from);
        double each = Math.max(Math.round(to) - start + 1, 1) / (double) parts;
        int[] bounds = new int[2 * parts];
        for (int i = 0; i < parts; i++) {
            bounds[2 * i] = Math.clamp(start + (long) Math.floor(i * each), 0, size);
            bounds[2 * i + 1] = Math.clamp(start + (long) Math.ceil((i + 1) * each), 0, size);
        }
        return bounds;
    }

    private static Value normPool(Call c) {
        Sliding s = sliding(c);
        return c.computed(norm(
                c.integer("p", 2),
                c.tensor(0),
                x -> Layout.channelsFirst(pool(Layout.channelsLast(x), s, PoolingOperators::sum))));
    }

    private interface Sum {
        Tensor of(Tensor x);
    }

    private static Tensor norm(int p, Tensor x, Sum sum) {
        return switch (p) {
            case 1 -> sum.of(x.abs());
            case 2 -> sum.of(x.square()).sqrt();
            default -> sum.of(x.abs().pow(p)).pow(1.0 / p);
        };
    }
}
