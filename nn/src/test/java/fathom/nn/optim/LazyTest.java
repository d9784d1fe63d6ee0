package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.compile.Profile;
import fathom.nn.Embedding;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class LazyTest {
    private static final int VOCABULARY = 11;
    private static final int WIDTH = 3;

    /// With repetitions, within a batch and from one to the next; rows 5 and 10 are never used.
    private static final List<int[]> BATCHES = List.of(
            new int[] {1, 7, 1, 1}, new int[] {9}, new int[] {0, 2, 7, 9, 9, 3}, new int[] {4, 8, 6}, new int[] {7});

    private static Embedding embedding(int vocabulary, int width, DType dtype) {
        Tensor weight = RandomStream.of(3).normal(Shape.of(vocabulary, width), dtype);
        return new Embedding(Parameter.of(weight));
    }

    private static Tensor indices(int... rows) {
        return Tensor.of(rows, rows.length);
    }

    /// A loss in which each use of a row has a gradient of its own.
    private static Tensor loss(Embedding model, int... rows) {
        Tensor x = model.apply(indices(rows));
        Tensor factors = RandomStream.of(rows.length).normal(x.shape(), x.dtype());
        return x.mul(x).mul(factors).add(x).sum();
    }

    private static double[] train(
            UpdateRule rule, BiFunction<Embedding, int[], Tensor> loss, UnaryOperator<Optimizer> how) {
        Embedding model = embedding(VOCABULARY, WIDTH, DType.F64);
        Optimizer optimizer = how.apply(rule.on(model));
        for (int[] batch : BATCHES) {
            optimizer.step(loss.apply(model, batch));
        }
        return model.weight().value().toDoubles();
    }

    @Test
    void whereZerosChangeNothingItChangesNothing() {
        for (UpdateRule rule :
                List.of(Sgd.of(0.1), Adagrad.of(0.1), Sgd.of(0.1).scheduled(Schedule.exponential(0.5)))) {
            UpdateRule lazy = rule instanceof Scheduled s ? new Lazy(s.rule()).scheduled(s.schedule()) : new Lazy(rule);
            assertThat(train(lazy, LazyTest::loss, o -> o))
                    .as(rule.toString())
                    .isEqualTo(train(rule, LazyTest::loss, o -> o));
        }
    }

    @Test
    void aTableThatIsUsedTwiceHasOneGradient() {
        BiFunction<Embedding, int[], Tensor> twice =
                (model, rows) -> loss(model, rows).add(loss(model, 1, 2, 2, 7).mul(0.5));
        assertThat(train(new Lazy(Sgd.of(0.1)), twice, o -> o)).isEqualTo(train(Sgd.of(0.1), twice, o -> o));
    }

    @Test
    void clippingSeesTheWholeGradient() {
        double[] expected = train(Sgd.of(0.1), LazyTest::loss, o -> o.clipNorm(0.7));
        double[] actual = train(new Lazy(Sgd.of(0.1)), LazyTest::loss, o -> o.clipNorm(0.7));
        assertThat(actual).usingComparatorWithPrecision(1e-14).containsExactly(expected);
        assertThat(train(new Lazy(Sgd.of(0.1)), LazyTest::loss, o -> o.clipValue(0.3)))
                .isEqualTo(train(Sgd.of(0.1), LazyTest::loss, o -> o.clipValue(0.3)));
    }

    /// Adam's equations, written out for the rows of each batch; moments of other rows stay.
    @Test
    void adamChangesTheMomentsOfUsedRowsAlone() {
        double beta1 = 0.8;
        double beta2 = 0.9;
        double rate = 0.1;
        double epsilon = 1e-3;
        double[] p = embedding(VOCABULARY, WIDTH, DType.F64).weight().value().toDoubles();
        double[] m = new double[p.length];
        double[] v = new double[p.length];
        int t = 0;
        for (int[] batch : BATCHES) {
            t++;
            double[] factors = RandomStream.of(batch.length)
                    .normal(Shape.of(batch.length, WIDTH), DType.F64)
                    .toDoubles();
            double[] g = new double[p.length];
            Set<Integer> used = new HashSet<>();
            for (int i = 0; i < batch.length * WIDTH; i++) {
                int at = batch[i / WIDTH] * WIDTH + i % WIDTH;
                g[at] += 2 * p[at] * factors[i] + 1;
                used.add(at);
            }
            for (int at : used) {
                m[at] = beta1 * m[at] + (1 - beta1) * g[at];
                v[at] = beta2 * v[at] + (1 - beta2) * g[at] * g[at];
                double first = m[at] / (1 - Math.pow(beta1, t));
                double second = v[at] / (1 - Math.pow(beta2, t));
                p[at] -= rate * first / (Math.sqrt(second) + epsilon);
            }
        }
        UpdateRule lazy = new Lazy(Adam.of(rate).withBetas(beta1, beta2).withEpsilon(epsilon));
        double[] actual = train(lazy, LazyTest::loss, o -> o);
        for (int i = 0; i < p.length; i++) {
            assertThat(actual[i]).isCloseTo(p[i], within(1e-12));
        }
    }

    /// The table is the output's weight as well, as in a language model.
    private record Tied(Embedding table) implements Module {
        @Override
        public Tensor forward(Tensor x) {
            return table.apply(x).matmul(table.weight().value().transpose(0, 1));
        }
    }

    @Test
    void aDenseGradientIsFollowedAsByTheRuleAlone() {
        double[][] results = new double[2][];
        for (int i = 0; i < 2; i++) {
            Tied model = new Tied(embedding(VOCABULARY, WIDTH, DType.F64));
            Optimizer optimizer = (i == 0 ? Adam.of(0.1) : new Lazy(Adam.of(0.1))).on(model);
            for (int[] batch : BATCHES) {
                optimizer.step(model.apply(indices(batch)).square().sum());
            }
            results[i] = model.table().weight().value().toDoubles();
        }
        assertThat(results[1]).isEqualTo(results[0]);
    }

    @Test
    void stepsFromElsewhereLeaveNoRowThere() {
        double[][] results = new double[2][];
        for (int i = 0; i < 2; i++) {
            Embedding model = embedding(VOCABULARY, WIDTH, DType.F64);
            Optimizer optimizer = (i == 0 ? Sgd.of(0.1) : new Lazy(Sgd.of(0.1))).on(model);
            SharpnessAware aware = SharpnessAware.of(optimizer, 0.1);
            for (int[] batch : BATCHES) {
                // Up there the loss depends on other rows.
                boolean[] there = {false};
                aware.step(() -> {
                    int[] rows = there[0] ? new int[] {5, 6} : batch;
                    there[0] = true;
                    return loss(model, rows);
                });
            }
            results[i] = model.weight().value().toDoubles();
        }
        assertThat(results[1]).isEqualTo(results[0]);
    }

    @Test
    void accumulatedGradientsAreFollowedAsByTheRuleAlone() {
        assertThat(train(new Lazy(Adam.of(0.1)), LazyTest::loss, o -> o.accumulate(2)))
                .isEqualTo(train(Adam.of(0.1), LazyTest::loss, o -> o.accumulate(2)));
    }

    @Test
    void theValueBeforeAStepCanStillBeReadAndAStateGoesOn() {
        Embedding model = embedding(VOCABULARY, WIDTH, DType.F64);
        Optimizer optimizer = new Lazy(Adam.of(0.1)).on(model);
        optimizer.step(loss(model, 1, 2));
        optimizer.step(loss(model, 3, 4));
        double[] before = model.weight().value().toDoubles();
        Tensor old = model.weight().value();
        Tensor doubled = model.weight().value().mul(2);
        Optimizer.State state = optimizer.state();
        optimizer.step(loss(model, 4, 5));
        assertThat(old.toDoubles()).isEqualTo(before);
        assertThat(doubled.toDoubles()[0]).isEqualTo(2 * before[0]);
        double[] after = model.weight().value().toDoubles();
        model.weight().set(Tensor.of(before, VOCABULARY, WIDTH));
        optimizer.load(state);
        optimizer.step(loss(model, 4, 5));
        assertThat(model.weight().value().toDoubles()).isEqualTo(after);
    }

    /// 1,600 tokens of a vocabulary of 2,000 or 50,000: the program reads and writes as many bytes.
    @Test
    void aStepTakesWhatTheUsedRowsTake() {
        for (UpdateRule rule : List.of(Sgd.of(0.1), Adagrad.of(0.1), Adam.of(0.1))) {
            long small = bytesOfAStep(new Lazy(rule), 2_000);
            assertThat(bytesOfAStep(new Lazy(rule), 50_000)).isEqualTo(small);
            assertThat(bytesOfAStep(rule, 50_000)).isGreaterThan(5 * small);
        }
    }

    private static long bytesOfAStep(UpdateRule rule, int vocabulary) {
        int width = 64;
        Embedding model = embedding(vocabulary, width, DType.F32);
        Optimizer optimizer = rule.on(model);
        Tensor tokens = RandomStream.of(1).uniform(Shape.of(32, 50)).mul(2_000).cast(DType.I32);
        Profile profile = Profile.of();
        profile.run(() -> optimizer.step(model.apply(tokens).square().sum()));
        return profile.kernels().stream().mapToLong(k -> k.kernel().bytes()).sum();
    }

    @Test
    void rulesThatLookAtAWholeParameterAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Lazy(Muon.of(0.1)))
                .withMessageContaining("lazy: rule Muon[")
                .withMessageEndingWith("expected Sgd, Adagrad or Adam");
        assertThat(new Lazy(Adam.of(0.1)).withLearningRate(0.2)).isEqualTo(new Lazy(Adam.of(0.2)));
    }
}
