package fathom.nn;

import fathom.tensor.Tensor;
import java.util.Arrays;

/// How images are brought to another size: along each axis by itself.
public enum Interpolation {
    /// The element `floor(i * size / newSize)`.
    NEAREST,
    /// Between the two nearest, pixels being areas: element `i` is at `(i + 1/2) * size / newSize -
    /// 1/2`, and outside of the outermost centres is what is there. PyTorch's `align_corners=False`.
    BILINEAR,
    /// Between the two nearest, pixels being points: element `i` is at `i * (size - 1) / (newSize -
    /// 1)`, so that the corners stay where they are. PyTorch's `align_corners=True`.
    BILINEAR_ALIGNED;

    /// Another number of elements along an axis.
    Tensor resize(Tensor x, int axis, int size) {
        int old = x.dim(axis);
        if (size == old) {
            return x;
        }
        double[] places = new double[size];
        Arrays.setAll(places, i -> place(i, old, size));
        Tensor before = taken(x, axis, places, 0);
        if (this == NEAREST) {
            return before;
        }
        Check.floating(x);
        double[] after = Arrays.stream(places).map(p -> p - Math.floor(p)).toArray();
        int[] along = new int[x.rank()];
        Arrays.fill(along, 1);
        along[axis] = size;
        Tensor weight = Tensor.of(after, along).cast(x.dtype());
        return before.mul(weight.neg().add(1)).add(taken(x, axis, places, 1).mul(weight));
    }

    private double place(int i, int old, int size) {
        return switch (this) {
            case NEAREST -> (double) ((long) i * old / size);
            case BILINEAR -> Math.max(0, (i + 0.5) * old / size - 0.5);
            case BILINEAR_ALIGNED -> size == 1 ? 0 : (double) ((long) i * (old - 1)) / (size - 1);
        };
    }

    /// The elements `offset` after the places, but within the axis.
    private static Tensor taken(Tensor x, int axis, double[] places, int offset) {
        int last = x.dim(axis) - 1;
        int[] indices = Arrays.stream(places)
                .mapToInt(p -> Math.min((int) p + offset, last))
                .toArray();
        return x.take(Tensor.of(indices, indices.length), axis);
    }
}
