package fathom.parity;

import static fathom.parity.Close.assertClose;
import static fathom.parity.Input.normal;
import static fathom.parity.Torch.scalar;

import fathom.nn.Context;
import fathom.nn.Conv2d;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.Sliding;
import fathom.nn.SpectralNorm;
import fathom.nn.WeightNorm;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Variable;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Weight and spectral normalisation, which PyTorch has in Python only: here they are put together
/// of libtorch's operations as it does it.
@RequiresLibtorch
class WeightNormalizationTest {
    private static final Sliding SLIDING = Sliding.stride(1);

    @TestFactory
    Stream<DynamicTest> weightNorm() {
        return Stream.of(1, 5, 33)
                .flatMap(n -> Case.tests(
                        Case.layer(
                                        "of a linear layer for " + n,
                                        List.of(normal(n, 7), normal(7, 3), normal(3), normal(3)),
                                        p -> {
                                            Linear linear = new Linear(p.get(1), Optional.of(p.get(2)));
                                            return new WeightNorm(linear, p.get(1), p.get(3))
                                                    .apply(p.get(0).value());
                                        },
                                        t -> torch.linear(
                                                t.get(0),
                                                withNorms(Layouts.linear(t.get(1)), t.get(3)),
                                                new TensorOptional(t.get(2))))
                                .within(4),
                        Case.layer(
                                        "of a convolution for " + n,
                                        List.of(normal(n, 5, 7, 2), normal(3, 3, 2, 4), normal(4)),
                                        p -> {
                                            Conv2d conv = new Conv2d(p.get(1), Optional.empty(), SLIDING, 1);
                                            return new WeightNorm(conv, p.get(1), p.get(2))
                                                    .apply(p.get(0).value());
                                        },
                                        t -> Layouts.channelsLast(torch.conv2d(
                                                Layouts.channelsFirst(t.get(0)),
                                                withNorms(Layouts.kernel(t.get(1)), t.get(2)))))
                                .within(4)));
    }

    /// `g v / |v|`, with the norms of the first axis' parts.
    private static Tensor withNorms(Tensor v, Tensor g) {
        Tensor norms = torch.norm_except_dim(v, 2, 0);
        return v.mul(g.view_as(norms).div(norms));
    }

    @TestFactory
    Stream<DynamicTest> spectralNorm() {
        return Stream.of(1, 5, 33)
                .flatMap(n -> Case.tests(
                        spectral("in training", n, true, 1),
                        spectral("in training, three iterations", n, true, 3),
                        spectral("in inference", n, false, 1),
                        spectralConvolution(n)));
    }

    private static Case spectral(String name, int n, boolean training, int iterations) {
        return Case.layer(
                        name + ", for " + n,
                        List.of(normal(n, 7), normal(7, 3), normal(3)),
                        p -> {
                            Linear linear = new Linear(p.get(1), Optional.of(p.get(2)));
                            Module norm = ours(linear, p.get(1), 3, 7, iterations);
                            fathom.tensor.Tensor x = p.get(0).value();
                            return training ? Context.training(RandomStream.of(1), () -> norm.apply(x)) : norm.apply(x);
                        },
                        t -> {
                            Tensor w = Layouts.linear(t.get(1));
                            Power power = Power.like(w, 3, 7);
                            if (training) {
                                power = power.iterate(w, iterations);
                            }
                            return torch.linear(t.get(0), power.normalized(w), new TensorOptional(t.get(2)));
                        })
                .within(6);
    }

    private static Case spectralConvolution(int n) {
        return Case.layer(
                        "of a convolution for " + n,
                        List.of(normal(n, 5, 7, 2), normal(3, 3, 2, 4)),
                        p -> {
                            Conv2d conv = new Conv2d(p.get(1), Optional.empty(), SLIDING, 1);
                            Module norm = ours(conv, p.get(1), 4, 18, 1);
                            return Context.training(
                                    RandomStream.of(1),
                                    () -> norm.apply(p.get(0).value()));
                        },
                        t -> {
                            Tensor kernel = Layouts.kernel(t.get(1));
                            Tensor w = kernel.flatten(1, -1);
                            Tensor normalized =
                                    Power.like(w, 4, 18).iterate(w, 1).normalized(w);
                            return Layouts.channelsLast(
                                    torch.conv2d(Layouts.channelsFirst(t.get(0)), normalized.view_as(kernel)));
                        })
                .within(6);
    }

    private static SpectralNorm ours(Module layer, Parameter weight, int out, int in, int iterations) {
        DType dtype = weight.value().dtype();
        return new SpectralNorm(layer, weight, unit(dtype, 1, out), unit(dtype, 2, in), iterations, 1e-12);
    }

    private static Variable unit(DType dtype, int seed, int size) {
        fathom.tensor.Tensor x = normal(size).make(dtype, new Random(seed));
        return Variable.of(x.div(x.square().sum().sqrt()));
    }

    /// PyTorch's power iteration for a weight `[out, in]`.
    private record Power(Tensor u, Tensor v) {
        static Power like(Tensor w, int out, int in) {
            return new Power(
                    Torch.of(unit(DType.F64, 1, out).value()).to(w.scalar_type()),
                    Torch.of(unit(DType.F64, 2, in).value()).to(w.scalar_type()));
        }

        Power iterate(Tensor w, int times) {
            Power now = this;
            Tensor matrix = w.detach();
            for (int i = 0; i < times; i++) {
                Tensor v = normalize(torch.mv(matrix.t(), now.u));
                now = new Power(normalize(torch.mv(matrix, v)), v);
            }
            return now;
        }

        private static Tensor normalize(Tensor x) {
            return x.div(x.norm().clamp(new ScalarOptional(scalar(1e-12))));
        }

        Tensor normalized(Tensor w) {
            return w.div(torch.dot(u, torch.mv(w, v)));
        }
    }

    /// Step by step as there, and in the end libtorch's own greatest singular value.
    @ParameterizedTest
    @EnumSource(names = {"F32", "F64"})
    void singularVectors(DType dtype) {
        try (var _ = new PointerScope()) {
            Parameter weight = Parameter.of(normal(7, 3).make(dtype, new Random(5)));
            SpectralNorm norm = ours(new Linear(weight, Optional.empty()), weight, 3, 7, 1);
            Tensor w = Layouts.linear(Torch.of(weight.value()));
            Power power = Power.like(w, 3, 7);
            fathom.tensor.Tensor x = normal(2, 7).make(dtype, new Random(6));
            for (int step = 0; step < 150; step++) {
                Context.training(RandomStream.of(1), () -> {
                    norm.apply(x);
                });
                power = power.iterate(w, 1);
                assertClose("u " + step, norm.outputVector().value(), Torch.back(power.u), 5);
                assertClose("v " + step, norm.inputVector().value(), Torch.back(power.v), 5);
            }
            Tensor greatest = torch.linalg_svdvals(w).max();
            Tensor expected = torch.linear(Torch.of(x), w.div(greatest));
            assertClose("result", norm.apply(x), Torch.back(expected), 10);
        }
    }
}
