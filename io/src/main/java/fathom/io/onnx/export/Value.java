package fathom.io.onnx.export;

import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A tensor of the model as a view of one of the ONNX graph. The two may have their axes in another order;
/// axes of size 1 come and go; and an axis along which all elements are equal need not be in the graph's
/// tensor. So movement costs nothing there, until somebody needs the elements in a certain order.
///
/// @param source the graph's tensor
/// @param axes for each axis the source's, or -1 if the source has none for it; those that the source has
///   and that are not named here are of size 1
/// @param sizes of the axes
/// @param dtype of the elements
record Value(Source source, List<Integer> axes, List<Size> sizes, DType dtype) {
    /// A tensor of the graph as it is.
    static Value of(Source source, List<Size> sizes, DType dtype) {
        List<Integer> axes = IntStream.range(0, sizes.size())
                .mapToObj(i -> sizes.get(i).isOne() ? -1 : i)
                .toList();
        return new Value(source, axes, sizes, dtype);
    }

    int rank() {
        return axes.size();
    }

    /// Whether the elements differ along an axis.
    boolean varies(int axis) {
        return axes.get(axis) >= 0;
    }

    /// Where an axis is in the graph's tensor, or -1.
    int position(int axis) {
        return varies(axis) ? source.position(axes.get(axis)) : -1;
    }

    /// The axes along which the elements differ.
    List<Integer> varying() {
        return IntStream.range(0, rank()).filter(this::varies).boxed().toList();
    }

    /// With the axes in another order.
    Value permuted(List<Integer> order) {
        return new Value(
                source,
                order.stream().map(axes::get).toList(),
                order.stream().map(sizes::get).toList(),
                dtype);
    }

    /// With other axes repeated.
    Value broadcast(List<Size> to) {
        return new Value(source, axes, to, dtype);
    }

    /// Under sizes that differ by ones alone.
    Value reshaped(List<Size> to) {
        List<Integer> mine = IntStream.range(0, rank())
                .filter(i -> !sizes.get(i).isOne())
                .boxed()
                .toList();
        List<Integer> result = new ArrayList<>();
        int next = 0;
        for (Size size : to) {
            result.add(size.isOne() ? -1 : axes.get(mine.get(next++)));
        }
        return new Value(source, result, to, dtype);
    }

    /// Whether the sizes differ from others by ones alone.
    boolean differsByOnes(List<Size> to) {
        return sizes.stream()
                .filter(s -> !s.isOne())
                .toList()
                .equals(to.stream().filter(s -> !s.isOne()).toList());
    }
}
