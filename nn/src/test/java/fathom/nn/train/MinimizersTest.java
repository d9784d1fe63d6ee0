package fathom.nn.train;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.nn.Context;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.HessianFree;
import fathom.nn.optim.Lbfgs;
import fathom.nn.optim.Lookahead;
import fathom.nn.optim.Minimizer;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.nn.optim.SharpnessAware;
import fathom.tensor.Batch;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Methods that look at several points in a step, in a training.
class MinimizersTest {
    private static final Samples DATA = Samples.spirals(20, 16);
    private static final Epochs EPOCHS = Epochs.of(3);

    static Stream<Minimizer.Blueprint> methods() {
        return Stream.of(
                new SharpnessAware.Settings(Adam.of(0.02).scheduled(Schedule.warmup(4, 0.1)), 0.05),
                Lookahead.of(Sgd.of(0.1).withMomentum(0.9)),
                Lbfgs.Settings.standard().withIterations(3).withHistory(4),
                HessianFree.Settings.standard().withIterations(20));
    }

    private static Trainer trainer(Minimizer.Blueprint method) {
        return Trainer.of(Sequential.of(linear(8), tanh(), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(method)
                .metrics(Metric.accuracy())
                .validation(DATA.batch(40))
                .seed(6)
                .progress(false);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void theLossFalls(Minimizer.Blueprint method) {
        // All samples at once, as some of them need.
        Samples whole = DATA.batch(40).inOrder();
        History history = trainer(method).fit(whole, Epochs.of(80));
        double[] losses = history.training("loss");
        assertThat(losses[79]).isLessThan(losses[0] * 0.9);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everyCheckpointLeadsToTheSameEnd(Minimizer.Blueprint method) {
        Memory memory = new Memory();
        Trainer whole = trainer(method).checkpoints(memory, 1);
        History expected = whole.fit(DATA, EPOCHS);
        assertThat(memory.saved.size()).isGreaterThan(9);
        assertThat(whole.steps()).isEqualTo(9);
        for (Checkpoint c : memory.saved.subList(0, memory.saved.size() - 1)) {
            Memory one = new Memory();
            one.save(c);
            Trainer resumed = trainer(method).checkpoints(one).resume();
            assertThat(resumed.fit(DATA, EPOCHS).sameAs(expected)).isTrue();
            assertThat(resumed.steps()).isEqualTo(9);
            assertThat(TrainerTest.weights(resumed.model())).isEqualTo(TrainerTest.weights(whole.model()));
        }
    }

    /// A step of a training is one of the method itself, and what is measured is where it begins.
    @ParameterizedTest
    @MethodSource("methods")
    void stepsAreThoseOfTheMethod(Minimizer.Blueprint method) {
        Module model = Sequential.of(linear(8), tanh(), linear(2)).build(Shape.of(2), RandomStream.of(1));
        Module same = Sequential.of(linear(8), tanh(), linear(2)).build(Shape.of(2), RandomStream.of(1));
        List<StepResult> seen = new ArrayList<>();
        Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(method)
                .metrics(Metric.accuracy())
                .callbacks(Callback.onStep(seen::add))
                .progress(false)
                .fit(DATA, Epochs.of(1));
        Minimizer alone = method.on(same);
        Iterator<Batch> batches = DATA.epoch(0, 0);
        for (StepResult r : seen) {
            Batch batch = batches.next();
            Trainer measuring = Trainer.of(same).loss(Loss.crossEntropy()).metrics(Metric.accuracy());
            Evaluation before = measuring.evaluate(new Changed(DATA.batch(40), _ -> batch));
            assertThat(r.loss()).isCloseTo(before.loss(), within(1e-5));
            if (r.batch() == 1) {
                assertThat(r.averages().get("accuracy")).isEqualTo(before.accuracy());
            }
            Context.training(RandomStream.of(0), () -> {
                alone.step(() -> Loss.crossEntropy(same.apply(batch.x()), batch.y()), List::of);
            });
        }
        assertThat(TrainerTest.weights(same)).isEqualTo(TrainerTest.weights(model));
        assertThat(alone.steps()).isEqualTo(3);
    }

    /// Callbacks get the gradients where a step begins, and that changes nothing.
    @ParameterizedTest
    @MethodSource("methods")
    void callbacksSeeTheGradientsWhereAStepBegins(Minimizer.Blueprint method) {
        Module model = Sequential.of(linear(8), tanh(), linear(2)).build(Shape.of(2), RandomStream.of(1));
        Module same = Sequential.of(linear(8), tanh(), linear(2)).build(Shape.of(2), RandomStream.of(1));
        Map<Long, Map<String, Tensor>> seen = new TreeMap<>();
        Callback listener = new Callback() {
            @Override
            public boolean wantsGradients(long step) {
                return step != 2;
            }

            @Override
            public void gradients(long step, Map<String, Tensor> gradients) {
                seen.put(step, gradients);
            }
        };
        Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(method)
                .callbacks(listener)
                .progress(false)
                .fit(DATA, Epochs.of(1));
        assertThat(seen.keySet()).containsExactly(1L, 3L);

        Minimizer alone = method.on(same);
        Map<String, Parameter> parameters = Modules.parameters(same);
        Iterator<Batch> batches = DATA.epoch(0, 0);
        for (long step = 1; step <= 3; step++) {
            Batch batch = batches.next();
            if (step != 2) {
                Tensor loss = Loss.crossEntropy(same.apply(batch.x()), batch.y());
                List<Tensor> expected = Gradients.of(
                        loss, parameters.values().stream().map(Parameter::value).toList());
                Map<String, Tensor> gradients = seen.getOrDefault(step, Map.of());
                assertThat(gradients.keySet()).containsExactlyElementsOf(parameters.keySet());
                int i = 0;
                for (Tensor g : gradients.values()) {
                    assertThat(g.toFloats()).containsExactly(expected.get(i++).toFloats(), within(1e-5f));
                }
            }
            Context.training(RandomStream.of(0), () -> {
                alone.step(() -> Loss.crossEntropy(same.apply(batch.x()), batch.y()), List::of);
            });
        }
        assertThat(TrainerTest.weights(same)).isEqualTo(TrainerTest.weights(model));
    }

    @Test
    void sharpnessAwareStepsWorkWithRunningStatisticsAndClipping() {
        Memory memory = new Memory();
        Trainer whole = normalised().checkpoints(memory, 2);
        History expected = whole.fit(DATA, EPOCHS);
        Memory one = new Memory();
        one.save(memory.saved.getFirst());
        Trainer resumed = normalised().checkpoints(one).resume();
        assertThat(resumed.fit(DATA, EPOCHS).sameAs(expected)).isTrue();
        assertThat(TrainerTest.weights(resumed.model())).isEqualTo(TrainerTest.weights(whole.model()));
    }

    private static Trainer normalised() {
        return Trainer.of(Sequential.of(linear(8), batchNorm(), tanh(), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(new SharpnessAware.Settings(Adam.of(0.02), 0.05))
                .clipNorm(1)
                .reduceOnPlateau(ReduceOnPlateau.onTrainingLoss(1).minimumChange(1))
                .seed(6)
                .progress(false);
    }

    @Test
    void anotherOptimizerStartsAnew() {
        Trainer trainer = trainer(Adam.of(0.02));
        trainer.fit(DATA, Epochs.of(2));
        assertThat(trainer.steps()).isEqualTo(6);
        History more = trainer.optimizer(Lbfgs.Settings.standard()).fit(DATA, Epochs.of(1));
        assertThat(more.epochs()).extracting(EpochResult::epoch).containsExactly(3);
        assertThat(trainer.steps()).isEqualTo(3);
    }

    @Test
    void whatAMethodCannotDoIsRefused() {
        Minimizer.Blueprint lbfgs = Lbfgs.Settings.standard();
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer(lbfgs).clipNorm(1).fit(DATA, EPOCHS))
                .withMessageStartingWith("trainer: clipped or accumulated gradients with Settings[learningRate=1.0");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer(lbfgs).accumulate(2).fit(DATA, EPOCHS))
                .withMessageContaining("expected an UpdateRule such as Adam.of(1e-3)");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer(lbfgs)
                        .reduceOnPlateau(ReduceOnPlateau.onTrainingLoss(1))
                        .fit(DATA, EPOCHS))
                .withMessageContaining("has no learning rate to reduce");
        Trainer trained = trainer(lbfgs);
        trained.fit(DATA, Epochs.of(1));
        assertThatIllegalStateException()
                .isThrownBy(() -> trained.averaged(() -> 1))
                .withMessageContaining("keeps no averages");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(new SharpnessAware.Settings(Adam.of(0.02), 0.05))
                        .accumulate(2)
                        .fit(DATA, EPOCHS))
                .withMessageContaining("sharpness-aware: an optimizer that accumulates gradients");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SharpnessAware.Settings(Adam.of(0.02), 0))
                .withMessage("sharpness-aware: radius 0.0, expected a number above 0");
        Memory memory = new Memory();
        trainer(lbfgs).checkpoints(memory).fit(DATA, Epochs.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer(HessianFree.Settings.standard())
                        .checkpoints(memory)
                        .resume()
                        .fit(DATA, EPOCHS))
                .withMessageContaining("made with rule Settings[learningRate=1.0")
                .withMessageContaining("now Settings[damping=1.0");
    }
}
