package fathom.nn.train;

import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.relu;
import static fathom.nn.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Sgd;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrainerTest {
    private static Sequential network() {
        return Sequential.of(linear(16), tanh(), linear(2));
    }

    private static Trainer trainer() {
        return Trainer.of(network())
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.02))
                .metrics(Metric.accuracy())
                .seed(5)
                .progress(false);
    }

    @Test
    void predictionsOfBatchesAreThoseOfTheirSamples() {
        Samples data = Samples.spirals(50, 16);
        Trainer trainer = trainer();
        assertThatIllegalStateException().isThrownBy(() -> trainer.predict(data));
        trainer.build(Shape.of(2));
        List<Tensor> all = new ArrayList<>();
        data.forEach(batch -> all.add(batch.x()));
        Tensor predicted = trainer.predict(data);
        assertThat(predicted.shape()).isEqualTo(Shape.of(data.samples(), 2));
        assertThat(predicted.toFloats())
                .isEqualTo(trainer.predict(Tensor.concat(0, all)).toFloats());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer.predict(Samples.spirals(0, 16)))
                .withMessage("predict: no batches, expected at least one");
    }

    @Test
    void twoSpiralsAreToldApart() {
        Samples data = Samples.spirals(96, 32);
        Trainer trainer = Trainer.of(Sequential.of(linear(24), tanh(), linear(24), tanh(), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.02))
                .metrics(Metric.accuracy())
                .seed(1)
                .progress(false);
        History history = trainer.fit(data, Epochs.of(80));
        Evaluation result = trainer.evaluate(data);
        assertThat(result.accuracy()).isEqualTo(1);
        assertThat(result.loss()).isLessThan(0.05);
        assertThat(history.interrupted()).isFalse();
        assertThat(history.epochs()).hasSize(80);
        assertThat(history.training("loss")[79]).isLessThan(history.training("loss")[0]);
        assertThat(trainer.steps()).isEqualTo(80 * 6);
    }

    @Test
    void equalSeedsGiveEqualBitsOnAnyNumberOfThreads() {
        Samples data = Samples.spirals(20, 16);
        Trainer first = trainer();
        Trainer second = trainer();
        Trainer other = trainer().seed(6);
        History a;
        History b;
        try (Device one = Device.cpu(1);
                Device three = Device.cpu(3)) {
            a = one.call(() -> first.fit(data, Epochs.of(3)));
            b = three.call(() -> second.fit(data, Epochs.of(3)));
        }
        assertThat(a.sameAs(b)).isTrue();
        assertThat(weights(second.model())).isEqualTo(weights(first.model()));
        other.fit(data, Epochs.of(3));
        assertThat(weights(other.model())).isNotEqualTo(weights(first.model()));
    }

    static Map<String, List<Float>> weights(Module model) {
        Map<String, List<Float>> all = new java.util.LinkedHashMap<>();
        Modules.state(model).forEach((name, t) -> {
            List<Float> values = new ArrayList<>();
            for (float v : t.toFloats()) {
                values.add(v);
            }
            all.put(name, values);
        });
        return all;
    }

    @Test
    void averagesWeighEverySampleOnce() {
        // 40 samples in batches of 16: the last one has 8.
        Samples data = Samples.spirals(20, 16).inOrder();
        Trainer trainer = trainer().build(Shape.of(2));
        Evaluation parts = trainer.evaluate(data);
        Evaluation whole = trainer.evaluate(data.batch(40));
        assertThat(parts.samples()).isEqualTo(40);
        assertThat(parts.loss()).isCloseTo(whole.loss(), within(1e-6));
        assertThat(parts.accuracy()).isCloseTo(whole.accuracy(), within(1e-12));
        assertThat(parts.toString()).contains("loss ", "accuracy ", "(40 samples)");
    }

    @Test
    void callbacksSeeEveryStepAndEpoch() {
        List<String> seen = new ArrayList<>();
        Samples data = Samples.spirals(20, 16);
        History history = trainer()
                .validation(data.batch(40))
                .callbacks(new Callback() {
                    @Override
                    public void started(Plan plan) {
                        seen.add("start " + plan.epochs() + " x " + plan.batches());
                    }

                    @Override
                    public void step(StepResult r) {
                        seen.add(r.epoch() + ":" + r.batch() + ":" + r.samples());
                        assertThat(r.loss()).isPositive();
                        assertThat(r.averages()).containsOnlyKeys("loss", "accuracy");
                    }

                    @Override
                    public void epoch(EpochResult r) {
                        seen.add("epoch " + r.epoch());
                        assertThat(r.validation()).containsOnlyKeys("loss", "accuracy");
                    }

                    @Override
                    public void finished(History h) {
                        seen.add("end");
                    }
                })
                .fit(data, Epochs.of(2));
        assertThat(seen)
                .containsExactly(
                        "start 2 x 3",
                        "1:1:16",
                        "1:2:16",
                        "1:3:8",
                        "epoch 1",
                        "2:1:16",
                        "2:2:16",
                        "2:3:8",
                        "epoch 2",
                        "end");
        assertThat(history.validation("accuracy")).hasSize(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> history.training("other"))
                .withMessageContaining("expected one of [loss, accuracy]");
    }

    @Test
    void aSecondFitGoesOn() {
        Samples data = Samples.spirals(20, 16);
        Trainer whole = trainer();
        whole.fit(data, Epochs.of(4));
        Trainer parts = trainer();
        parts.fit(data, Epochs.of(1));
        History second = parts.fit(data, Epochs.of(3));
        assertThat(second.epochs()).extracting(EpochResult::epoch).containsExactly(2, 3, 4);
        assertThat(weights(parts.model())).isEqualTo(weights(whole.model()));
    }

    @Test
    void everyBatchSizeIsCompiledOnce() {
        try (Device device = Device.reference()) {
            device.run(() -> {
                Samples data = Samples.spirals(20, 16);
                Trainer trainer = trainer();
                trainer.fit(data, Epochs.of(1));
                int compiled = device.explainRecompiles().size();
                trainer.fit(data, Epochs.of(5));
                assertThat(device.explainRecompiles()).hasSize(compiled);
            });
        }
    }

    @Test
    void aLossThatDivergesStopsTheTraining() {
        Samples data = Samples.spirals(20, 16);
        Memory memory = new Memory();
        Trainer trainer = Trainer.of(Sequential.of(linear(16), relu(), linear(16), relu(), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Sgd.of(1e30))
                .checkpoints(memory)
                .progress(false);
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> trainer.fit(data, Epochs.of(3)))
                .satisfies(e -> {
                    assertThat(e.step()).isGreaterThan(1);
                    assertThat(e.lastFiniteLoss()).isFinite();
                    assertThat(e.loss()).isNotEqualTo(e.lastFiniteLoss());
                })
                .withMessageContaining("at step")
                .withMessageContaining("Try a learning rate below 1.0E30");
        assertThat(memory.saved).isEmpty();
    }

    @Test
    void aNaNInTheDataIsFoundAtTheFirstStep() {
        Samples data = Samples.spirals(20, 40);
        data.points()[7][1] = Float.NaN;
        assertThatExceptionOfType(DivergedException.class)
                .isThrownBy(() -> trainer().fit(data, Epochs.of(1)))
                .withMessageContaining("the loss became NaN at step 1, the first one: check the");
    }

    @Test
    void earlyStoppingWaitsAndRestoresTheBest() {
        Samples data = Samples.spirals(20, 16);
        double[] losses = {5, 3, 4, 2, 2.5, 2.1, 9, 1};
        List<Map<String, List<Float>>> after = new ArrayList<>();
        Trainer[] trainer = new Trainer[1];
        Samples validation = data.batch(40);
        trainer[0] = trainer()
                .validation(validation)
                .metrics(scripted(losses))
                .earlyStopping(new EarlyStopping("scripted", true, false, 3, 0, true))
                .callbacks(new Callback() {
                    @Override
                    public void epoch(EpochResult r) {
                        after.add(weights(trainer[0].model()));
                    }
                });
        History history = trainer[0].fit(data, Epochs.of(20));
        assertThat(history.epochs()).hasSize(7);
        assertThat(history.interrupted()).isFalse();
        assertThat(history.validation("scripted")).containsExactly(5, 3, 4, 2, 2.5, 2.1, 9);
        assertThat(weights(trainer[0].model())).isEqualTo(after.get(3));
        assertThat(after.get(3)).isNotEqualTo(after.get(6));
    }

    /// Reads its values from a list: one for every validation, which has a single batch of 40.
    private static Metric scripted(double[] values) {
        int[] calls = new int[1];
        return new Metric() {
            @Override
            public String name() {
                return "scripted";
            }

            @Override
            public Tensor total(Tensor prediction, Tensor target) {
                double value = target.dim(0) == 40 ? values[calls[0]++] * 40 : 0;
                return Tensor.of(new double[] {value}, 1).sum();
            }
        };
    }

    @Test
    void earlyStoppingNeedsItsMeasure() {
        Samples data = Samples.spirals(20, 16);
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer()
                        .earlyStopping(EarlyStopping.onValidationLoss(2))
                        .fit(data, Epochs.of(1)))
                .withMessageContaining("no validation data");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EarlyStopping.onValidationLoss(0))
                .withMessageContaining("patience 0");
        EarlyStopping rule = EarlyStopping.onValidation("accuracy", 2).minimumChange(0.1);
        assertThat(rule.watch().isBetter(0.55, 0.5)).isFalse();
        assertThat(rule.watch().isBetter(0.65, 0.5)).isTrue();
        assertThat(rule.watch().isBetter(0.1, Double.NaN)).isTrue();
    }

    @Test
    void predictionsAreMadeInPartsAndInInference() {
        Trainer trainer = Trainer.of(Sequential.of(fathom.nn.Layers.dropout(0.5), linear(3)))
                .build(Shape.of(2));
        Tensor x = RandomStream.of(1).normal(Shape.of(600, 2));
        Tensor whole = trainer.model().apply(x);
        assertThat(trainer.predict(x).shape()).isEqualTo(Shape.of(600, 3));
        assertThat(trainer.predict(x).toFloats()).containsExactly(whole.toFloats(), within(1e-6f));
    }

    @Test
    void whatIsMissingIsNamed() {
        Samples data = Samples.spirals(20, 16);
        assertThatIllegalStateException()
                .isThrownBy(() -> Trainer.of(network()).fit(data, Epochs.of(1)))
                .withMessageContaining("no loss");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Trainer.of(network()).loss(Loss.crossEntropy()).fit(data, Epochs.of(1)))
                .withMessageContaining("no optimizer");
        assertThatIllegalStateException()
                .isThrownBy(() -> Trainer.of(network()).model())
                .withMessageContaining("not built yet");
        assertThatIllegalStateException()
                .isThrownBy(() -> trainer().resume().fit(data, Epochs.of(1)))
                .withMessageContaining("checkpoints(store)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().metrics(Metric.accuracy(), Metric.accuracy()))
                .withMessageContaining("a second accuracy");
        assertThatIllegalArgumentException().isThrownBy(() -> Epochs.of(-1)).withMessageContaining("epochs -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().checkpoints(new Memory(), 0))
                .withMessageContaining("every 0 steps");
    }
}
