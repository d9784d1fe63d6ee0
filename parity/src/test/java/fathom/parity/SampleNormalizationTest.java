package fathom.parity;

import static fathom.parity.Close.assertClose;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;

import fathom.nn.Context;
import fathom.nn.GroupNorm;
import fathom.nn.InstanceNorm;
import fathom.nn.Layers;
import fathom.nn.RmsNorm;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Variable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Group, instance and root-mean-square normalisation. Where channels come first is all the same to
/// the first two, in whatever order the positions are: so one transposition will do.
@RequiresLibtorch
class SampleNormalizationTest {
    @TestFactory
    Stream<DynamicTest> groupNorm() {
        return Case.tests(
                groupNorm("of images", 3, 1e-5, 2, 5, 4, 6),
                groupNorm("of one image", 2, 1e-5, 1, 3, 3, 6),
                groupNorm("of many sequences", 2, 1e-3, 33, 7, 10),
                groupNorm("of vectors", 5, 1e-5, 4, 35),
                groupNorm("of volumes in one group", 1, 1e-5, 2, 3, 2, 5, 3),
                groupNorm("of each channel", 7, 0.1, 3, 5, 5, 7));
    }

    private static Case groupNorm(String name, int groups, double epsilon, int... sizes) {
        int channels = sizes[sizes.length - 1];
        return Case.layer(
                        name,
                        List.of(normal(sizes), normal(channels), normal(channels)),
                        p -> new GroupNorm(p.get(1), p.get(2), groups, epsilon)
                                .apply(p.get(0).value()),
                        t -> torch.group_norm(
                                        t.get(0).transpose(1, -1),
                                        groups,
                                        new TensorOptional(t.get(1)),
                                        new TensorOptional(t.get(2)),
                                        epsilon,
                                        false)
                                .transpose(1, -1))
                .within(4);
    }

    @TestFactory
    Stream<DynamicTest> instanceNorm() {
        return Case.tests(
                instanceNorm("of images", 1e-5, 2, 5, 4, 3),
                instanceNorm("of one image", 1e-5, 1, 9, 7, 2),
                instanceNorm("of many sequences", 1e-3, 33, 7, 5),
                instanceNorm("of volumes", 1e-5, 2, 3, 3, 5, 3),
                Case.of(
                                "without parameters",
                                normal(2, 5, 7, 3),
                                x -> Layers.instanceNorm()
                                        .build(Shape.of(5, 7, 3), RandomStream.of(0))
                                        .apply(x),
                                x -> instanceNorm(x, new TensorOptional(), new TensorOptional(), 1e-5))
                        .within(4));
    }

    private static Case instanceNorm(String name, double epsilon, int... sizes) {
        int channels = sizes[sizes.length - 1];
        return Case.layer(
                        name,
                        List.of(normal(sizes), normal(channels), normal(channels)),
                        p -> new InstanceNorm(Optional.of(p.get(1)), Optional.of(p.get(2)), epsilon)
                                .apply(p.get(0).value()),
                        t -> instanceNorm(
                                t.get(0), new TensorOptional(t.get(1)), new TensorOptional(t.get(2)), epsilon))
                .within(4);
    }

    /// Three batches in training, then one in inference with what was gathered.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void instanceNormWithRunningStatistics(DType dtype) {
        try (var _ = new PointerScope()) {
            Random random = new Random(7);
            fathom.tensor.Tensor mean = normal(3).make(dtype, random);
            fathom.tensor.Tensor variance = uniform(0.5, 2, 3).make(dtype, random);
            InstanceNorm norm = new InstanceNorm(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Variable.of(mean)),
                    Optional.of(Variable.of(variance)),
                    0.3,
                    1e-5);
            Tensor theirMean = Torch.of(mean);
            Tensor theirVariance = Torch.of(variance);
            for (int batch : new int[] {1, 33, 4}) {
                fathom.tensor.Tensor x = normal(batch, 5, 7, 3).make(dtype, random);
                fathom.tensor.Tensor y =
                        Context.training(RandomStream.of(1), () -> norm.apply(x).evaluate());
                assertClose("training", y, Torch.back(running(Torch.of(x), theirMean, theirVariance, true)), 20);
            }
            assertClose("mean", norm.runningMean().orElseThrow().value(), Torch.back(theirMean), 4);
            assertClose("variance", norm.runningVariance().orElseThrow().value(), Torch.back(theirVariance), 4);
            fathom.tensor.Tensor x = normal(2, 1, 1, 3).make(dtype, random);
            assertClose(
                    "inference", norm.apply(x), Torch.back(running(Torch.of(x), theirMean, theirVariance, false)), 4);
        }
    }

    private static Tensor running(Tensor x, Tensor mean, Tensor variance, boolean training) {
        return torch.instance_norm(
                        x.transpose(1, -1),
                        new TensorOptional(),
                        new TensorOptional(),
                        new TensorOptional(mean),
                        new TensorOptional(variance),
                        training,
                        0.3,
                        1e-5,
                        false)
                .transpose(1, -1);
    }

    private static Tensor instanceNorm(Tensor x, TensorOptional weight, TensorOptional bias, double epsilon) {
        return torch.instance_norm(
                        x.transpose(1, -1),
                        weight,
                        bias,
                        new TensorOptional(),
                        new TensorOptional(),
                        true,
                        0.1,
                        epsilon,
                        false)
                .transpose(1, -1);
    }

    @TestFactory
    Stream<DynamicTest> rmsNorm() {
        return Case.tests(
                rmsNorm("over the last axis", normal(3, 6, 5), 1e-6, 5),
                rmsNorm("over two axes", normal(3, 6, 5), 1e-5, 6, 5),
                rmsNorm("of one vector", normal(1, 7), 1e-6, 7),
                rmsNorm("of many vectors", normal(33, 700), 1e-6, 700),
                rmsNorm("of large numbers", uniform(99, 101, 4, 8), 1e-5, 8));
    }

    private static Case rmsNorm(String name, Input x, double epsilon, int... axes) {
        long[] sizes = Arrays.stream(axes).asLongStream().toArray();
        return Case.layer(
                        name,
                        List.of(x, normal(axes)),
                        p -> new RmsNorm(p.get(1), epsilon).apply(p.get(0).value()),
                        t -> torch.rms_norm(t.get(0), sizes, new TensorOptional(t.get(1)), new DoubleOptional(epsilon)))
                .within(4);
    }
}
