package fathom.parity;

import static fathom.parity.Input.normal;

import fathom.nn.Bilinear;
import fathom.nn.Concat;
import fathom.nn.Linear;
import fathom.nn.Parallel;
import fathom.nn.Residual;
import fathom.nn.SqueezeExcitation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Two inputs in one form, channels scaled by their means, and branches.
@RequiresLibtorch
class CombinationsTest {
    @TestFactory
    Stream<DynamicTest> bilinear() {
        return Case.tests(
                bilinear("of vectors", new int[] {5, 3}, new int[] {5, 4}),
                bilinear("of one sample", new int[] {1, 3}, new int[] {1, 4}),
                bilinear("of 33 samples", new int[] {33, 3}, new int[] {33, 4}),
                bilinear("of sequences", new int[] {2, 7, 3}, new int[] {2, 7, 4}),
                Case.layer(
                                "side by side",
                                List.of(normal(5, 7), normal(3, 4, 6)),
                                p -> new Bilinear(p.get(1), Optional.empty())
                                        .apply(p.get(0).value()),
                                t -> torch.bilinear(
                                        t.get(0).narrow(1, 0, 3),
                                        t.get(0).narrow(1, 3, 4),
                                        t.get(1).permute(2, 0, 1)))
                        .within(4));
    }

    private static Case bilinear(String name, int[] first, int[] second) {
        return Case.layer(
                        name,
                        List.of(normal(first), normal(second), normal(3, 4, 6), normal(6)),
                        p -> new Bilinear(p.get(2), Optional.of(p.get(3)))
                                .apply(p.get(0).value(), p.get(1).value()),
                        t -> torch.bilinear(
                                t.get(0), t.get(1), t.get(2).permute(2, 0, 1), new TensorOptional(t.get(3))))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> squeezeExcitation() {
        return Case.tests(
                squeezed("images", 2, normal(2, 5, 7, 8), 1, 2),
                squeezed("one image", 1, normal(1, 5, 7, 8), 1, 2),
                squeezed("33 images", 33, normal(33, 5, 7, 8), 1, 2),
                squeezed("sequences", 3, normal(3, 9, 8), 1));
    }

    private static Case squeezed(String name, int samples, Input x, long... inner) {
        return Case.layer(
                        name,
                        List.of(x, normal(8, 3), normal(3), normal(3, 8), normal(8)),
                        p -> new SqueezeExcitation(
                                        new Linear(p.get(1), Optional.of(p.get(2))),
                                        new Linear(p.get(3), Optional.of(p.get(4))))
                                .apply(p.get(0).value()),
                        t -> {
                            Tensor means = t.get(0);
                            for (long axis : inner) {
                                means = means.mean(
                                        new long[] {axis}, true, new org.bytedeco.pytorch.ScalarTypeOptional());
                            }
                            Tensor hidden = means.matmul(t.get(1)).add(t.get(2)).relu();
                            Tensor gates = hidden.matmul(t.get(3)).add(t.get(4)).sigmoid();
                            return t.get(0).mul(gates);
                        })
                .within(2 + samples * 35 / 100.0);
    }

    @TestFactory
    Stream<DynamicTest> branches() {
        return Stream.of(1, 33).flatMap(n -> {
            List<Input> inputs = List.of(normal(n, 5), normal(5, 3), normal(5, 3));
            List<Input> square = List.of(normal(n, 5), normal(5, 5));
            return Case.tests(
                    Case.layer(
                                    "parallel of " + n,
                                    inputs,
                                    p -> new Parallel(List.of(linear(p.get(1)), linear(p.get(2))))
                                            .apply(p.get(0).value()),
                                    t -> t.get(0).matmul(t.get(1)).add(t.get(0).matmul(t.get(2))))
                            .within(4),
                    Case.layer(
                                    "concat of " + n,
                                    inputs,
                                    p -> new Concat(List.of(linear(p.get(1)), linear(p.get(2))))
                                            .apply(p.get(0).value()),
                                    t -> torch.cat(
                                            new TensorVector(
                                                    t.get(0).matmul(t.get(1)),
                                                    t.get(0).matmul(t.get(2))),
                                            -1))
                            .within(4),
                    Case.layer(
                                    "residual of " + n,
                                    square,
                                    p -> new Residual(linear(p.get(1)), Optional.empty())
                                            .apply(p.get(0).value()),
                                    t -> t.get(0).matmul(t.get(1)).add(t.get(0)))
                            .within(4),
                    Case.layer(
                                    "residual with shortcut of " + n,
                                    inputs,
                                    p -> new Residual(linear(p.get(1)), Optional.of(linear(p.get(2))))
                                            .apply(p.get(0).value()),
                                    t -> t.get(0).matmul(t.get(1)).add(t.get(0).matmul(t.get(2))))
                            .within(4));
        });
    }

    private static Linear linear(fathom.nn.Parameter weight) {
        return new Linear(weight, Optional.empty());
    }
}
