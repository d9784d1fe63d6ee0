package fathom.parity;

import static fathom.parity.Input.normal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.ir.Buffer;
import fathom.nn.Loss;
import fathom.nn.Parameter;
import fathom.nn.optim.Adagrad;
import fathom.nn.optim.Adam;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Optimizer;
import fathom.nn.optim.RmsProp;
import fathom.nn.optim.Sgd;
import fathom.nn.optim.UpdateRule;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdagradOptions;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.RMSprop;
import org.bytedeco.pytorch.RMSpropOptions;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Optimisers: 50 steps of a regression by a small network, from equal weights on equal batches.
/// After every step all weights agree within 1e-6 and 1e-5 of their size in F32, and 1e-12 in F64.
@RequiresLibtorch
class OptimizersTest {
    private static final int STEPS = 50;

    /// @param theirs libtorch's optimiser of the given weights
    /// @param clip what is done to gradients before each step, by each side
    private record Pair(
            String name, UpdateRule ours, Function<TensorVector, org.bytedeco.pytorch.Optimizer> theirs, Clip clip) {
        Pair clipped(String how, Clip with) {
            return new Pair(name + ", " + how, ours, theirs, with);
        }
    }

    private record Clip(UnaryOperator<Optimizer> ours, Consumer<TensorVector> theirs) {
        static final Clip NONE = new Clip(o -> o, v -> {});

        static Clip norm(double limit) {
            return new Clip(o -> o.clipNorm(limit), v -> torch.clip_grad_norm_(v, limit));
        }

        static Clip value(double limit) {
            return new Clip(o -> o.clipValue(limit), v -> torch.clip_grad_value_(v, limit));
        }
    }

    private static Stream<Pair> pairs() {
        Sgd sgd = Sgd.of(0.05);
        Sgd momentum = Sgd.of(0.02, 0.9);
        Adam adam = Adam.of(0.01);
        AdamW adamW = AdamW.of(0.01);
        RmsProp rms = RmsProp.of(0.01);
        Adagrad adagrad = Adagrad.of(0.05);
        return Stream.of(
                sgd("SGD", sgd),
                sgd("SGD, weight decay", sgd.withWeightDecay(0.1)),
                sgd("SGD, momentum", momentum),
                sgd("SGD, momentum, weight decay", momentum.withWeightDecay(0.1)),
                sgd("SGD, Nesterov", momentum.withNesterov()),
                sgd("SGD, Nesterov, weight decay", momentum.withNesterov().withWeightDecay(0.1)),
                adam("Adam", adam),
                adam("Adam, betas", adam.withBetas(0.7, 0.95)),
                adam("Adam, epsilon", adam.withEpsilon(0.01)),
                adam("Adam, weight decay", adam.withWeightDecay(0.1)),
                adamW("AdamW", adamW),
                adamW("AdamW, weight decay", adamW.withWeightDecay(0.3)),
                adamW("AdamW, no weight decay", adamW.withWeightDecay(0)),
                adamW("AdamW, betas, epsilon", adamW.withBetas(0.8, 0.9).withEpsilon(1e-3)),
                adam("AMSGrad", adam.withBetas(0.9, 0.9).withAmsGrad()),
                adam("AMSGrad, weight decay", adam.withWeightDecay(0.1).withAmsGrad()),
                adamW("AdamW, AMSGrad", adamW.withBetas(0.9, 0.9).withAmsGrad()),
                adagrad("Adagrad", adagrad),
                adagrad("Adagrad, initial sum", adagrad.withInitialSum(0.3)),
                adagrad("Adagrad, epsilon", adagrad.withEpsilon(0.01)),
                adagrad(
                        "Adagrad, decay",
                        adagrad.withLearningRateDecay(0.1).withWeightDecay(0.1).withInitialSum(0.1)),
                rms("RMSprop", rms),
                rms("RMSprop, decay", rms.withDecay(0.8)),
                rms("RMSprop, epsilon", rms.withEpsilon(0.01)),
                rms("RMSprop, weight decay", rms.withWeightDecay(0.1)),
                rms("RMSprop, momentum", rms.withMomentum(0.8)),
                rms("RMSprop, centered", rms.withCentering()),
                rms(
                        "RMSprop, all",
                        rms.withDecay(0.9)
                                .withWeightDecay(0.1)
                                .withMomentum(0.5)
                                .withCentering()),
                sgd("SGD", sgd).clipped("clipped by norm", Clip.norm(0.5)),
                sgd("SGD", sgd).clipped("norm below the limit", Clip.norm(1000)),
                sgd("SGD", sgd).clipped("clipped by value", Clip.value(0.05)),
                adam("Adam", adam).clipped("clipped by norm", Clip.norm(0.5)));
    }

    private static Pair sgd(String name, Sgd rule) {
        return new Pair(
                name,
                rule,
                v -> {
                    SGDOptions o = new SGDOptions(rule.learningRate());
                    o.momentum().put(rule.momentum());
                    o.nesterov().put(rule.nesterov());
                    o.weight_decay().put(rule.weightDecay());
                    return new SGD(v, o);
                },
                Clip.NONE);
    }

