package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// The windows of adaptive pooling along an axis, by PyTorch's rule: window `i` of `count` over
/// `size` elements begins at `floor(i * size / count)` and ends before `ceil((i + 1) * size / count)`.
/// So they cover the axis, and neighbours may overlap by one.
///
/// @param size elements of the axis, at least 1
/// @param count windows, at least 1
record Bins(int size, int count) {
    Bins {
        Require.that(size >= 1, "an axis of size %s, expected at least 1", size);
    }

    /// Where window `i` begins.
    int start(int i) {
        return (int) ((long) i * size / count);
    }

    /// The element after the last of window `i`.
    int end(int i) {
        return (int) Math.ceilDiv((i + 1L) * size, count);
    }

    /// Elements of the longest window.
    int longest() {
        int longest = 0;
        for (int i = 0; i < count; i++) {
            longest = Math.max(longest, end(i) - start(i));
        }
        return longest;
    }

    private boolean isEven() {
        return size % count == 0;
    }

    /// The windows one after the other, the shorter ones with their last element again: an axis of
    /// `count * longest` elements.
    Tensor sideBySide(Tensor x, int axis) {
        if (isEven()) {
            return x;
        }
        int each = longest();
        int[] indices = new int[count * each];
        Arrays.setAll(indices, k -> Math.min(start(k / each) + k % each, end(k / each) - 1));
        return x.take(Tensor.of(indices, indices.length), axis);
    }

    /// The means of the windows.
    Tensor mean(Tensor x, int axis) {
        Check.floating(x);
        int each = longest();
        double[] weights = new double[count * each];
        Arrays.setAll(weights, k -> {
            int length = end(k / each) - start(k / each);
            return k % each < length ? 1.0 / length : 0;
        });
        int[] parts = new int[x.rank() + 1];
        System.arraycopy(x.shape().dims(), 0, parts, 0, axis);
        System.arraycopy(x.shape().dims(), axis, parts, axis + 1, x.rank() - axis);
        parts[axis] = count;
        parts[axis + 1] = each;
        int[] along = new int[parts.length];
        Arrays.fill(along, 1);
        along[axis] = count;
        along[axis + 1] = each;
        Tensor windows = sideBySide(x, axis).reshape(Shape.of(parts));
        return windows.mul(Tensor.of(weights, along).cast(x.dtype())).sum(axis + 1);
    }

    /// The greatest under windows of images, the first of equal ones.
    static Tensor max(Tensor images, int height, int width) {
        Bins rows = new Bins(images.dim(1), height);
        Bins columns = new Bins(images.dim(2), width);
        int kh = rows.longest();
        int kw = columns.longest();
        Window window = new Window(kh, kw, kh, kw, 0, 0, 0, 0, 1, 1);
        return columns.sideBySide(rows.sideBySide(images, 1), 2).maxPool2d(window);
    }
}
