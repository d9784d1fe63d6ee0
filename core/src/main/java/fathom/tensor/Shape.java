package fathom.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The sizes of a tensor's axes. A scalar has no axes; an axis may have size 0.
///
/// Axes are counted from 0, or backwards from -1. The product of the sizes is below 2³¹.
public final class Shape {
    /// The shape of a scalar: no axes, one element.
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] sizes;
    private final int size;

    private Shape(int[] sizes) {
        long product = 1;
        for (int s : sizes) {
            if (s < 0) {
                throw new IllegalArgumentException("shape " + Arrays.toString(sizes) + ": expected no size below 0");
            }
            product = s != 0 && product > Long.MAX_VALUE / s ? Long.MAX_VALUE : product * s;
        }
        if (product > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("shape %s: %s elements, expected fewer than 2^31 in one tensor"
                    .formatted(Arrays.toString(sizes), product == Long.MAX_VALUE ? "far more" : product));
        }
        this.sizes = sizes;
        this.size = (int) product;
    }

    /// A shape of the given sizes.
    ///
    /// @throws IllegalArgumentException if a size is negative or there are 2³¹ elements or more
    public static Shape of(int... sizes) {
        return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
    }

    /// A shape of the given sizes.
    ///
    /// @throws IllegalArgumentException if a size is negative or there are 2³¹ elements or more
    public static Shape of(List<Integer> sizes) {
        int[] all = new int[sizes.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = sizes.get(i);
        }
        return all.length == 0 ? SCALAR : new Shape(all);
    }

    /// The number of axes.
    public int rank() {
        return sizes.length;
    }

    /// The number of elements.
    public int size() {
        return size;
    }

    /// The product of the sizes of the axes `from` to before `to`.
    public int size(int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= sizes[i];
        }
        return product;
    }

    /// The size of one axis; -1 is the last.
    ///
    /// @throws IllegalArgumentException if there is no such axis
    public int dim(int axis) {
        return sizes[axis(axis)];
    }

    /// The sizes, as a fresh array.
    public int[] dims() {
        return sizes.clone();
    }

    /// The sizes as an immutable list.
    public List<Integer> toList() {
        Integer[] all = new Integer[sizes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = sizes[i];
        }
        return List.of(all);
    }

    /// An axis counted from 0, from one that may be counted backwards from -1.
    ///
    /// @throws IllegalArgumentException if there is no such axis
    public int axis(int axis) {
        int a = axis < 0 ? axis + sizes.length : axis;
        if (a < 0 || a >= sizes.length) {
            String expected = -sizes.length + " to " + (sizes.length - 1);
            throw new IllegalArgumentException("axis %s of shape %s: expected %s"
                    .formatted(axis, this, sizes.length == 0 ? "none, a scalar has no axes" : expected));
        }
        return a;
    }

    /// The axes counted from 0, ascending; all of them if none is given.
    ///
    /// @throws IllegalArgumentException if there is no such axis, or one is given twice
    public List<Integer> axes(int... axes) {
        if (axes.length == 0) {
            Integer[] all = new Integer[sizes.length];
            for (int i = 0; i < all.length; i++) {
                all[i] = i;
            }
            return List.of(all);
        }
        List<Integer> sorted =
                Arrays.stream(axes).map(this::axis).sorted().boxed().toList();
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i).equals(sorted.get(i - 1))) {
                throw new IllegalArgumentException(
                        "axes " + Arrays.toString(axes) + " of shape " + this + ": one is given twice");
            }
        }
        return sorted;
    }

    /// Elements between neighbours along each axis, in row-major order.
    public int[] strides() {
        int[] strides = new int[sizes.length];
        int s = 1;
        for (int i = sizes.length - 1; i >= 0; i--) {
            strides[i] = s;
            s *= Math.max(1, sizes[i]);
        }
        return strides;
    }

    /// This shape with another size for one axis.
    public Shape with(int axis, int newSize) {
        int[] d = dims();
        d[axis(axis)] = newSize;
        return new Shape(d);
    }

    /// This shape without some axes.
    public Shape without(List<Integer> axes) {
        return of(IntStream.range(0, sizes.length)
                .filter(i -> !axes.contains(i))
                .map(i -> sizes[i])
                .toArray());
    }

    /// The shape that two shapes stretch to under NumPy's broadcasting rule: aligned from the last
    /// axis, sizes are equal or one of them is 1.
    ///
    /// @param operation the operation's name, for the error
    /// @throws IllegalArgumentException if they do not broadcast
    public static Shape broadcast(String operation, Shape a, Shape b) {
        if (a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        int[] out = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int x = i <= a.rank() ? a.sizes[a.rank() - i] : 1;
            int y = i <= b.rank() ? b.sizes[b.rank() - i] : 1;
            if (x != y && x != 1 && y != 1) {
                throw new IllegalArgumentException(
                        "%s: shapes %s and %s do not broadcast: sizes %s and %s at axis -%s, expected equal sizes or 1"
                                .formatted(operation, a, b, x, y, i));
            }
            out[rank - i] = x == 1 ? y : x;
        }
        return new Shape(out);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape s && Arrays.equals(sizes, s.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /// As NumPy and PyTorch write it: `[2, 3]`.
    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
