package fathom.parity;

import static fathom.parity.Close.assertClose;
import static fathom.parity.Input.normal;
import static fathom.parity.Torch.scalar;

import fathom.nn.Context;
import fathom.nn.Layers;
import fathom.nn.Stateless;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is random in training. Chance cannot be compared, so libtorch is told our stream's.
@RequiresLibtorch
class RegularizationTest {
    private static final double P = 0.3;

    @TestFactory
    Stream<DynamicTest> spatialDropout() {
        return Stream.of(
                        masked("sequences", Layers.spatialDropout1d(P), normal(33, 7, 5), 33, 1, 5),
                        masked("one sequence", Layers.spatialDropout1d(P), normal(1, 7, 9), 1, 1, 9),
                        masked("images", Layers.spatialDropout2d(P), normal(33, 3, 7, 5), 33, 1, 1, 5),
                        masked("one image", Layers.spatialDropout2d(P), normal(1, 3, 7, 9), 1, 1, 1, 9))
                .flatMap(Case::tests);
    }

    @TestFactory
    Stream<DynamicTest> dropPath() {
        return Stream.of(
                        masked("images", Layers.dropPath(P), normal(33, 3, 7, 5), 33, 1, 1, 1),
                        masked("one vector", Layers.dropPath(P), normal(1, 5), 1, 1))
                .flatMap(Case::tests);
    }

    private static Case masked(String name, Stateless layer, Input x, int... mask) {
        return trained(name, layer, x, (a, stream) -> {
            Tensor kept = Torch.of(stream.bernoulli(Shape.of(mask), 1 - P).cast(DType.F64));
            return a.mul(kept.to(a.scalar_type())).div(scalar(1 - P));
        });
    }

    @TestFactory
    Stream<DynamicTest> alphaDropout() {
        return Stream.of(1, 33)
                .map(n -> trained("for " + n, Layers.alphaDropout(P), normal(n, 21), (a, stream) -> {
                    Tensor kept = Torch.of(stream.bernoulli(Shape.of(n, 21), 1 - P));
                    double low = -1.7580993408473766;
                    double scale = 1 / Math.sqrt((low * low * P + 1) * (1 - P));
                    Tensor y = torch.where(kept, a, torch.full_like(a, scalar(low)));
                    return y.mul(scalar(scale)).add(scalar(-scale * low * P));
                }))
                .flatMap(Case::tests);
    }

    /// Of equal numbers two are left, that which is kept and that which is dropped: libtorch's own
    /// dropout has the same two.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void alphaDropoutOfEqualNumbers(DType dtype) {
        try (var _ = new PointerScope()) {
            fathom.tensor.Tensor x = fathom.tensor.Tensor.full(Shape.of(1000), dtype, 0.75);
            fathom.tensor.Tensor ours = Context.training(
                    RandomStream.of(7), () -> Layers.alphaDropout(P).apply(x));
            Tensor theirs = torch.alpha_dropout(Torch.of(x), P, true);
            assertClose("dropped", ours.min(), Torch.back(theirs.min()), 1);
            assertClose("kept", ours.max(), Torch.back(theirs.max()), 1);
        }
    }

    @TestFactory
    Stream<DynamicTest> gaussianNoise() {
        return Stream.of(1, 33)
                .map(n -> trained("for " + n, Layers.gaussianNoise(0.5), normal(n, 7), (a, stream) -> {
                    DType dtype = Torch.back(a).dtype();
                    return a.add(Torch.of(stream.normal(Shape.of(n, 7), dtype)).mul(scalar(0.5)));
                }))
                .flatMap(Case::tests);
    }

    private static Case trained(
            String name, Stateless layer, Input x, BiFunction<Tensor, RandomStream, Tensor> theirs) {
        return Case.of(
                name,
                x,
                a -> Context.training(RandomStream.of(7), () -> layer.apply(a)),
                a -> theirs.apply(a, RandomStream.of(7)));
    }
}
