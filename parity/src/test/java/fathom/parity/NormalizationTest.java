package fathom.parity;

import static fathom.parity.Close.assertClose;
import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;

import fathom.nn.BatchNorm;
import fathom.nn.Context;
import fathom.nn.LayerNorm;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Batch and layer normalisation.
@RequiresLibtorch
class NormalizationTest {
    private static final int C = 4;

    @TestFactory
    Stream<DynamicTest> layerNorm() {
        return Case.tests(
                layerNorm("over the last axis", normal(3, 6, 5), 1e-5, 5),
                layerNorm("over two axes", normal(3, 6, 5), 1e-5, 6, 5),
                layerNorm("over images", normal(2, 5, 4, 3), 1e-3, 5, 4, 3),
                layerNorm("of large numbers", uniform(99, 101, 4, 8), 1e-5, 8).within(20),
                layerNorm("of wide rows", normal(3, 700), 1e-5, 700));
    }

    private static Case layerNorm(String name, Input x, double epsilon, int... axes) {
        long[] sizes = java.util.Arrays.stream(axes).asLongStream().toArray();
        return Case.layer(
                        name,
                        List.of(x, normal(axes), normal(axes)),
                        p -> new LayerNorm(p.get(1), p.get(2), epsilon)
                                .apply(p.get(0).value()),
                        t -> torch.layer_norm(
                                t.get(0),
                                sizes,
                                new TensorOptional(t.get(1)),
                                new TensorOptional(t.get(2)),
                                epsilon,
                                false))
                .within(10);
    }

    @TestFactory
    Stream<DynamicTest> batchNormInTraining() {
        return Case.tests(
                batchNorm("of vectors", normal(16, C), true, 1e-5),
                batchNorm("of images", normal(3, 5, 6, C), true, 1e-5),
                batchNorm("of sequences", normal(3, 7, C), true, 1e-5),
                batchNorm("with a large epsilon", normal(3, 5, 6, C), true, 0.1),
                batchNorm("of two", normal(2, C), true, 1e-3));
    }

    @TestFactory
    Stream<DynamicTest> batchNormInInference() {
        return Case.tests(
                batchNorm("of vectors", normal(16, C), false, 1e-5),
                batchNorm("of images", normal(3, 5, 6, C), false, 1e-5),
                batchNorm("of one", normal(1, C), false, 1e-5));
    }

    private static Case batchNorm(String name, Input x, boolean training, double epsilon) {
        Input mean = normal(C);
        Input variance = uniform(0.5, 2, C);
        return Case.layer(
                        name,
                        List.of(x, normal(C), normal(C)),
                        p -> {
                            DType dtype = p.getFirst().value().dtype();
                            BatchNorm norm = new BatchNorm(
                                    p.get(1),
                                    p.get(2),
                                    Variable.of(mean.make(dtype, new Random(1))),
                                    Variable.of(variance.make(dtype, new Random(2))),
                                    0.1,
                                    epsilon);
                            Tensor input = p.getFirst().value();
                            return training
                                    ? Context.training(RandomStream.of(1), () -> norm.apply(input))
                                    : norm.apply(input);
                        },
                        t -> {
                            org.bytedeco.pytorch.Tensor like = t.getFirst();
                            return batchNorm(
                                    like,
                                    t.get(1),
                                    t.get(2),
                                    Torch.of(mean.make(DType.F64, new Random(1)))
                                            .to(like.scalar_type()),
                                    Torch.of(variance.make(DType.F64, new Random(2)))
                                            .to(like.scalar_type()),
                                    training,
                                    0.1,
                                    epsilon);
                        })
                .within(20);
    }

    private static org.bytedeco.pytorch.Tensor batchNorm(
            org.bytedeco.pytorch.Tensor x,
            org.bytedeco.pytorch.Tensor weight,
            org.bytedeco.pytorch.Tensor bias,
            org.bytedeco.pytorch.Tensor mean,
            org.bytedeco.pytorch.Tensor variance,
            boolean training,
            double momentum,
            double epsilon) {
        return torch.batch_norm(
                        x.transpose(1, -1),
                        new TensorOptional(weight),
                        new TensorOptional(bias),
                        new TensorOptional(mean),
                        new TensorOptional(variance),
                        training,
                        momentum,
                        epsilon,
                        false)
                .transpose(1, -1);
    }

    /// Three batches in training, then one in inference with what was gathered.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void runningStatistics(DType dtype) {
        try (var _ = new PointerScope()) {
            Random random = new Random(3);
            Tensor weight = normal(C).make(dtype, random);
            Tensor bias = normal(C).make(dtype, random);
            Variable mean = Variable.of(Tensor.full(weight.shape(), dtype, 0));
            Variable variance = Variable.of(Tensor.full(weight.shape(), dtype, 1));
            BatchNorm norm = new BatchNorm(Parameter.of(weight), Parameter.of(bias), mean, variance, 0.3, 1e-5);
            var theirMean = Torch.of(mean.value());
            var theirVariance = Torch.of(variance.value());
            for (int step = 0; step < 4; step++) {
                Tensor x =
                        normal(3, 4, 5, C).make(dtype, random).mul(2).add(step).evaluate();
                boolean training = step < 3;
                Tensor ours = training ? Context.training(RandomStream.of(1), () -> norm.apply(x)) : norm.apply(x);
                var theirs = batchNorm(
                        Torch.of(x), Torch.of(weight), Torch.of(bias), theirMean, theirVariance, training, 0.3, 1e-5);
                assertClose("result " + step, ours, Torch.back(theirs), 5);
                assertClose("mean " + step, mean.value(), Torch.back(theirMean), 1);
                assertClose("variance " + step, variance.value(), Torch.back(theirVariance), 1);
            }
        }
    }
}
