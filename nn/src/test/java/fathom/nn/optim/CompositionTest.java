package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Parameter groups, accumulated gradients, averaged weights, sharpness-aware steps, and the states of
/// all rules.
class CompositionTest {
    private record Net(Parameter weight, Parameter bias) implements Module {
        static Net of(long seed) {
            RandomStream random = RandomStream.of(seed);
            return new Net(Parameter.of(random.normal(Shape.of(3, 2)).mul(0.5)), Parameter.of(Tensor.of(0.5f, -0.25f)));
        }

        @Override
        public Tensor forward(Tensor x) {
            return x.matmul(weight.value()).add(bias.value()).tanh();
        }

        Tensor loss(int from, int to) {
            Tensor x = RandomStream.of(5).normal(Shape.of(12, 3)).slice(0, from, to, 1);
            return apply(x).sub(0.3).square().mean();
        }

        float[] all() {
            return Tensor.concat(0, weight.value().reshape(-1), bias.value()).toFloats();
        }
    }

    static Stream<UpdateRule> rules() {
        Adam adam = Adam.of(0.02);
        return Stream.of(
                Sgd.of(0.05),
                Sgd.of(0.05, 0.9).withNesterov(),
                adam,
                adam.withAmsGrad(),
                AdamW.of(0.02).withAmsGrad(),
                RmsProp.of(0.02).withMomentum(0.5).withCentering(),
                Adagrad.of(0.05).withInitialSum(0.1),
                Adadelta.of(1),
                NAdam.of(0.02),
                RAdam.of(0.02).withBetas(0.8, 0.9),
                Lion.of(0.01),
                Lamb.of(0.02).withWeightDecay(0.1),
                Adafactor.of(0.05),
                ParameterGroups.of(Muon.of(0.02)).with("bias", adam),
                new DecoupledWeightDecay(Sgd.of(0.05, 0.9), 0.1),
                new Lookahead(adam, 3, 0.5),
                new ExponentialMovingAverage(adam, 0.9),
                new StochasticWeightAverage(adam, 2, 2),
                adam.scheduled(Schedule.warmup(3, 0.1).then(3, Schedule.cosine(5, 0))),
                new ExponentialMovingAverage(
                        new Lookahead(ParameterGroups.of(adam).with("bias", Sgd.of(0.1)), 2, 0.5), 0.5));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aStateGoesOnExactly(UpdateRule rule) {
        Net whole = Net.of(1);
        Net half = Net.of(1);
        Optimizer one = rule.on(whole);
        Optimizer first = rule.on(half);
        for (int t = 0; t < 4; t++) {
            one.step(whole.loss(0, 12));
            first.step(half.loss(0, 12));
        }
        one.learningRate(rule.learningRate() * 0.7);
        first.learningRate(rule.learningRate() * 0.7);
        Net resumed = Net.of(2);
        Modules.load(resumed, Modules.state(half));
        Optimizer second = rule.on(resumed);
        second.load(first.state());
        assertThat(second.rule()).isEqualTo(first.rule());
        float[] before = resumed.all();
        for (int t = 0; t < 4; t++) {
            one.step(whole.loss(0, 12));
            second.step(resumed.loss(0, 12));
        }
        assertThat(resumed.all()).isEqualTo(whole.all()).isNotEqualTo(before).doesNotContain(Float.NaN);
        Map<String, Tensor> expected = one.state().slots();
        second.state()
                .slots()
                .forEach((name, slot) ->
                        assertThat(slot.toString()).as(name).isEqualTo(String.valueOf(expected.get(name))));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theLossFalls(UpdateRule rule) {
        Net net = Net.of(1);
        Optimizer optimizer = rule.on(net);
        double before = net.loss(0, 12).item();
        for (int t = 0; t < 40; t++) {
            optimizer.step(net.loss(0, 12));
        }
        assertThat(net.loss(0, 12).item()).isLessThan(before);
    }

    @Test
    void bitsDoNotDependOnThreads() {
        List<float[]> one = onThreads(1);
        List<float[]> three = onThreads(3);
        for (int i = 0; i < one.size(); i++) {
            assertThat(three.get(i)).isEqualTo(one.get(i));
        }
    }

    private static List<float[]> onThreads(int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(() -> rules().map(rule -> {
                        Net net = Net.of(1);
                        Optimizer optimizer = rule.on(net).clipNorm(0.1);
                        for (int t = 0; t < 3; t++) {
                            optimizer.step(net.loss(0, 12));
                        }
                        return net.all();
                    })
                    .toList());
        }
    }

    @Test
    void groupsAreChosenByPath() {
        ParameterGroups rule = ParameterGroups.of(Sgd.of(0.1))
                .with("*.bias", Sgd.of(0.2))
                .with("encoder.*", Sgd.of(0.3))
                .with("decoder.0.weight", Sgd.of(0.4));
        assertThat(rule.forParameter("encoder.0.bias")).isEqualTo(Sgd.of(0.2));
        assertThat(rule.forParameter("encoder.0.weight")).isEqualTo(Sgd.of(0.3));
        assertThat(rule.forParameter("decoder.0.weight")).isEqualTo(Sgd.of(0.4));
        assertThat(rule.forParameter("decoder.01weight")).isEqualTo(Sgd.of(0.1));
        assertThat(rule.forParameter("bias")).isEqualTo(Sgd.of(0.1));
        assertThat(rule.learningRate()).isEqualTo(0.1);
        assertThat(rule.withLearningRate(0.05).forParameter("bias")).isEqualTo(Sgd.of(0.05));
        assertThat(rule.withLearningRate(0.05).forParameter("a.bias").learningRate())
                .isCloseTo(0.1, within(1e-15));
        assertThat(rule.withLearningRate(0.05).withLearningRate(0.1)).isEqualTo(rule);
        assertThatThrownBy(() -> rule.slots(Tensor.scalar(1))).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void groupsHaveTheirOwnRules() {
        Net net = Net.of(1);
        Net twin = Net.of(1);
        Optimizer optimizer =
                ParameterGroups.of(Sgd.of(0.1)).with("bias", Adam.of(0.02)).on(net);
        Optimizer weights = Optimizer.of(Sgd.of(0.1), Map.of("weight", twin.weight));
        Optimizer biases = Optimizer.of(Adam.of(0.02), Map.of("bias", twin.bias));
        for (int t = 0; t < 3; t++) {
            optimizer.step(net.loss(0, 12));
            // Both gradients at the same point.
            float[] kept = twin.weight.value().toFloats();
            weights.step(twin.loss(0, 12));
            Tensor moved = twin.weight.value().copy();
            twin.weight.set(Tensor.of(kept, 3, 2));
            biases.step(twin.loss(0, 12));
            twin.weight.set(moved);
        }
        assertThat(net.all()).containsExactly(twin.all(), within(1e-6f));
        assertThat(optimizer.state().slots()).containsOnlyKeys("firstMoment.bias", "secondMoment.bias");
    }

    @Test
    void accumulatedBatchesAreOne() {
        Net net = Net.of(1);
        Net twin = Net.of(1);
        Optimizer parts = Adam.of(0.02).on(net).accumulate(3).clipNorm(0.05);
        Optimizer whole = Adam.of(0.02).on(twin).clipNorm(0.05);
        for (int t = 0; t < 5; t++) {
            float[] before = net.all();
            parts.step(net.loss(0, 4));
            parts.step(net.loss(4, 8));
            assertThat(parts.accumulated()).isEqualTo(2);
            assertThat(net.all()).isEqualTo(before);
            parts.step(net.loss(8, 12));
            assertThat(parts.accumulated()).isZero();
            whole.step(twin.loss(0, 12));
            assertThat(net.all()).containsExactly(twin.all(), within(1e-5f));
        }
        assertThat(parts.steps()).isEqualTo(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.accumulate(0))
                .withMessage("accumulate: batches 0, expected at least 1");
        parts.step(net.loss(0, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.accumulate(2))
                .withMessage("accumulate: 2 batches after 1 of 3, expected no change before a step");
    }

    @Test
    void accumulatedGradientsAreSaved() {
        Net whole = Net.of(1);
        Net half = Net.of(1);
        Optimizer one = Sgd.of(0.1, 0.9).on(whole).accumulate(3);
        Optimizer first = Sgd.of(0.1, 0.9).on(half).accumulate(3);
        for (int t = 0; t < 5; t++) {
            one.step(whole.loss(t, t + 2));
            first.step(half.loss(t, t + 2));
        }
        Optimizer.State state = first.state();
        assertThat(state.slots())
                .containsOnlyKeys("momentum.weight", "momentum.bias", "gradient.weight", "gradient.bias");
        Optimizer second = Sgd.of(0.1, 0.9).on(half).accumulate(3);
        second.load(state);
        for (int t = 5; t < 9; t++) {
            one.step(whole.loss(t, t + 2));
            second.step(half.loss(t, t + 2));
        }
        assertThat(half.all()).isEqualTo(whole.all());
        assertThat(second.steps()).isEqualTo(3);
    }

    @Test
    void whatNoBatchUsesStays() {
        Net net = Net.of(1);
        float[] bias = net.bias.value().toFloats();
        Optimizer optimizer = AdamW.of(0.1).on(net).accumulate(2);
        for (int t = 0; t < 4; t++) {
            optimizer.step(net.weight.value().square().sum());
        }
        assertThat(net.bias.value().toFloats()).isEqualTo(bias);
        optimizer.step(net.bias.value().square().sum());
        optimizer.step(net.weight.value().square().sum());
        assertThat(net.bias.value().toFloats()).isNotEqualTo(bias);
    }

    @Test
    void exponentialAverage() {
        Net net = Net.of(1);
        Optimizer optimizer = new ExponentialMovingAverage(Sgd.of(0.2), 0.75).on(net);
        double[] expected = doubles(net.all());
        for (int t = 0; t < 50; t++) {
            optimizer.step(net.loss(0, 12));
            float[] now = net.all();
            for (int i = 0; i < now.length; i++) {
                expected[i] = 0.75 * expected[i] + 0.25 * now[i];
            }
        }
        checkAverage(optimizer, net, expected);
    }

    @Test
    void stochasticAverage() {
        Net net = Net.of(1);
        Optimizer optimizer = new StochasticWeightAverage(Sgd.of(0.2), 5, 3).on(net);
        double[] sum = new double[net.all().length];
        int count = 0;
        for (int t = 1; t <= 50; t++) {
            optimizer.step(net.loss(0, 12));
            if (t >= 5 && (t - 5) % 3 == 0) {
                float[] now = net.all();
                for (int i = 0; i < now.length; i++) {
                    sum[i] += now[i];
                }
                count++;
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= count;
        }
        checkAverage(optimizer, net, sum);
    }

    private static void checkAverage(Optimizer optimizer, Net net, double[] expected) {
        float[] weights = net.all();
        double[] average = doubles(optimizer.averaged(net::all));
        assertThat(average).containsExactly(expected, within(1e-6));
        assertThat(doubles(weights)).isNotEqualTo(average);
        assertThat(net.all()).isEqualTo(weights);
    }

    private static double[] doubles(float[] x) {
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i];
        }
        return out;
    }

    /// With a bowl of curvature 1 and 9: the gradient at the worst point nearby in plain doubles.
    @Test
    void sharpnessAware() {
        record Bowl(Parameter p) implements Module {
            @Override
            public Tensor forward(Tensor x) {
                return p.value().square().mul(x).sum().mul(0.5);
            }
        }
        Bowl bowl = new Bowl(Parameter.of(Tensor.of(new double[] {1, -2}, 2)));
        Tensor curvature = Tensor.of(new double[] {1, 9}, 2);
        SharpnessAware optimizer = SharpnessAware.of(Sgd.of(0.05, 0.9).on(bowl), 0.1);
        double a = 1;
        double b = -2;
        double va = 0;
        double vb = 0;
        for (int t = 0; t < 50; t++) {
            double loss = optimizer.step(() -> bowl.apply(curvature)).item();
            assertThat(loss).isCloseTo(0.5 * (a * a + 9 * b * b), within(1e-9));
            double norm = Math.hypot(a, 9 * b);
            va = 0.9 * va + a + 0.1 * a / norm;
            vb = 0.9 * vb + 9 * (b + 0.1 * 9 * b / norm);
            a -= 0.05 * va;
            b -= 0.05 * vb;
            assertThat(bowl.p.value().toDoubles()).containsExactly(new double[] {a, b}, within(1e-9));
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SharpnessAware.of(Sgd.of(0.1).on(bowl), 0))
                .withMessageContaining("sharpness-aware: radius 0.0");
        SharpnessAware accumulating = SharpnessAware.of(Sgd.of(0.1).on(bowl).accumulate(2), 0.1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> accumulating.step(() -> bowl.apply(curvature)))
                .withMessageContaining("accumulates gradients, expected one that does not");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Net net = Net.of(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Muon.of(0.1).on(net))
                .withMessage("Muon: a parameter of shape [2], expected matrices; ParameterGroups gives others another"
                        + " rule");
        UpdateRule twice = new ExponentialMovingAverage(new StochasticWeightAverage(Sgd.of(0.1), 1, 1), 0.9);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twice.on(net))
                .withMessage("optimizer: a second slot average, expected different names");
        assertThatThrownBy(() -> Sgd.of(0.1).on(net).averaged(net::all))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("keeps no averages");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lookahead(Sgd.of(1), 0, 0.5))
                .withMessageContaining("lookahead: every 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lookahead(Sgd.of(1), 5, 1.5))
                .withMessage("lookahead: pace 1.5, expected above 0 and at most 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ExponentialMovingAverage(Sgd.of(1), 1))
                .withMessageContaining("decay 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StochasticWeightAverage(Sgd.of(1), 0, 1))
                .withMessage("stochastic weight average: from step 0 every 1, expected at least 1 for both");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DecoupledWeightDecay(Sgd.of(1), -1))
                .withMessageContaining("weight decay -1.0");
        List<Runnable> bad = List.of(
                () -> Adagrad.of(0),
                () -> Adagrad.of(1).withInitialSum(-1),
                () -> Adagrad.of(1).withLearningRateDecay(-1),
                () -> Adadelta.of(1).withDecay(1),
                () -> NAdam.of(1).withMomentumDecay(-1),
                () -> RAdam.of(1).withBetas(0.9, 1),
                () -> Lion.of(1).withBetas(1, 0.9),
                () -> Lamb.of(-1),
                () -> Adafactor.of(1).withClip(0),
                () -> Adafactor.of(1).withFloors(0, 1),
                () -> Muon.of(1).withIterations(0),
                () -> Muon.of(1).withMomentum(1));
        for (Runnable r : bad) {
            assertThatIllegalArgumentException().isThrownBy(r::run).withMessageContaining("expected");
        }
    }
}
