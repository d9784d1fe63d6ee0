package fathom.io.onnx.run;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Images have their channels after the samples in ONNX, and last in Fathom. What convolutions and pooling
/// give therefore ends in a permutation; operators that work at any place alike are applied before it, so
/// that it meets the one with which the next convolution begins, and both are gone.
///
/// @param tensor the elements as they are laid out
/// @param order the permutation that makes the tensor of ONNX of it; the identity where it has none
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Layout(Tensor tensor, int[] order) {

    /// How a tensor is laid out.
    public static Layout of(Tensor x) {
        Tensor images = images(x);
        return images == null
                ? new Layout(x, IntStream.range(0, x.rank()).toArray())
                : new Layout(images, first(x.rank()));
    }

    /// What a tensor is a permutation of that puts channels behind samples, or null if it is none.
    private static @Nullable Tensor images(Tensor x) {
        Node node = x.node();
        boolean permuted = x.rank() >= 3
                && !node.isEvaluated()
                && node.op() instanceof Op.Permute p
                && Arrays.equals(p.order().stream().mapToInt(i -> i).toArray(), first(x.rank()));
        return permuted ? new Tensor(node.inputs().getFirst()) : null;
    }

    /// Whether it is laid out as in ONNX.
    boolean isPlain() {
        return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
    }

    /// The axis that one of the tensor in ONNX is here.
    ///
    /// @throws IllegalArgumentException if there is no such axis
    public int axis(int axis) {
        return order[tensor.shape().axis(axis)];
    }

    /// The axes that those of the tensor in ONNX are here.
    public int[] axes(int... axes) {
        return Arrays.stream(axes).map(this::axis).toArray();
    }

    /// A tensor laid out like this one as that of ONNX.
    public Tensor back(Tensor y) {
        return y.permute(order);
    }

    /// Several tensors of one rank laid out alike: as images, if one of them is.
    public static List<Layout> alike(List<Tensor> tensors) {
        int rank = tensors.stream().mapToInt(Tensor::rank).max().orElse(0);
        boolean any = tensors.stream().anyMatch(x -> x.rank() == rank && images(x) != null);
        List<Layout> all = new ArrayList<>();
        for (Tensor x : tensors) {
            int[] same = IntStream.range(0, any ? rank : x.rank()).toArray();
            // A single element is the same in any layout.
            Tensor images = any && x.size() != 1 ? channelsLast(aligned(x, rank)) : x;
            all.add(new Layout(images, any ? first(rank) : same));
        }
        return all;
    }

    /// With more axes of size 1 in front.
    private static Tensor aligned(Tensor x, int rank) {
        int[] sizes = new int[rank];
        Arrays.fill(sizes, 1);
        System.arraycopy(x.shape().dims(), 0, sizes, rank - x.rank(), x.rank());
        return x.reshape(Shape.of(sizes));
    }

    private static int[] first(int n) {
        return IntStream.range(0, n)
                .map(i -> i == 0 ? 0 : i == 1 ? n - 1 : i - 1)
                .toArray();
    }

    /// `[N, C, ...]` as `[N, ..., C]`.
    public static Tensor channelsLast(Tensor x) {
        int n = x.rank();
        return x.permute(IntStream.range(0, n)
                .map(i -> i == 0 ? 0 : i == n - 1 ? 1 : i + 1)
                .toArray());
    }

    /// `[N, ..., C]` as `[N, C, ...]`.
    public static Tensor channelsFirst(Tensor x) {
        return x.permute(first(x.rank()));
    }

    /// `[C]` as `[C, 1, ...]`, to go with `[N, C, ...]` of so many axes.
    public static Tensor perChannel(Tensor x, int rank) {
        int[] sizes = new int[Math.max(1, rank - 1)];
        Arrays.fill(sizes, 1);
        sizes[0] = x.size();
        return x.reshape(Shape.of(sizes));
    }

    /// The sizes of the axes after samples and channels.
    public static int[] spatial(Tensor x) {
        return IntStream.range(2, x.rank()).map(x::dim).toArray();
    }
}
