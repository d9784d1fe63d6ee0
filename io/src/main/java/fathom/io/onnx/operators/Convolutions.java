package fathom.io.onnx.operators;

import fathom.ir.Op;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/// Convolutions over any number of axes, made of those over two: what a window of more axes gives is the
/// sum of what each of its slices gives. All with channels last.
final class Convolutions {
    private Convolutions() {}

    /// @param x `[N, ..., C]`
    /// @param weight `[..., C / groups, K]`
    static Tensor forward(Tensor x, Tensor weight, Sliding s, int groups) {
        if (s.rank() == 1) {
            return x.unsqueeze(1)
                    .conv2d(weight.unsqueeze(0), s.window(), groups)
                    .squeeze(1);
        }
        if (s.rank() == 2) {
            return x.conv2d(weight, s.window(), groups);
        }
        int windows = s.windows(0, x.dim(1));
        Tensor padded = x.pad(1, s.begin()[0], s.end()[0]);
        Tensor sum = null;
        for (int k = 0; k < s.kernel()[0]; k++) {
            int from = k * s.dilations()[0];
            Tensor part = padded.slice(1, from, from + (windows - 1) * s.strides()[0] + 1, s.strides()[0]);
            Tensor y = unfold(forward(fold(part), weight.at(0, k), s.rest(), groups), x.dim(0));
            sum = sum == null ? y : sum.add(y);
        }
        return Objects.requireNonNull(sum);
    }

    /// The transposed convolution before anything is taken away from its borders.
    ///
    /// @param x `[N, ..., K]`
    /// @param weight `[..., C / groups, K]`
    static Tensor transposed(Tensor x, Tensor weight, Sliding s, int groups) {
        if (s.rank() == 1) {
            return transposed(x.unsqueeze(1), weight.unsqueeze(0), s, groups, 1, full(s, 0, x.dim(1)))
                    .squeeze(1);
        }
        if (s.rank() == 2) {
            return transposed(x, weight, s, groups, full(s, 0, x.dim(1)), full(s, 1, x.dim(2)));
        }
        Tensor sum = null;
        int size = full(s, 0, x.dim(1));
        for (int k = 0; k < s.kernel()[0]; k++) {
            Tensor y = unfold(transposed(fold(x), weight.at(0, k), s.rest(), groups), x.dim(0));
            int before = k * s.dilations()[0];
            int after = size - before - (x.dim(1) - 1) * s.strides()[0] - 1;
            Tensor apart = spread(y, before, after, s.strides()[0] - 1);
            sum = sum == null ? apart : sum.add(apart);
        }
        return Objects.requireNonNull(sum);
    }

    private static Tensor transposed(Tensor x, Tensor weight, Sliding s, int groups, int height, int width) {
        return Tensor.of(new Op.ConvolutionInputGradient(s.window(), groups, height, width), x, weight);
    }

    /// The size of the smallest axis that the window makes one of the given size of.
    static int full(Sliding s, int axis, int size) {
        return (size - 1) * s.strides()[axis] + (s.kernel()[axis] - 1) * s.dilations()[axis] + 1;
    }

    private static Tensor spread(Tensor x, int before, int after, int between) {
        List<Integer> none = Collections.nCopies(x.rank(), 0);
        return Tensor.of(new Op.Pad(along(none, before), along(none, after), along(none, between), 0), x);
    }

    private static List<Integer> along(List<Integer> none, int value) {
        List<Integer> all = new ArrayList<>(none);
        all.set(1, value);
        return List.copyOf(all);
    }

    /// The first axis of the images as more samples.
    private static Tensor fold(Tensor x) {
        int[] sizes = x.shape().dims();
        int[] folded = Arrays.copyOfRange(sizes, 1, sizes.length);
        folded[0] = sizes[0] * sizes[1];
        return x.reshape(folded);
    }

    private static Tensor unfold(Tensor x, int samples) {
        int[] sizes = x.shape().dims();
        int[] unfolded = new int[sizes.length + 1];
        System.arraycopy(sizes, 1, unfolded, 2, sizes.length - 1);
        unfolded[0] = samples;
        unfolded[1] = sizes[0] / Math.max(1, samples);
        return x.reshape(unfolded);
    }
}
