package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;

import fathom.nn.AttentionMask;
import fathom.nn.Linear;
import fathom.nn.MultiHeadAttention;
import fathom.nn.Parameter;
import fathom.nn.RotaryPositions;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.MultiheadAttentionForwardFuncOptions;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Attention with heads, its projections and their gradients. The first inputs are the layer's, the
/// others are the weights of query, key, value and output, then their biases.
@RequiresLibtorch
class MultiHeadAttentionTest {
    /// Against libtorch's own function of that name.
    @TestFactory
    Stream<DynamicTest> multiHeadAttention() {
        return Stream.of(new Size(2, 7, 12, 3), new Size(33, 5, 8, 2), new Size(1, 1, 6, 1))
                .flatMap(s -> Case.tests(
                        Case.layer(
                                        "self-attention of " + s,
                                        s.inputs(s.width, s.heads),
                                        p -> layer(p.subList(1, 9), s.heads, s.heads)
                                                .apply(p.getFirst().value()),
                                        t -> functional(t, s.heads, Optional.empty()))
                                .within(5),
                        Case.layer(
                                        "self-attention with lengths of " + s,
                                        s.inputs(s.width, s.heads),
                                        p -> layer(p.subList(1, 9), s.heads, s.heads)
                                                .apply(
                                                        p.getFirst().value(),
                                                        AttentionMask.none().lengths(s.lengths(), s.time)),
                                        t -> functional(t, s.heads, Optional.of(s.lengths())))
                                .within(5)));
    }

    /// @param t `[N, T, width]` and the parameters
    private static org.bytedeco.pytorch.Tensor functional(
            List<org.bytedeco.pytorch.Tensor> t, int heads, Optional<Tensor> lengths) {
        var x = t.getFirst().transpose(0, 1);
        var weights =
                torch.cat(new TensorVector(t.get(1).t(), t.get(2).t(), t.get(3).t()));
        var biases = torch.cat(new TensorVector(t.get(5), t.get(6), t.get(7)));
        var none = new org.bytedeco.pytorch.Tensor();
        var options = new MultiheadAttentionForwardFuncOptions(
                x.size(2),
                heads,
                weights,
                biases,
                none,
                none,
                false,
                0,
                t.get(4).t(),
                t.get(8));
        options.training().put(false);
        options.need_weights().put(false);
        if (lengths.isPresent()) {
            Tensor after = Tensor.arange((int) x.size(0))
                    .unsqueeze(0)
                    .greaterEqual(lengths.get().unsqueeze(1));
            options.key_padding_mask().put(Torch.of(after));
        }
        return torch.multi_head_attention_forward(x, x, x, options).get0().transpose(0, 1);
    }

    @TestFactory
    Stream<DynamicTest> variants() {
        Size s = new Size(2, 5, 12, 4);
        RotaryPositions rotary = RotaryPositions.of();
        TensorOptional none = new TensorOptional();
        return Case.tests(
                Case.layer(
                                "causal",
                                s.inputs(s.width, s.heads),
                                p -> layer(p.subList(1, 9), 4, 4)
                                        .apply(
                                                p.getFirst().value(),
                                                AttentionMask.none().causal()),
                                t -> TorchAttention.multiHead(
                                        t.getFirst(), t.getFirst(), t.subList(1, 9), 4, 4, none, true))
                        .within(5),
                Case.layer(
                                "grouped heads",
                                s.inputs(s.width, 2),
                                p -> layer(p.subList(1, 9), 4, 2)
                                        .apply(p.getFirst().value()),
                                t -> TorchAttention.multiHead(
                                        t.getFirst(), t.getFirst(), t.subList(1, 9), 4, 2, none, false))
                        .within(5),
                Case.layer(
                                "cross-attention to another width",
                                Stream.concat(Stream.of(normal(2, 9, 7)), s.inputs(7, 1).stream())
                                        .toList(),
                                p -> layer(p.subList(2, 10), 4, 1)
                                        .apply(
                                                p.get(1).value(),
                                                p.get(0).value(),
                                                p.get(0).value(),
                                                AttentionMask.none()),
                                t -> TorchAttention.multiHead(t.get(1), t.get(0), t.subList(2, 10), 4, 1, none, false))
                        .within(5),
                Case.layer(
                                "rotary, one head",
                                new Size(3, 6, 8, 1).inputs(8, 1),
                                p -> turning(layer(p.subList(1, 9), 1, 1), rotary)
                                        .apply(
                                                p.getFirst().value(),
                                                AttentionMask.none().causal()),
                                t -> rotary(t.getFirst(), t.subList(1, 9)))
                        .within(5));
    }

    private static org.bytedeco.pytorch.Tensor rotary(
            org.bytedeco.pytorch.Tensor x, List<org.bytedeco.pytorch.Tensor> p) {
        var q = TorchAttention.rotary(TorchAttention.dense(x, p.get(0), p.get(4)), 0);
        var k = TorchAttention.rotary(TorchAttention.dense(x, p.get(1), p.get(5)), 0);
        var v = TorchAttention.dense(x, p.get(2), p.get(6));
        var mixed =
                TorchAttention.attention(q.unsqueeze(1), k.unsqueeze(1), v.unsqueeze(1), new TensorOptional(), true);
        return TorchAttention.merge(mixed, p);
    }

    private static MultiHeadAttention turning(MultiHeadAttention a, RotaryPositions rotary) {
        return new MultiHeadAttention(
                a.query(), a.key(), a.value(), a.output(), a.heads(), a.keyHeads(), a.mask(), 0, Optional.of(rotary));
    }

    /// @param p weights of query, key, value and output, then their biases
    static MultiHeadAttention layer(List<Parameter> p, int heads, int keyHeads) {
        return new MultiHeadAttention(
                new Linear(p.get(0), Optional.of(p.get(4))),
                new Linear(p.get(1), Optional.of(p.get(5))),
                new Linear(p.get(2), Optional.of(p.get(6))),
                new Linear(p.get(3), Optional.of(p.get(7))),
                heads,
                keyHeads,
                AttentionMask.none(),
                0,
                Optional.empty());
    }

    /// The weights of a layer, then its biases.
    static List<Input> parameters(int width, int memory, int shared) {
        return List.of(
                uniform(-0.5, 0.5, width, width),
                uniform(-0.5, 0.5, memory, shared),
                uniform(-0.5, 0.5, memory, shared),
                uniform(-0.5, 0.5, width, width),
                normal(width),
                normal(shared),
                normal(shared),
                normal(width));
    }

    private record Size(int samples, int time, int width, int heads) {
        List<Input> inputs(int memory, int keyHeads) {
            return Stream.concat(
                            Stream.of(normal(samples, time, width)),
                            parameters(width, memory, width / heads * keyHeads).stream())
                    .toList();
        }

        Tensor lengths() {
            int[] all = new int[samples];
            for (int i = 0; i < samples; i++) {
                all[i] = 1 + (i * 3 + 2) % time;
            }
            return Tensor.of(all, samples);
        }
    }
}
