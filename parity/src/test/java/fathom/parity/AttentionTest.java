package fathom.parity;

import static fathom.parity.Input.normal;

import fathom.nn.Attention;
import fathom.nn.AttentionMask;
import fathom.nn.Layers;
import fathom.nn.LearnedPositions;
import fathom.nn.RotaryPositions;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Scaled dot-product attention and its gradients.
@RequiresLibtorch
class AttentionTest {
    @TestFactory
    Stream<DynamicTest> scaledDotProduct() {
        return Case.tests(
                attention("self-attention", false, normal(2, 3, 7, 8), normal(2, 3, 7, 8), normal(2, 3, 7, 8)),
                attention("causal", true, normal(2, 3, 7, 8), normal(2, 3, 7, 8), normal(2, 3, 7, 8)),
                attention("cross-attention", false, normal(2, 3, 5, 8), normal(2, 3, 9, 8), normal(2, 3, 9, 4)));
    }

    @TestFactory
    Stream<DynamicTest> masks() {
        // The second query sees nothing in one head.
        boolean[] seen = new boolean[3 * 5 * 9];
        for (int i = 0; i < seen.length; i++) {
            seen[i] = i % 4 != 2 && i / 9 != 6;
        }
        Tensor visible = Tensor.of(seen, 3, 5, 9);
        Tensor lengths = Tensor.of(new int[] {4, 9}, 2);
        boolean[] within = new boolean[2 * 9];
        for (int i = 0; i < within.length; i++) {
            within[i] = i % 9 < (i < 9 ? 4 : 9);
        }
        Tensor ends = Tensor.of(within, 2, 1, 1, 9);
        AttentionMask none = AttentionMask.none();
        return Case.tests(
                masked("visible keys", none.where(visible), t -> Torch.of(visible)),
                masked("lengths", none.lengths(lengths, 9), t -> Torch.of(ends)),
                masked(
                        "lengths and visible keys",
                        none.lengths(lengths, 9).where(visible),
                        t -> Torch.of(ends).logical_and(Torch.of(visible))),
                masked(
                        "later queries",
                        none.causal().from(Tensor.of(new int[] {4}, 1)),
                        t -> torch.ones(new long[] {5, 9}, t.options()).tril(4).to(ScalarType.Bool)),
                biased("bias", normal(3, 5, 9), none::bias),
                biased("bias of all heads", normal(1, 9), none::bias));
    }

    private static Case masked(String name, AttentionMask mask, UnaryOperator<org.bytedeco.pytorch.Tensor> theirs) {
        return Case.layer(
                        name,
                        List.of(normal(2, 3, 5, 8), normal(2, 3, 9, 8), normal(2, 3, 9, 4)),
                        p -> Attention.scaledDotProduct(
                                p.get(0).value(), p.get(1).value(), p.get(2).value(), mask, 0),
                        t -> TorchAttention.attention(
                                t.get(0), t.get(1), t.get(2), new TensorOptional(theirs.apply(t.get(0))), false))
                .within(4);
    }

    private static Case biased(String name, Input bias, Function<Tensor, AttentionMask> mask) {
        return Case.layer(
                        name,
                        List.of(normal(2, 3, 5, 8), normal(2, 3, 9, 8), normal(2, 3, 9, 4), bias),
                        p -> Attention.scaledDotProduct(
                                p.get(0).value(),
                                p.get(1).value(),
                                p.get(2).value(),
                                mask.apply(p.get(3).value()),
                                0),
                        t -> TorchAttention.attention(
                                t.get(0), t.get(1), t.get(2), new TensorOptional(t.get(3)), false))
                .within(4);
    }

    /// The rates as the paper lists them for eight heads, and for six those of four and two of eight.
    @TestFactory
    Stream<DynamicTest> alibi() {
        return Case.tests(
                alibi("eight", 1.0 / 2, 1.0 / 4, 1.0 / 8, 1.0 / 16, 1.0 / 32, 1.0 / 64, 1.0 / 128, 1.0 / 256),
                alibi("six", 1.0 / 4, 1.0 / 16, 1.0 / 64, 1.0 / 256, 1.0 / 2, 1.0 / 8),
                alibi("one", 1.0 / 256));
    }

    private static Case alibi(String name, double... rates) {
        int heads = rates.length;
        int time = 7;
        double[] bias = new double[heads * time * time];
        for (int i = 0; i < bias.length; i++) {
            int query = i / time % time;
            int key = i % time;
            bias[i] = key > query ? Double.NEGATIVE_INFINITY : rates[i / (time * time)] * (key - query);
        }
        Input x = normal(2, heads, time, 8);
        return Case.layer(
                        "alibi of " + name,
                        List.of(x, x, x),
                        p -> Attention.scaledDotProduct(
                                p.get(0).value(),
                                p.get(1).value(),
                                p.get(2).value(),
                                AttentionMask.none().causal().alibi(heads),
                                0),
                        t -> TorchAttention.attention(
                                t.get(0),
                                t.get(1),
                                t.get(2),
                                new TensorOptional(Torch.of(Tensor.of(bias, heads, time, time))
                                        .to(t.get(0).scalar_type())),
                                false))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> positions() {
        return Stream.of(new int[] {2, 7, 12}, new int[] {33, 5, 4}, new int[] {1, 1, 6})
                .flatMap(s -> {
                    Input x = normal(s);
                    Tensor ten = Tensor.of(new int[] {10}, 1);
                    String of = " of " + List.of(s[0], s[1], s[2]);
                    RotaryPositions rotary = RotaryPositions.of();
                    return Case.tests(
                            Case.of(
                                    "sinusoidal" + of,
                                    x,
                                    Layers.sinusoidalPositions()::apply,
                                    t -> t.add(TorchAttention.waves(t, 0))),
                            Case.of(
                                    "sinusoidal, later" + of,
                                    x,
                                    v -> Layers.sinusoidalPositions().apply(v, ten),
                                    t -> t.add(TorchAttention.waves(t, 10))),
                            Case.layer(
                                    "learned" + of,
                                    List.of(x, normal(20, s[2])),
                                    p -> new LearnedPositions(p.get(1))
                                            .apply(p.get(0).value()),
                                    t -> t.get(0).add(t.get(1).narrow(0, 0, s[1]))),
                            Case.layer(
                                    "learned, later" + of,
                                    List.of(x, normal(20, s[2])),
                                    p -> new LearnedPositions(p.get(1))
                                            .apply(p.get(0).value(), ten),
                                    t -> t.get(0).add(t.get(1).narrow(0, 10, s[1]))),
                            Case.of("rotary" + of, x, rotary::apply, t -> TorchAttention.rotary(t, 0)),
                            Case.of(
                                    "rotary, later" + of,
                                    x,
                                    v -> rotary.apply(v, ten),
                                    t -> TorchAttention.rotary(t, 10)),
                            Case.of(
                                    "rotary in halves" + of,
                                    x,
                                    rotary.inHalves()::apply,
                                    TorchAttention::rotaryInHalves));
                });
    }

    private static Case attention(String name, boolean causal, Input query, Input key, Input value) {
        return Case.layer(
                        name,
                        List.of(query, key, value),
                        p -> Attention.scaledDotProduct(
                                p.get(0).value(), p.get(1).value(), p.get(2).value(), causal),
                        t -> TorchAttention.attention(t.get(0), t.get(1), t.get(2), new TensorOptional(), causal))
                .within(4);
    }
}