    private static Pair adam(String name, Adam rule) {
        return new Pair(
                name,
                rule,
                v -> {
                    AdamOptions o = new AdamOptions(rule.learningRate());
                    betas(o.betas(), rule.beta1(), rule.beta2());
                    o.eps().put(rule.epsilon());
                    o.weight_decay().put(rule.weightDecay());
                    o.amsgrad().put(rule.amsGrad());
                    return new org.bytedeco.pytorch.Adam(v, o);
                },
                Clip.NONE);
    }

    private static Pair adamW(String name, AdamW rule) {
        return new Pair(
                name,
                rule,
                v -> {
                    AdamWOptions o = new AdamWOptions(rule.learningRate());
                    betas(o.betas(), rule.beta1(), rule.beta2());
                    o.eps().put(rule.epsilon());
                    o.weight_decay().put(rule.weightDecay());
                    o.amsgrad().put(rule.amsGrad());
                    return new org.bytedeco.pytorch.AdamW(v, o);
                },
                Clip.NONE);
    }

    private static Pair adagrad(String name, Adagrad rule) {
        return new Pair(
                name,
                rule,
                v -> {
                    AdagradOptions o = new AdagradOptions(rule.learningRate());
                    o.lr_decay().put(rule.learningRateDecay());
                    o.weight_decay().put(rule.weightDecay());
                    o.initial_accumulator_value().put(rule.initialSum());
                    o.eps().put(rule.epsilon());
                    return new org.bytedeco.pytorch.Adagrad(v, o);
                },
                Clip.NONE);
    }

    /// Sets a pair of numbers, of which the C++ library decides which is first in memory: the
    /// defaults, 0.9 and 0.999, tell.
    private static void betas(DoublePointer pair, double first, double second) {
        boolean reversed = pair.get(0) == 0.999;
        assertThat(pair.get(reversed ? 1 : 0)).isEqualTo(0.9);
        pair.put(0, reversed ? second : first);
        pair.put(1, reversed ? first : second);
    }

    private static Pair rms(String name, RmsProp rule) {
        return new Pair(
                name,
                rule,
                v -> {
                    RMSpropOptions o = new RMSpropOptions(rule.learningRate());
                    o.alpha().put(rule.decay());
                    o.eps().put(rule.epsilon());
                    o.weight_decay().put(rule.weightDecay());
                    o.momentum().put(rule.momentum());
                    o.centered().put(rule.centered());
                    return new RMSprop(v, o);
                },
                Clip.NONE);
    }

    @TestFactory
    Stream<DynamicTest> trajectories() {
        return pairs().flatMap(p -> Stream.of(DType.F32, DType.F64)
                .map(d -> DynamicTest.dynamicTest(p.name + " " + d, () -> compare(p, d))));
    }

    private static void compare(Pair pair, DType dtype) {
        try (var _ = new PointerScope()) {
            Random random = new Random(11);
            Map<String, Parameter> ours = new LinkedHashMap<>();
            ours.put("first", Parameter.of(normal(5, 8).make(dtype, random)));
            ours.put("bias", Parameter.of(normal(8).make(dtype, random)));
            ours.put("second", Parameter.of(normal(8, 2).make(dtype, random)));
            List<Parameter> parameters = List.copyOf(ours.values());
            TensorVector theirs = new TensorVector();
            for (Parameter p : parameters) {
                var leaf = Torch.of(p.value());
                leaf.set_requires_grad(true);
                theirs.push_back(leaf);
            }
            Optimizer optimizer = pair.clip.ours().apply(Optimizer.of(pair.ours, ours));
            org.bytedeco.pytorch.Optimizer other = pair.theirs.apply(theirs);
            for (int step = 0; step < STEPS; step++) {
                Tensor x = normal(16, 5).make(dtype, random);
                Tensor y = normal(16, 2).make(dtype, random);
                Tensor hidden = x.matmul(parameters.get(0).value())
                        .add(parameters.get(1).value())
                        .tanh();
                optimizer.step(
                        Loss.meanSquaredError(hidden.matmul(parameters.get(2).value()), y));

                other.zero_grad();
                var theirHidden = torch.matmul(Torch.of(x), theirs.get(0))
                        .add(theirs.get(1))
                        .tanh();
                torch.mse_loss(torch.matmul(theirHidden, theirs.get(2)), Torch.of(y))
                        .backward();
                pair.clip.theirs().accept(theirs);
                other.step();

                for (int i = 0; i < parameters.size(); i++) {
                    equal("step " + step + ", parameter " + i, parameters.get(i).value(), Torch.back(theirs.get(i)));
                }
            }
        }
    }

    private static void equal(String what, Tensor actual, Tensor expected) {
        boolean single = expected.dtype() == DType.F32;
        Buffer a = actual.buffer();
        Buffer e = expected.buffer();
        for (int i = 0; i < expected.size(); i++) {
            double tolerance = single ? 1e-6 + 1e-5 * Math.abs(e.getDouble(i)) : 1e-12;
            assertThat(a.getDouble(i)).as(what).isCloseTo(e.getDouble(i), within(tolerance));
        }
    }
}
