package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// Operators on images: other sizes, and elements from between the elements.
final class ImageOperators {
    private ImageOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("Resize", 11, Resizing::resize).settings(1, 2, 3),
                Operator.of("Resize", 10, Resizing::scale).settings(1),
                Operator.of("Upsample", 7, Resizing::scale).settings(1),
                Operator.of("GridSample", 16, GridOperators::sample),
                Operator.of("AffineGrid", 20, GridOperators::affine),
                Operator.of("DeformConv", 19, GridOperators::deformed),
                Operator.of("RoiAlign", 10, RegionOperators::align).settings(1),
                Operator.of("CenterCropPad", 18, ImageOperators::centred),
                Operator.of("Col2Im", 18, ImageOperators::columns));
    }

    /// The middle of a tensor, or zeros around it.
    private static Value centred(Call c) {
        Tensor x = c.tensor(0);
        int[] sizes = c.ints(1);
        int[] axes = c.integers("axes")
                .orElseGet(() -> IntStream.range(0, c.tensor(0).rank()).toArray());
        Require.that(sizes.length == axes.length, "%s sizes for %s axes", sizes.length, axes.length);
        for (int i = 0; i < axes.length; i++) {
            int axis = x.shape().axis(axes[i]);
            int n = x.dim(axis);
            int more = sizes[i] - n;
            if (more > 0) {
                x = x.pad(axis, more / 2, more - more / 2);
            } else if (more < 0) {
                x = x.slice(axis, -more / 2, -more / 2 + sizes[i]);
            }
        }
        return c.moved(x);
    }

    /// Columns of blocks put back where they were cut out, and added up there: a transposed convolution
    /// whose weights are 1 at the place of each row in its block.
    private static Value columns(Call c) {
        Tensor x = c.tensor(0);
        int[] image = c.ints(1);
        int[] block = c.ints(2);
        int n = image.length;
        Sliding s = Sliding.of(c, block, image);
        int[] none = new int[n];
        Sliding bare = new Sliding(block, s.strides(), s.dilations(), none, none, none);
        int area = IntStream.of(block).reduce(1, Math::multiplyExact);
        Require.that(x.rank() == 3 && x.dim(1) % area == 0, "columns %s of blocks of %s", x.shape(), area);
        int[] sizes = new int[n + 2];
        sizes[0] = x.dim(0);
        sizes[1] = x.dim(1);
        for (int i = 0; i < n; i++) {
            sizes[i + 2] = s.windows(i, image[i]);
        }
        int channels = x.dim(1) / area;
        int[] kernel = new int[n + 2];
        System.arraycopy(block, 0, kernel, 0, n);
        kernel[n] = 1;
        kernel[n + 1] = x.dim(1);
        Tensor weight = Tensor.concat(1, Collections.nCopies(channels, Tensor.eye(area)))
                .cast(x.dtype())
                .reshape(kernel);
        Tensor y = Convolutions.transposed(Layout.channelsLast(x.reshape(sizes)), weight, bare, channels);
        for (int i = 0; i < n; i++) {
            int begin = s.begin()[i];
            int missing = Math.max(0, begin + image[i] - y.dim(i + 1));
            y = y.pad(i + 1, 0, missing).slice(i + 1, begin, begin + image[i]);
        }
        return c.moved(Layout.channelsFirst(y));
    }
}
