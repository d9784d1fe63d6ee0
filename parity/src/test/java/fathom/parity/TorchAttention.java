package fathom.parity;

import static fathom.parity.Torch.longs;
import static fathom.parity.Torch.scalar;

import java.util.List;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Attention and positions in libtorch's operations.
final class TorchAttention {
    private TorchAttention() {}

    /// Libtorch's own attention; keys and values may have fewer heads.
    static Tensor attention(Tensor query, Tensor key, Tensor value, TensorOptional mask, boolean causal) {
        boolean grouped = query.size(1) != key.size(1);
        return torch.scaled_dot_product_attention(query, key, value, mask, 0, causal, new DoubleOptional(), grouped);
    }

    /// Self or cross attention with heads, for inputs `[N, T, in]`.
    ///
    /// @param p weights `[in, out]` of query, key, value and output, then their biases
    static Tensor multiHead(
            Tensor x, Tensor memory, List<Tensor> p, int heads, int keyHeads, TensorOptional mask, boolean causal) {
        Tensor q = split(dense(x, p.get(0), p.get(4)), heads);
        Tensor k = split(dense(memory, p.get(1), p.get(5)), keyHeads);
        Tensor v = split(dense(memory, p.get(2), p.get(6)), keyHeads);
        return merge(attention(q, k, v, mask, causal), p);
    }

    static Tensor merge(Tensor mixed, List<Tensor> p) {
        return dense(mixed.transpose(1, 2).flatten(2, 3), p.get(3), p.get(7));
    }

    static Tensor dense(Tensor x, Tensor weight, Tensor bias) {
        return torch.linear(x, Layouts.linear(weight), new TensorOptional(bias));
    }

    static Tensor split(Tensor x, int heads) {
        return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }

    /// `[T, width / 2]`, rounded up, in double precision.
    private static Tensor angles(Tensor like, int first) {
        long time = like.size(-2);
        long width = like.size(-1);
        Tensor places = torch.arange(scalar(first), scalar(first + time)).to(ScalarType.Double);
        Tensor even = torch.arange(scalar(0), scalar(width), scalar(2)).to(ScalarType.Double);
        Tensor rates = torch.pow(scalar(10000), even.div(scalar(-width)));
        return torch.outer(places, rates);
    }

    /// Sines at even places, cosines at odd ones, `[T, width]`.
    static Tensor waves(Tensor like, int first) {
        Tensor angles = angles(like, first);
        Tensor table = torch.zeros(longs(like.size(-2), like.size(-1)), angles.options());
        table.slice(1, Torch.maybe(0), Torch.maybe(like.size(-1)), 2).copy_(angles.sin());
        table.slice(1, Torch.maybe(1), Torch.maybe(like.size(-1)), 2).copy_(angles.cos());
        return table.to(like.scalar_type());
    }

    /// Pairs of neighbours as complex numbers, turned by a product.
    static Tensor rotary(Tensor x, int first) {
        Tensor angles = angles(x, first);
        Tensor turn = torch.polar(torch.ones_like(angles), angles);
        Tensor pairs = x.to(ScalarType.Double).reshape(x.size(0), x.size(1), x.size(2) / 2, 2);
        return torch.view_as_real(torch.view_as_complex(pairs).mul(turn))
                .flatten(2, 3)
                .to(x.scalar_type());
    }

    /// As GPT-NeoX has it: `x cos + turned(x) sin`, where the halves change places.
    static Tensor rotaryInHalves(Tensor x) {
        Tensor half = angles(x, 0);
        Tensor angles = torch.cat(new TensorVector(half, half), -1).to(x.scalar_type());
        long middle = x.size(-1) / 2;
        Tensor turned = torch.cat(new TensorVector(x.narrow(-1, middle, middle).neg(), x.narrow(-1, 0, middle)), -1);
        return x.mul(angles.cos()).add(turned.mul(angles.sin()));
    }
}
