package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Torch.longs;

import fathom.nn.Activations;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Maxout;
import fathom.nn.PRelu;
import fathom.nn.SwiGlu;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Activations with parameters, or with other shapes than they are given.
@RequiresLibtorch
class GatedLayersTest {
    @TestFactory
    Stream<DynamicTest> prelu() {
        return Case.tests(
                prelu("for all channels", 1, 5, 7),
                prelu("for each channel", 7, 33, 7),
                prelu("of one image", 3, 1, 5, 4, 3));
    }

    private static Case prelu(String name, int slopes, int... sizes) {
        return Case.layer(
                name,
                List.of(normal(sizes), normal(slopes)),
                p -> new PRelu(p.get(1)).apply(p.get(0).value()),
                t -> torch.prelu(t.get(0).transpose(1, -1), t.get(1)).transpose(1, -1));
    }

    @TestFactory
    Stream<DynamicTest> glu() {
        return Case.tests(
                Case.of("over the last axis", normal(33, 10), x -> Layers.glu().apply(x), torch::glu),
                Case.of("of one", normal(1, 3, 14), x -> Layers.glu().apply(x), torch::glu),
                Case.of("over another axis", normal(5, 6, 7), x -> Activations.glu(x, 1), x -> torch.glu(x, 1)));
    }

    /// PyTorch has none: Shazeer's formula, of libtorch's operations.
    @TestFactory
    Stream<DynamicTest> swiglu() {
        return Case.tests(
                swiglu("of vectors", 33, 7),
                swiglu("of one vector", 1, 7),
                swiglu("of sequences", 2, 5, 7),
                Case.layer(
                                "with biases",
                                List.of(
                                        normal(5, 7),
                                        normal(7, 9),
                                        normal(9),
                                        normal(7, 9),
                                        normal(9),
                                        normal(9, 3),
                                        normal(3)),
                                p -> new SwiGlu(
                                                new Linear(p.get(1), Optional.of(p.get(2))),
                                                new Linear(p.get(3), Optional.of(p.get(4))),
                                                new Linear(p.get(5), Optional.of(p.get(6))))
                                        .apply(p.get(0).value()),
                                t -> torch.silu(torch.matmul(t.get(0), t.get(1)).add(t.get(2)))
                                        .mul(torch.matmul(t.get(0), t.get(3)).add(t.get(4)))
                                        .matmul(t.get(5))
                                        .add(t.get(6)))
                        .within(4));
    }

    private static Case swiglu(String name, int... sizes) {
        return Case.layer(
                        name,
                        List.of(normal(sizes), normal(7, 9), normal(7, 9), normal(9, 7)),
                        p -> new SwiGlu(
                                        new Linear(p.get(1), Optional.empty()),
                                        new Linear(p.get(2), Optional.empty()),
                                        new Linear(p.get(3), Optional.empty()))
                                .apply(p.get(0).value()),
                        t -> torch.silu(torch.matmul(t.get(0), t.get(1)))
                                .mul(torch.matmul(t.get(0), t.get(2)))
                                .matmul(t.get(3)))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> maxout() {
        return Case.tests(
                maxout("of vectors", 3, 33, 7),
                maxout("of one vector", 2, 1, 7),
                maxout("of sequences of one piece", 1, 2, 5, 7));
    }

    private static Case maxout(String name, int pieces, int... sizes) {
        return Case.layer(
                        name,
                        List.of(normal(sizes), normal(7, 5 * pieces), normal(5 * pieces)),
                        p -> new Maxout(new Linear(p.get(1), Optional.of(p.get(2))), pieces)
                                .apply(p.get(0).value()),
                        t -> torch.linear(t.get(0), Layouts.linear(t.get(1)), new TensorOptional(t.get(2)))
                                .unflatten(-1, 5, pieces)
                                .amax(longs(-1), false))
                .within(4);
    }
}
