package fathom.nn.optim;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.BatchNorm;
import fathom.nn.Chain;
import fathom.nn.Context;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.Sequential;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class OptimizerTest {
    private static final double[] START = {1, -2, 0.5};
    private static final double[] CURVATURE = {1, 3, 0.2};
    private static final int STEPS = 50;

    private record Vector(Parameter w) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return w.value().mul(x);
        }
    }

    /// One element's rule: from parameter, gradient and step number to the new parameter.
    private interface Formula {
        double next(double p, double g, int step);
    }

    private static Vector vector() {
        return new Vector(Parameter.of(Tensor.of(START, 3)));
    }

    /// Half the sum of curvature times squared parameter; the gradient is curvature times
    /// parameter.
    private static Tensor loss(Vector model) {
        Tensor w = model.w().value();
        return w.mul(w).mul(Tensor.of(CURVATURE, 3)).sum().mul(0.5);
    }

    private static void check(UpdateRule rule, Supplier<Formula> formula) {
        Vector model = vector();
        Optimizer optimizer = rule.on(model);
        for (int t = 0; t < STEPS; t++) {
            optimizer.step(loss(model));
        }
        assertThat(optimizer.steps()).isEqualTo(STEPS);
        double[] actual = model.w().value().toDoubles();
        for (int i = 0; i < 3; i++) {
            Formula f = formula.get();
            double p = START[i];
            for (int t = 1; t <= STEPS; t++) {
                p = f.next(p, CURVATURE[i] * p, t);
            }
            assertThat(actual[i]).isCloseTo(p, within(1e-12));
        }
    }

    @Test
    void gradientDescent() {
        check(Sgd.of(0.1), () -> (p, g, t) -> p - 0.1 * g);
        check(Sgd.of(0.1).withWeightDecay(0.3), () -> (p, g, t) -> p - 0.1 * (g + 0.3 * p));
    }

    @Test
    void momentum() {
        check(Sgd.of(0.1, 0.9), () -> {
            double[] v = new double[1];
            return (p, g, t) -> {
                v[0] = 0.9 * v[0] + g;
                return p - 0.1 * v[0];
            };
        });
        check(Sgd.of(0.1, 0.9).withNesterov(), () -> {
            double[] v = new double[1];
            return (p, g, t) -> {
                v[0] = 0.9 * v[0] + g;
                return p - 0.1 * (g + 0.9 * v[0]);
            };
        });
    }

    private static Formula adam(double rate, double decay, double decoupled) {
        double[] m = new double[1];
        double[] v = new double[1];
        return (p, gradient, t) -> {
            double g = gradient + decay * p;
            m[0] = 0.9 * m[0] + 0.1 * g;
            v[0] = 0.999 * v[0] + 0.001 * g * g;
            double corrected = m[0] / (1 - Math.pow(0.9, t));
            double square = v[0] / (1 - Math.pow(0.999, t));
            return p - rate * decoupled * p - rate * corrected / (Math.sqrt(square) + 1e-8);
        };
    }

    @Test
    void adaptiveMoments() {
        check(Adam.of(0.05), () -> adam(0.05, 0, 0));
        check(Adam.of(0.05).withWeightDecay(0.1), () -> adam(0.05, 0.1, 0));
        check(AdamW.of(0.05), () -> adam(0.05, 0, 0.01));
        check(AdamW.of(0.05).withWeightDecay(0), () -> adam(0.05, 0, 0));
    }

    @Test
    void rootMeanSquare() {
        check(RmsProp.of(0.02), () -> {
            double[] s = new double[1];
            return (p, g, t) -> {
                s[0] = 0.99 * s[0] + 0.01 * g * g;
                return p - 0.02 * g / (Math.sqrt(s[0]) + 1e-8);
            };
        });
        check(RmsProp.of(0.02).withDecay(0.9).withMomentum(0.5).withCentering().withEpsilon(1e-3), () -> {
            double[] s = new double[3];
            return (p, g, t) -> {
                s[0] = 0.9 * s[0] + 0.1 * g * g;
                s[1] = 0.9 * s[1] + 0.1 * g;
                s[2] = 0.5 * s[2] + g / (Math.sqrt(s[0] - s[1] * s[1]) + 1e-3);
                return p - 0.02 * s[2];
            };
        });
    }

    @Test
    void aStepIsCompiledOnce() {
        try (Device device = Device.reference()) {
            device.run(() -> {
                Vector model = vector();
                Optimizer optimizer = Adam.of(0.013).on(model).clipNorm(0.7);
                optimizer.step(loss(model));
                int compiled = device.explainRecompiles().size();
                for (int t = 0; t < 300; t++) {
                    optimizer.step(loss(model));
                }
                assertThat(device.explainRecompiles()).hasSize(compiled);
            });
        }
    }

    @Test
    void clippingByNormScalesAllGradients() {
        Vector model = vector();
        Sgd.of(1).on(model).clipNorm(0.5).step(loss(model));
        double norm = 0;
        for (int i = 0; i < 3; i++) {
            norm += Math.pow(CURVATURE[i] * START[i], 2);
        }
        double factor = 0.5 / (Math.sqrt(norm) + 1e-6);
        double[] w = model.w().value().toDoubles();
        for (int i = 0; i < 3; i++) {
            assertThat(w[i]).isCloseTo(START[i] * (1 - CURVATURE[i] * factor), within(1e-9));
        }
        Vector small = vector();
        Sgd.of(1).on(small).clipNorm(100).step(loss(small));
        assertThat(small.w().value().toDoubles()).containsExactly(new double[] {0, 4, 0.4}, within(1e-12));
    }

    @Test
    void clippingByValueCutsEveryElement() {
        Vector model = vector();
        Sgd.of(1).on(model).clipValue(0.5).step(loss(model));
        assertThat(model.w().value().toDoubles()).containsExactly(new double[] {0.5, -1.5, 0.4}, within(1e-12));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(1).on(model).clipNorm(0))
                .withMessageContaining("limit 0.0");
    }

    @Test
    void valuesAreThoseBeforeTheStep() {
        Vector model = vector();
        Tensor loss = loss(model);
        Tensor doubled = model.w().value().mul(2);
        Sgd.of(0.1).on(model).step(loss, doubled);
        assertThat(loss.item()).isCloseTo(0.5 * (1 + 12 + 0.05), within(1e-12));
        assertThat(doubled.toDoubles()).containsExactly(2, -4, 1);
    }

    @Test
    void frozenAndUnusedParametersStay() {
        Linear used = linear(2).build(Shape.of(2), RandomStream.of(1));
        Linear unused = linear(2).build(Shape.of(2), RandomStream.of(2));
        float[] weight = unused.weight().value().toFloats();
        Linear frozen = new Linear(used.weight().frozen(), used.bias());
        float[] kept = frozen.weight().value().toFloats();
        Optimizer optimizer = Adam.of(0.1).on(Chain.of(frozen, unused));
        optimizer.step(frozen.apply(Tensor.of(new float[] {1, 2}, 1, 2)).sum());
        assertThat(unused.weight().value().toFloats()).isEqualTo(weight);
        assertThat(frozen.weight().value().toFloats()).isEqualTo(kept);
        assertThat(frozen.bias().orElseThrow().value().toFloats())
                .containsExactly(new float[] {-0.1f, -0.1f}, within(1e-6f));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> optimizer.step(Tensor.scalar(1)))
                .withMessageContaining("depends on none of the parameters [0.bias");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adam.of(0.1).on(Layers.relu()))
                .withMessageContaining("no trainable parameter");
    }

    @Test
    void runningStatisticsAreWrittenInTheStep() {
        Chain model = Sequential.of(linear(3), batchNorm()).build(Shape.of(2), RandomStream.of(1));
        Optimizer optimizer = Sgd.of(0.1).on(model);
        BatchNorm norm = (BatchNorm) model.modules().getLast();
        Tensor x = RandomStream.of(3).normal(Shape.of(16, 2));
        float[] mean = model.modules().getFirst().apply(x).mean(0).toFloats();
        Context.training(RandomStream.of(0), () -> {
            Tensor y = model.apply(x);
            optimizer.step(y.mul(y).sum());
            float[] running = norm.runningMean().value().toFloats();
            for (int i = 0; i < 3; i++) {
                assertThat(running[i]).isCloseTo(0.1f * mean[i], within(1e-6f));
            }
        });
    }

    @Test
    void aStateGoesOnExactly() {
        Vector whole = vector();
        Optimizer one = Adam.of(0.05).on(whole);
        Vector half = vector();
        Optimizer first = Adam.of(0.05).on(half);
        for (int t = 0; t < 5; t++) {
            one.step(loss(whole));
            first.step(loss(half));
        }
        Vector resumed = new Vector(Parameter.of(half.w().value()));
        Optimizer second = Adam.of(0.9).on(resumed);
        Optimizer.State state = first.state();
        assertThat(state.slots().keySet()).containsExactly("firstMoment.w", "secondMoment.w");
        second.load(state);
        for (int t = 0; t < 5; t++) {
            one.step(loss(whole));
            second.step(loss(resumed));
        }
        assertThat(resumed.w().value().toDoubles()).isEqualTo(whole.w().value().toDoubles());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(0.1, 0.9).on(resumed).load(state))
                .withMessageContaining("expected [momentum.w]");
    }

    @Test
    void hyperparametersAreChecked() {
        for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Adam.of(rate))
                    .withMessageContaining("Adam: learning rate " + rate);
            assertThatIllegalArgumentException().isThrownBy(() -> Sgd.of(rate));
            assertThatIllegalArgumentException().isThrownBy(() -> RmsProp.of(rate));
            assertThatIllegalArgumentException().isThrownBy(() -> AdamW.of(rate));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(0.1, 1))
                .withMessageContaining("momentum 1.0, expected 0 or more and below 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sgd.of(0.1).withNesterov())
                .withMessageContaining("Nesterov with momentum 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adam.of(0.1).withBetas(0.9, 1))
                .withMessageContaining("beta2 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdamW.of(0.1).withWeightDecay(-1))
                .withMessageContaining("weight decay -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RmsProp.of(0.1).withDecay(Double.NaN))
                .withMessageContaining("decay NaN");
    }
}
