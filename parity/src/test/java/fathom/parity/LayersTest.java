package fathom.parity;

import static fathom.parity.Input.indices;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;
import static fathom.parity.Torch.index;
import static fathom.parity.Torch.longs;
import static fathom.parity.Torch.scalar;

import fathom.nn.Context;
import fathom.nn.Conv2d;
import fathom.nn.Dropout;
import fathom.nn.Embedding;
import fathom.nn.Flatten;
import fathom.nn.GlobalAvgPool2d;
import fathom.nn.LayerNorm;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Padding;
import fathom.nn.Sliding;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Layers with parameters, and those that pool or drop; see [NormalizationTest] and
/// [ActivationsTest] for the others. The first input is the layer's, the others are its parameters.
@RequiresLibtorch
class LayersTest {
    @TestFactory
    Stream<DynamicTest> linear() {
        return Case.tests(
                linear("of vectors", normal(5, 7)),
                linear("of sequences", normal(2, 4, 7)),
                linear("of one sample", normal(1, 7)),
                Case.layer(
                        "without bias",
                        List.of(normal(5, 7), normal(7, 3)),
                        p -> new Linear(p.get(1), Optional.empty())
                                .apply(p.get(0).value()),
                        t -> torch.linear(t.get(0), Layouts.linear(t.get(1)))));
    }

    private static Case linear(String name, Input x) {
        return Case.layer(
                name,
                List.of(x, normal(7, 3), normal(3)),
                p -> new Linear(p.get(1), Optional.of(p.get(2))).apply(p.get(0).value()),
                t -> torch.linear(t.get(0), Layouts.linear(t.get(1)), new TensorOptional(t.get(2))));
    }

    @TestFactory
    Stream<DynamicTest> conv2d() {
        Sliding plain = Sliding.stride(1);
        Padding one = Padding.of(1);
        return Case.tests(
                conv("plain", plain, 1, 0),
                conv("stride", Sliding.stride(2), 1, 0),
                conv("unequal stride", Sliding.stride(1, 2), 1, 0),
                conv("padding", plain.withPadding(one), 1, 1),
                conv("same", plain.withPadding(Padding.same()), 1, 1),
                conv("same, stride", Sliding.stride(3).withPadding(Padding.same()), 1, 1),
                conv("dilation", plain.withDilation(2, 2), 1, 0),
                conv("groups", plain, 2, 0),
                conv("all", Sliding.stride(2).withPadding(one).withDilation(2, 3), 2, 1),
                Case.layer(
                                "without bias",
                                List.of(normal(2, 7, 7, 4), normal(3, 3, 4, 6)),
                                p -> new Conv2d(p.get(1), Optional.empty(), plain, 1)
                                        .apply(p.get(0).value()),
                                t -> Layouts.channelsLast(
                                        torch.conv2d(Layouts.channelsFirst(t.get(0)), Layouts.kernel(t.get(1)))))
                        .within(4));
    }

