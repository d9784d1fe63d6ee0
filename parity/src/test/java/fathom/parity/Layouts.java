package fathom.parity;

import org.bytedeco.pytorch.Tensor;

/// From Fathom's layouts to libtorch's and back. They are operations of libtorch, so that its
/// gradients come back in Fathom's layout by themselves.
final class Layouts {
    private Layouts() {}

    /// `[N, H, W, C]` to `[N, C, H, W]`.
    static Tensor channelsFirst(Tensor images) {
        return images.permute(0, 3, 1, 2);
    }

    /// `[N, C, H, W]` to `[N, H, W, C]`.
    static Tensor channelsLast(Tensor images) {
        return images.permute(0, 2, 3, 1);
    }

    /// `[KH, KW, C, K]` to `[K, C, KH, KW]`.
    static Tensor kernel(Tensor weight) {
        return weight.permute(3, 2, 0, 1);
    }

    /// `[KL, C, K]` to `[K, C, KL]`.
    static Tensor kernel1d(Tensor weight) {
        return weight.permute(2, 1, 0);
    }

    /// `[N, L, C]` to `[N, C, L]` or back.
    static Tensor sequence(Tensor sequences) {
        return sequences.transpose(1, 2);
    }

    /// `[in, out]` to `[out, in]` or back.
    static Tensor linear(Tensor weight) {
        return weight.t();
    }
}
