package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.stream.IntStream;

/// What normalisations that look at one sample at a time have in common.
final class Standardize {
    private Standardize() {}

    /// Brought to mean 0 and variance 1 over the given axes taken together.
    static Tensor over(Tensor x, double epsilon, int... axes) {
        Tensor centred = x.sub(x.mean(true, axes));
        Tensor variance = centred.mul(centred).mean(true, axes);
        return centred.div(variance.add(epsilon).sqrt());
    }

    /// [#over] each group of channels of `[N, ..., C]`.
    static Tensor groups(Tensor x, int groups, double epsilon) {
        int channels = x.dim(-1);
        int positions = x.shape().size(1, x.rank() - 1);
        Tensor grouped = x.reshape(x.dim(0), positions, groups, channels / groups);
        return over(grouped, epsilon, 1, 3).reshape(x.shape());
    }

    /// The axes of an input that ends in the given shape.
    static int[] lastAxes(Tensor x, Shape s) {
        int first = x.rank() - s.rank();
        boolean fits = first >= 0 && x.shape().toList().subList(first, x.rank()).equals(s.toList());
        Require.that(fits, "input %s, expected last axes %s", x.type(), s);
        return IntStream.range(first, x.rank()).toArray();
    }

    /// The shape of a sample's last axes.
    static Shape lastAxes(Shape sample, int count) {
        Require.that(sample.rank() >= count, "samples of shape %s, expected at least %s axes", sample, count);
        return Shape.of(sample.toList().subList(sample.rank() - count, sample.rank()));
    }

    /// The channels of a sample, whose last axis they are.
    static int channels(Shape sample) {
        Require.that(sample.rank() > 0, "samples of shape [], expected a last axis of channels");
        return sample.dim(-1);
    }
}
