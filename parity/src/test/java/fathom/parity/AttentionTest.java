package fathom.parity;

import static fathom.parity.Input.normal;

import fathom.nn.Attention;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
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

    private static Case attention(String name, boolean causal, Input query, Input key, Input value) {
        return Case.layer(
                        name,
                        List.of(query, key, value),
                        p -> Attention.scaledDotProduct(
                                p.get(0).value(), p.get(1).value(), p.get(2).value(), causal),
                        t -> torch.scaled_dot_product_attention(
                                t.get(0),
                                t.get(1),
                                t.get(2),
                                new TensorOptional(),
                                0,
                                causal,
                                new DoubleOptional(),
                                false))
                .within(4);
    }
}