    /// @param padding what the layer's comes to on images of 7 by 7 pixels
    private static Case conv(String name, Sliding sliding, int groups, int padding) {
        return Case.layer(
                        name,
                        List.of(normal(2, 7, 7, 4), normal(3, 3, 4 / groups, 6), normal(6)),
                        p -> new Conv2d(p.get(1), Optional.of(p.get(2)), sliding, groups)
                                .apply(p.get(0).value()),
                        t -> Layouts.channelsLast(torch.conv2d(
                                Layouts.channelsFirst(t.get(0)),
                                Layouts.kernel(t.get(1)),
                                new TensorOptional(t.get(2)),
                                longs(sliding.strideHeight(), sliding.strideWidth()),
                                longs(padding, padding),
                                longs(sliding.dilationHeight(), sliding.dilationWidth()),
                                groups)))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> embedding() {
        return Case.tests(
                Case.layer(
                        "of sentences",
                        List.of(indices(9, 4, 6), normal(9, 5)),
                        p -> new Embedding(p.get(1)).apply(p.get(0).value()),
                        t -> torch.embedding(t.get(1), index(t.get(0)))),
                Case.layer(
                        "of one word again and again",
                        List.of(indices(1, 40), normal(3, 5)),
                        p -> new Embedding(p.get(1)).apply(p.get(0).value()),
                        t -> torch.embedding(t.get(1), index(t.get(0)))),
                Case.layer(
                        "with padding",
                        List.of(indices(9, 4, 6), normal(9, 5)),
                        p -> new Embedding(p.get(1), OptionalInt.of(3))
                                .apply(p.get(0).value()),
                        t -> torch.embedding(t.get(1), index(t.get(0)), 3, false, false)));
    }

    @TestFactory
    Stream<DynamicTest> poolingAndFlattening() {
        Input x = normal(2, 7, 9, 3);
        return Case.tests(
                Case.of(
                        "maxPool2d",
                        x,
                        a -> Layers.maxPool2d(2).apply(a),
                        a -> Layouts.channelsLast(torch.max_pool2d(Layouts.channelsFirst(a), 2, 2))),
                Case.of(
                        "maxPool2d, stride and padding",
                        x,
                        a -> Layers.maxPool2d(3)
                                .stride(2)
                                .padding(Padding.of(1))
                                .apply(a),
                        a -> Layouts.channelsLast(torch.max_pool2d(
                                Layouts.channelsFirst(a), longs(3, 3), longs(2, 2), longs(1, 1), longs(1, 1), false))),
                Case.of(
                        "avgPool2d",
                        x,
                        a -> Layers.avgPool2d(2).apply(a),
                        a -> Layouts.channelsLast(torch.avg_pool2d(Layouts.channelsFirst(a), 2, 2))),
                Case.of(
                        "avgPool2d, stride and padding",
                        x,
                        a -> Layers.avgPool2d(3)
                                .stride(2)
                                .padding(Padding.of(1))
                                .apply(a),
                        a -> Layouts.channelsLast(torch.avg_pool2d(
                                Layouts.channelsFirst(a),
                                longs(3, 3),
                                longs(2, 2),
                                longs(1, 1),
                                false,
                                true,
                                new LongOptional()))),
                Case.of(
                        "globalAvgPool2d",
                        x,
                        a -> new GlobalAvgPool2d().apply(a),
                        a -> torch.adaptive_avg_pool2d(Layouts.channelsFirst(a), 1, 1)
                                .flatten(1, -1)),
                Case.of("flatten", x, a -> new Flatten().apply(a), a -> torch.flatten(a, 1, -1)),
                Case.of("reshape", x, a -> Layers.reshape(27, -1).apply(a), a -> a.reshape(2, 27, 7)),
                Case.of("permute", x, a -> Layers.permute(3, 1, 2).apply(a), a -> a.permute(0, 3, 1, 2)));
    }

    /// Which elements are dropped is chance, so libtorch is told: the mask is the one that our
    /// stream gives.
    @TestFactory
    Stream<DynamicTest> dropout() {
        Input x = uniform(1, 2, 30, 20);
        return Case.tests(
                Case.of("in inference", x, a -> new Dropout(0.3).apply(a), a -> a.mul(scalar(1))),
                Case.of(
                        "in training",
                        x,
                        a -> Context.training(RandomStream.of(7), () -> new Dropout(0.3).apply(a)),
                        a -> a.mul(mask(a)).div(scalar(0.7))));
    }

    private static Tensor mask(Tensor like) {
        fathom.tensor.Tensor ones = fathom.tensor.Tensor.ones(30, 20);
        fathom.tensor.Tensor kept = Context.training(RandomStream.of(7), () -> new Dropout(0.3).apply(ones))
                .notEqual(0)
                .cast(DType.F64);
        return Torch.of(kept).to(like.scalar_type());
    }

    @TestFactory
    Stream<DynamicTest> blocks() {
        return Case.tests(Case.layer(
                        "convolution, activation, pooling, normalisation, linear",
                        List.of(
                                normal(2, 8, 8, 3),
                                uniform(-0.2, 0.2, 3, 3, 3, 5),
                                normal(5),
                                normal(5),
                                normal(5),
                                normal(45, 4)),
                        p -> {
                            var conv = new Conv2d(p.get(1), Optional.of(p.get(2)), Sliding.stride(1), 1);
                            var norm = new LayerNorm(p.get(3), p.get(4), 1e-5);
                            var y = norm.apply(
                                    conv.apply(p.get(0).value()).tanh().maxPool2d(2));
                            return new Linear(p.get(5), Optional.empty()).apply(new Flatten().apply(y));
                        },
                        t -> {
                            Tensor y = torch.max_pool2d(
                                    torch.conv2d(Layouts.channelsFirst(t.get(0)), Layouts.kernel(t.get(1)))
                                            .add(t.get(2).view(1, 5, 1, 1))
                                            .tanh(),
                                    2,
                                    2);
                            Tensor n = torch.layer_norm(
                                    Layouts.channelsLast(y),
                                    longs(5),
                                    new TensorOptional(t.get(3)),
                                    new TensorOptional(t.get(4)),
                                    1e-5,
                                    false);
                            return torch.matmul(n.flatten(1, -1), t.get(5));
                        })
                .within(20));
    }
}
