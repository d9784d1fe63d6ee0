package fathom.tensor;

import fathom.ir.Op;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// The operations that rearrange elements without computing anything.
public sealed interface Movement permits Tensor {
    /// This object as a tensor.
    Tensor self();

    /// The same elements in row-major order under another shape; one size may be -1 and is
    /// inferred.
    ///
    /// @throws IllegalArgumentException if the number of elements differs
    default Tensor reshape(int... sizes) {
        Tensor x = self();
        int unknown = -1;
        long known = 1;
        for (int i = 0; i < sizes.length; i++) {
            if (sizes[i] == -1 && unknown < 0) {
                unknown = i;
            } else {
                known *= sizes[i];
            }
        }
        if (unknown < 0) {
            return x.reshape(Shape.of(sizes));
        }
        if (known <= 0 || x.size() % known != 0) {
            throw new IllegalArgumentException("reshape: %s to %s: %s elements do not divide by %s"
                    .formatted(x.type(), Arrays.toString(sizes), x.size(), known));
        }
        int[] full = sizes.clone();
        full[unknown] = (int) (x.size() / known);
        return x.reshape(Shape.of(full));
    }

    /// The same elements in row-major order under another shape.
    ///
    /// @throws IllegalArgumentException if the number of elements differs
    default Tensor reshape(Shape shape) {
        return Tensor.of(new Op.Reshape(shape), self());
    }

    /// The axes from `from` on merged into one.
    default Tensor flatten(int from) {
        Tensor x = self();
        int a = from == x.rank() ? from : x.shape().axis(from);
        int[] sizes = Arrays.copyOf(x.shape().dims(), a + 1);
        sizes[a] = x.shape().size(a, x.rank());
        return x.reshape(Shape.of(sizes));
    }

    /// With a new axis of size 1 at the given place; -1 is after the last.
    default Tensor unsqueeze(int axis) {
        Tensor x = self();
        int a = axis < 0 ? axis + x.rank() + 1 : axis;
        String message = "unsqueeze: axis %s of %s, expected %s to %s";
        Require.that(a >= 0 && a <= x.rank(), message, axis, x.shape(), -x.rank() - 1, x.rank());
        List<Integer> sizes = new ArrayList<>(x.shape().toList());
        sizes.add(a, 1);
        return x.reshape(Shape.of(sizes));
    }

    /// Without an axis of size 1.
    ///
    /// @throws IllegalArgumentException if the axis has another size
    default Tensor squeeze(int axis) {
        Tensor x = self();
        int size = x.dim(axis);
        Require.that(size == 1, "squeeze: axis %s of %s has size %s, expected 1", axis, x.shape(), size);
        return x.reshape(x.shape().without(List.of(x.shape().axis(axis))));
    }

    /// Axis `i` of the result is axis `order[i]` of this.
    default Tensor permute(int... order) {
        Tensor x = self();
        List<Integer> axes = Arrays.stream(order).map(x.shape()::axis).boxed().toList();
        return Tensor.of(new Op.Permute(axes), x);
    }

    /// With two axes exchanged.
    default Tensor transpose(int a, int b) {
        Tensor x = self();
        List<Integer> order = new ArrayList<>(x.shape().axes());
        Collections.swap(order, x.shape().axis(a), x.shape().axis(b));
        return Tensor.of(new Op.Permute(order), x);
    }

    /// A matrix with rows and columns exchanged; of a stack, in each.
    default Tensor transpose() {
        return transpose(-1, -2);
    }

    /// Stretched to a shape by NumPy's rule: new axes in front, axes of size 1 repeated.
    ///
    /// @throws IllegalArgumentException if it does not stretch to that
    default Tensor broadcastTo(Shape shape) {
        Tensor x = self();
        if (x.shape().equals(shape)) {
            return x;
        }
        boolean fits = x.rank() <= shape.rank();
        Require.that(fits, "broadcast: %s to %s: expected no fewer axes", x.shape(), shape);
        if (x.rank() < shape.rank()) {
            List<Integer> sizes = new ArrayList<>(Collections.nCopies(shape.rank() - x.rank(), 1));
            sizes.addAll(x.shape().toList());
            x = x.reshape(Shape.of(sizes));
        }
        return Tensor.of(new Op.Broadcast(shape), x);
    }

    /// Zeros before and after along one axis.
    default Tensor pad(int axis, int before, int after) {
        return pad(axis, before, after, 0);
    }

    /// A value before and after along one axis.
    default Tensor pad(int axis, int before, int after, double value) {
        Tensor x = self();
        int a = x.shape().axis(axis);
        List<Integer> b = new ArrayList<>(Collections.nCopies(x.rank(), 0));
        List<Integer> e = new ArrayList<>(b);
        List<Integer> none = List.copyOf(b);
        b.set(a, before);
        e.set(a, after);
        return Tensor.of(new Op.Pad(List.copyOf(b), List.copyOf(e), none, value), x);
    }

    /// In reverse order along the axis.
    default Tensor flip(int axis) {
        return self().slice(axis, -1, Integer.MIN_VALUE, -1);
    }
}
