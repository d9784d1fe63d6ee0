package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Operators that take elements from places that are computed.
final class GridOperators {
    private GridOperators() {}

    static Value sample(Call c) {
        Tensor x = c.tensor(0);
        Tensor grid = c.tensor(1);
        int n = x.rank() - 2;
        boolean fits = n >= 1 && grid.rank() == x.rank() && grid.dim(-1) == n && grid.dim(0) == x.dim(0);
        Require.that(fits, "images %s and a grid %s", x.shape(), grid.shape());
        boolean corners = c.flag("align_corners", false);
        int points = grid.shape().size(1, n + 1);
        List<Tensor> places = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            // The last axis has the first coordinate.
            Tensor g = grid.at(n + 1, n - 1 - i).reshape(x.dim(0), points).add(1);
            double size = x.dim(i + 2);
            places.add(corners ? g.mul((size - 1) / 2) : g.mul(size / 2).sub(0.5));
        }
        Sampling.Border border = Sampling.Border.of(c.text("padding_mode", "zeros"), corners);
        Tensor images = Layout.channelsLast(x).reshape(x.dim(0), x.shape().size(2, n + 2), x.dim(1));
        Tensor y = new Sampling(images, Layout.spatial(x), border).at(places, mode(c.text("mode", "linear")));
        int[] sizes = grid.shape().dims();
        sizes[n + 1] = x.dim(1);
        return c.computed(Layout.channelsFirst(y.reshape(sizes)));
    }

    private static Sampling.Mode mode(String mode) {
        return switch (mode) {
            case "nearest" -> Sampling.Mode.NEAREST;
            case "linear", "bilinear" -> Sampling.Mode.LINEAR;
            case "cubic", "bicubic" -> Sampling.Mode.CUBIC;
            default -> throw new IllegalArgumentException("mode '" + mode + "', expected linear, nearest or cubic");
        };
    }

    /// The places that an affine map sends the elements of an image to.
    static Value affine(Call c) {
        Tensor theta = c.tensor(0);
        int[] sizes = c.ints(1);
        int n = sizes.length - 2;
        Shape expected = Shape.of(sizes[0], n, n + 1);
        Require.that(theta.shape().equals(expected), "theta %s, expected %s", theta.shape(), expected);
        boolean corners = c.flag("align_corners", false);
        int[] grid = new int[n + 1];
        System.arraycopy(sizes, 2, grid, 0, n);
        grid[n] = 1;
        List<Tensor> columns = new ArrayList<>();
        for (int i = n - 1; i >= 0; i--) {
            double size = sizes[i + 2];
            Tensor place = Tensor.of(new Op.Iota(Shape.of(grid), DType.I32, i)).cast(theta.dtype());
            columns.add(
                    corners
                            ? place.mul(2 / Math.max(1, size - 1)).sub(1)
                            : place.mul(2).add(1).mul(1 / size).sub(1));
        }
        columns.add(Tensor.full(Shape.of(grid), theta.dtype(), 1));
        Tensor flat = Tensor.concat(n, columns).reshape(-1, n + 1);
        int[] shape = new int[n + 2];
        shape[0] = sizes[0];
        System.arraycopy(sizes, 2, shape, 1, n);
        shape[n + 1] = n;
        return c.computed(flat.matmul(theta.transpose()).reshape(shape));
    }

    /// A convolution whose taps are moved by offsets that are an input (Dai and others: *Deformable
    /// convolutional networks*, 2017), and weighted by a mask (Zhu and others, 2019).
    static Value deformed(Call c) {
        Tensor x = c.tensor(0);
        Tensor w = c.tensor(1);
        boolean images = x.rank() == 4 && w.rank() == 4;
        Require.that(images, "images %s and weights %s, expected 4 axes", x.shape(), w.shape());
        int[] sizes = Layout.spatial(x);
        Sliding s = Sliding.of(c, c.integers("kernel_shape").orElse(Layout.spatial(w)), sizes);
        int taps = s.kernel()[0] * s.kernel()[1];
        int parts = c.integer("offset_group", 1);
        int rows = s.windows(0, sizes[0]);
        int columns = s.windows(1, sizes[1]);
        int samples = x.dim(0);
        Shape given = Shape.of(samples, parts * taps * 2, rows, columns);
        Require.that(c.shape(2).equals(given), "offsets %s, expected %s", c.shape(2), given);
        int width = x.dim(1) / parts;
        // [N * parts, taps, rows * columns], for the two axes of the image.
        Tensor offsets = c.tensor(2).reshape(samples * parts, taps, 2, rows * columns);
        List<Tensor> places = new ArrayList<>();
        for (int axis = 0; axis < 2; axis++) {
            Tensor base = Tensor.of(base(s, axis, rows, columns), 1, taps, rows * columns);
            places.add(offsets.at(2, axis).add(base.cast(x.dtype())).reshape(samples * parts, taps * rows * columns));
        }
        Tensor flat = x.reshape(samples * parts, width, sizes[0] * sizes[1]).transpose(1, 2);
        Sampling sampling = new Sampling(flat, sizes, Sampling.Border.ZEROS);
        Tensor found = sampling.at(places, Sampling.Mode.LINEAR).reshape(samples, parts, taps, rows * columns, width);
        if (c.has(4)) {
            found = found.mul(c.tensor(4).reshape(samples, parts, taps, rows * columns, 1));
        }
        int groups = c.integer("group", 1);
        int inner = w.dim(1);
        // As [N, groups, rows * columns, channels of the group * taps].
        Tensor cut = found.permute(0, 1, 4, 2, 3)
                .reshape(samples, groups, inner * taps, rows * columns)
                .transpose();
        Tensor kernel = w.reshape(1, groups, w.dim(0) / groups, inner * taps).transpose();
        Tensor y = cut.matmul(kernel).transpose().reshape(samples, w.dim(0), rows, columns);
        return c.computed(c.has(3) ? y.add(Layout.perChannel(c.tensor(3), 4)) : y);
    }

    /// Where the taps are before they are moved.
    private static double[] base(Sliding s, int axis, int rows, int columns) {
        int kernelColumns = s.kernel()[1];
        return IntStream.range(0, s.kernel()[0] * kernelColumns)
                .boxed()
                .flatMapToDouble(tap -> IntStream.range(0, rows * columns).mapToDouble(i -> {
                    int window = axis == 0 ? i / columns : i % columns;
                    int k = axis == 0 ? tap / kernelColumns : tap % kernelColumns;
                    return window * s.strides()[axis] - s.begin()[axis] + k * s.dilations()[axis];
                }))
                .toArray();
    }
}
