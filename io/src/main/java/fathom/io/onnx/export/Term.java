package fathom.io.onnx.export;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// An operation of the model at all sizes at which it was recorded.
///
/// @param number its place: operands come before users
/// @param ops the operation in each recording
/// @param inputs the operands
/// @param sizes of the result's axes
/// @param dtype of the result's elements
/// @param input which of the model's inputs it is, or -1
/// @param values the elements in each recording, if they are known; else nothing
/// @param node what the first recording has there, if it is a node by itself
/// @param path the part of the model that does it; "" if that is not known
record Term(
        int number,
        List<Op> ops,
        List<Term> inputs,
        List<Size> sizes,
        DType dtype,
        int input,
        List<Tensor> values,
        Optional<Node> node,
        String path) {
    Op op() {
        return ops.getFirst();
    }

    Term in(int i) {
        return inputs.get(i);
    }

    int rank() {
        return sizes.size();
    }

    Size size(int axis) {
        return sizes.get(axis < 0 ? axis + rank() : axis);
    }

    /// The product of some sizes.
    Size size(int from, int to) {
        Size all = Size.fixed(1, ops.size());
        for (int i = from; i < to; i++) {
            all = all.times(sizes.get(i));
        }
        return all;
    }

    /// Whether no size depends on those of the inputs.
    boolean isFixed() {
        return sizes.stream().allMatch(Size::isFixed);
    }

    /// A number that the operation says, in each recording.
    <T extends Op> Size number(Class<T> type, ToLongFunction<T> number) {
        return Size.of(ops.stream().mapToLong(o -> number.applyAsLong(type.cast(o))));
    }

    /// Numbers that the operation says for each axis.
    <T extends Op> List<Size> numbers(Class<T> type, Function<T, List<Integer>> numbers) {
        int count = numbers.apply(type.cast(op())).size();
        return IntStream.range(0, count)
                .mapToObj(i -> number(type, o -> numbers.apply(o).get(i)))
                .toList();
    }

    /// The value of a constant that is the same in all recordings.
    Optional<Double> constant() {
        if (!(op() instanceof Op.Full first)) {
            return Optional.empty();
        }
        long bits = Double.doubleToRawLongBits(first.value());
        boolean same =
                ops.stream().allMatch(o -> o instanceof Op.Full f && Double.doubleToRawLongBits(f.value()) == bits);
        return same ? Optional.of(first.value()) : Optional.empty();
    }

    /// The operation and the result's sizes, for errors.
    String title() {
        return op().title() + " " + dtype + sizes + (path.isEmpty() ? "" : " in " + path);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return number;
    }
}
