package fathom.io.onnx.operators;

import fathom.tensor.Tensor;
import java.util.stream.IntStream;

/// Images have their channels after the samples in ONNX, and last in Fathom.
final class Layout {
    private Layout() {}

    /// `[N, C, ...]` as `[N, ..., C]`.
    static Tensor channelsLast(Tensor x) {
        int n = x.rank();
        return x.permute(IntStream.range(0, n)
                .map(i -> i == 0 ? 0 : i == n - 1 ? 1 : i + 1)
                .toArray());
    }

    /// `[N, ..., C]` as `[N, C, ...]`.
    static Tensor channelsFirst(Tensor x) {
        int n = x.rank();
        return x.permute(IntStream.range(0, n)
                .map(i -> i == 0 ? 0 : i == 1 ? n - 1 : i - 1)
                .toArray());
    }

    /// `[C]` as `[C, 1, ...]`, to go with `[N, C, ...]` of so many axes.
    static Tensor perChannel(Tensor x, int rank) {
        int[] sizes = IntStream.range(0, Math.max(1, rank - 1))
                .map(i -> i == 0 ? x.size() : 1)
                .toArray();
        return x.reshape(sizes);
    }

    /// The sizes of the axes after samples and channels.
    static int[] spatial(Tensor x) {
        return IntStream.range(2, x.rank()).map(x::dim).toArray();
    }
}
