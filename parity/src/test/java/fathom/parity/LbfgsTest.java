package fathom.parity;

import static fathom.parity.Input.normal;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.optim.Lbfgs;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LBFGS;
import org.bytedeco.pytorch.LBFGSOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.LossClosure;
import org.bytedeco.pytorch.StringOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// L-BFGS with the strong conditions of Wolfe beside libtorch's: a regression by a small network, and
/// Rosenbrock's valley. Losses and weights agree after every step; a line search magnifies what
/// rounding does, so the more so the fewer steps there were.
@RequiresLibtorch
class LbfgsTest {
    private record Model(Parameter first, Parameter bias, Parameter second) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return x.matmul(first.value()).add(bias.value()).tanh().matmul(second.value());
        }
    }

    private record Point(Parameter at) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            Tensor p = at.value();
            Tensor a = p.slice(0, 0, 2, 1);
            Tensor b = p.slice(0, 1, 3, 1);
            return b.sub(a.square()).square().mul(x).add(a.rsub(1).square()).sum();
        }
    }

    @TestFactory
    Stream<DynamicTest> regression() {
        Lbfgs.Settings standard = Lbfgs.Settings.standard();
        return Stream.of(
                DynamicTest.dynamicTest("F64", () -> regression(DType.F64, standard.withIterations(1), 50, 1e4)),
                DynamicTest.dynamicTest(
                        "F64, short history, small rate",
                        () -> regression(
                                DType.F64,
                                standard.withHistory(3).withLearningRate(0.5).withIterations(4),
                                12,
                                1e4)),
                DynamicTest.dynamicTest("F64, many lines a step", () -> regression(DType.F64, standard, 3, 1e4)),
                DynamicTest.dynamicTest("F32", () -> regression(DType.F32, standard.withIterations(1), 10, 100)));
    }

    /// @param factor of the tolerances of [Close]
    private static void regression(DType dtype, Lbfgs.Settings settings, int steps, double factor) {
        try (var _ = new PointerScope()) {
            Random random = new Random(3);
            Model model = new Model(
                    Parameter.of(normal(5, 8).make(dtype, random)),
                    Parameter.of(normal(8).make(dtype, random)),
                    Parameter.of(normal(8, 2).make(dtype, random)));
            Tensor x = normal(33, 5).make(dtype, random);
            Tensor y = normal(33, 2).make(dtype, random);
            List<Parameter> parameters = List.of(model.first, model.bias, model.second);
            TensorVector leaves = leaves(parameters);
            LBFGS theirs = theirs(leaves, settings);
            var closure = new LossClosure() {
                @Override
                public org.bytedeco.pytorch.Tensor call() {
                    theirs.zero_grad();
                    var hidden = torch.matmul(Torch.of(x), leaves.get(0))
                            .add(leaves.get(1))
                            .tanh();
                    var loss = torch.mse_loss(torch.matmul(hidden, leaves.get(2)), Torch.of(y));
                    loss.backward();
                    return loss;
                }
            };
            compare(
                    model,
                    parameters,
                    settings,
                    () -> Loss.meanSquaredError(model.apply(x), y),
                    leaves,
                    theirs,
                    closure,
                    steps,
                    factor);
        }
    }

    @TestFactory
    Stream<DynamicTest> valley() {
        return Stream.of(DynamicTest.dynamicTest("F64", () -> {
            try (var _ = new PointerScope()) {
                Point model = new Point(Parameter.of(Tensor.of(new double[] {-1.2, 1, 0.3}, 3)));
                Lbfgs.Settings settings = Lbfgs.Settings.standard().withIterations(1);
                TensorVector leaves = leaves(List.of(model.at));
                LBFGS theirs = theirs(leaves, settings);
                var closure = new LossClosure() {
                    @Override
                    public org.bytedeco.pytorch.Tensor call() {
                        theirs.zero_grad();
                        var a = leaves.get(0).narrow(0, 0, 2);
                        var b = leaves.get(0).narrow(0, 1, 2);
                        var loss = b.sub(a.square())
                                .square()
                                .mul(Torch.scalar(100))
                                .add(a.sub(Torch.scalar(1)).square())
                                .sum();
                        loss.backward();
                        return loss;
                    }
                };
                Tensor hundred = Tensor.of(new double[] {100}, 1);
                compare(
                        model,
                        List.of(model.at),
                        settings,
                        () -> model.apply(hundred),
                        leaves,
                        theirs,
                        closure,
                        20,
                        1e4);
                Lbfgs rest = Lbfgs.of(model);
                for (int i = 0; i < 3; i++) {
                    rest.step(() -> model.apply(hundred));
                }
                assertThat(model.at.value().sub(1).abs().max().item()).isLessThan(1e-4);
            }
        }));
    }

    private static TensorVector leaves(List<Parameter> parameters) {
        TensorVector leaves = new TensorVector();
        for (Parameter p : parameters) {
            var leaf = Torch.of(p.value());
            leaf.set_requires_grad(true);
            leaves.push_back(leaf);
        }
        return leaves;
    }

    private static LBFGS theirs(TensorVector leaves, Lbfgs.Settings settings) {
        LBFGSOptions o = new LBFGSOptions(settings.learningRate());
        o.max_iter().put(settings.iterations());
        o.max_eval().put(new LongOptional(settings.evaluations()));
        o.tolerance_grad().put(settings.gradientTolerance());
        o.tolerance_change().put(settings.changeTolerance());
        o.history_size().put(settings.history());
        o.line_search_fn().put(new StringOptional("strong_wolfe"));
        return new LBFGS(leaves, o);
    }

    private static void compare(
            Module model,
            List<Parameter> parameters,
            Lbfgs.Settings settings,
            Supplier<Tensor> loss,
            TensorVector leaves,
            LBFGS theirs,
            LossClosure closure,
            int steps,
            double factor) {
        Lbfgs ours = Lbfgs.of(model, settings);
        for (int i = 0; i < steps; i++) {
            double before = ours.step(loss);
            double theirLoss = Torch.back(theirs.step(closure)).item();
            assertThat(Math.abs(before - theirLoss))
                    .as("loss before step %s", i)
                    .isLessThanOrEqualTo(factor
                            * (parameters.getFirst().value().dtype() == DType.F64 ? 1e-10 : 1e-5)
                            * (Math.abs(theirLoss) + 0.1));
            for (int k = 0; k < parameters.size(); k++) {
                Close.assertClose(
                        "step " + i + ", parameter " + k, parameters.get(k).value(), Torch.back(leaves.get(k)), factor);
            }
        }
    }
}
