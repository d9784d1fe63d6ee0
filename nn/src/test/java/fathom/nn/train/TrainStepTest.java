package fathom.nn.train;

import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Sgd;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Several inputs, outputs and losses, and the weights of samples.
class TrainStepTest {
    private static final Samples SPIRALS = Samples.spirals(20, 16);
    private static final Epochs EPOCHS = Epochs.of(3);

    /// A point and, besides, how far it is from the middle: to be told are the arm and that distance's
    /// square.
    private static final Batches DATA = new Changed(SPIRALS, batch -> {
        Tensor distance = batch.x().square().sum(1).sqrt().unsqueeze(1).evaluate();
        return batch.with("distance", distance).with("square", distance.square().evaluate());
    });

    /// Two inputs, two outputs.
    private record TwoHeads(Module body, Module arm, Module square) implements Module {
        static TwoHeads build() {
            RandomStream random = RandomStream.of(7);
            return new TwoHeads(
                    Sequential.of(linear(32), tanh(), dropout(0.05)).build(Shape.of(3), random.split("body")),
                    linear(2).build(Shape.of(32), random.split("arm")),
                    linear(1).build(Shape.of(32), random.split("square")));
        }

        @Override
        public Tensor forward(Tensor x) {
            return arm.apply(body.apply(x));
        }

        Outcome outcome(Batch batch) {
            Tensor codes = body.apply(Tensor.concat(1, batch.x(), batch.get("distance")));
            Tensor arms = arm.apply(codes);
            Tensor squares = square.apply(codes);
            Tensor classification = Loss.crossEntropy(arms, batch.y());
            Tensor regression = Loss.meanSquaredError(squares, batch.get("square"));
            return Outcome.of(classification.add(regression.mul(0.05)), arms)
                    .and("classification", classification)
                    .and("regression", regression)
                    .output("square", squares, batch.get("square"));
        }
    }

    private static Trainer trainer() {
        TwoHeads model = TwoHeads.build();
        return Trainer.of(model)
                .trainStep((_, batch) -> model.outcome(batch))
                .optimizer(Adam.of(0.02))
                .metrics(
                        Metric.accuracy(),
                        Metric.meanAbsoluteError().forOutput("square"),
                        StreamingMetric.rSquared().forOutput("square"))
                .validation(DATA)
                .seed(3)
                .progress(false);
    }

    @Test
    void severalInputsOutputsAndLossesAreTrained() {
        Trainer trainer = trainer();
        History history = trainer.fit(DATA, Epochs.of(200));
        EpochResult last = history.epochs().getLast();
        assertThat(last.training().keySet())
                .containsExactly("loss", "classification", "regression", "accuracy", "square.meanAbsoluteError");
        assertThat(last.validation().keySet())
                .containsExactly(
                        "loss",
                        "classification",
                        "regression",
                        "accuracy",
                        "square.meanAbsoluteError",
                        "square.rSquared");
        Evaluation result = trainer.evaluate(DATA);
        assertThat(result.get("loss"))
                .isCloseTo(result.get("classification") + 0.05 * result.get("regression"), within(1e-5));
        assertThat(result.get("square.rSquared")).isGreaterThan(0.95);
        assertThat(result.get("regression")).isLessThan(history.validation("regression")[0] / 10);
        assertThat(result.get("classification")).isLessThan(history.validation("classification")[0]);
    }

    /// The parts are what is computed batch by batch, each weighted by its size.
    @Test
    void partsAreAveragedOverSamples() {
        Trainer trainer = trainer();
        TwoHeads model = (TwoHeads) trainer.model();
        double sum = 0;
        for (Batch batch : DATA) {
            Tensor part = model.outcome(batch).parts().getOrDefault("regression", Tensor.scalar(Float.NaN));
            sum += part.item() * batch.size();
        }
        assertThat(trainer.evaluate(DATA).get("regression")).isCloseTo(sum / 40, within(1e-9));
    }

    @Test
    void aPartThatSomeBatchesDoNotHaveIsAveragedOverTheOthers() {
        Trainer trainer = Trainer.of(Sequential.of(linear(2)))
                .trainStep((model, batch) -> {
                    Tensor y = model.apply(batch.x());
                    Outcome outcome = Outcome.of(Loss.crossEntropy(y, batch.y()), y);
                    // The batches have 16, 16 and 8 samples.
                    return batch.size() == 16 ? outcome : outcome.and("rest", Tensor.scalar(3));
                })
                .progress(false);
        assertThat(trainer.evaluate(SPIRALS).get("rest")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8})
    void anInterruptedTrainingGoesOnAsIfNothingHadHappened(long step) {
        Trainer whole = trainer();
        History expected = whole.fit(DATA, EPOCHS);
        Memory memory = new Memory();
        Trainer first = trainer().checkpoints(memory);
        first.callbacks(Callback.onStep(r -> {
            if (r.step() == step) {
                first.stop();
            }
        }));
        assertThat(first.fit(DATA, EPOCHS).interrupted()).isTrue();
        Trainer second = trainer().checkpoints(memory).resume();
        assertThat(second.fit(DATA, EPOCHS).sameAs(expected)).isTrue();
        assertThat(TrainerTest.weights(second.model())).isEqualTo(TrainerTest.weights(whole.model()));
    }

    @Test
    void aLossIsATrainStep() {
        Trainer plain = Trainer.of(Sequential.of(linear(8), tanh(), dropout(0.1), linear(2)))
                .optimizer(Adam.of(0.02))
                .metrics(Metric.accuracy())
                .progress(false);
        Trainer written = Trainer.of(Sequential.of(linear(8), tanh(), dropout(0.1), linear(2)))
                .optimizer(Adam.of(0.02))
                .metrics(Metric.accuracy())
                .progress(false);
        History a = plain.loss(Loss.crossEntropy()).fit(SPIRALS, EPOCHS);
        History b = written.trainStep((model, batch) -> {
                    Tensor y = model.apply(batch.x());
                    return Outcome.of(Loss.crossEntropy(y, batch.y()), y);
                })
                .fit(SPIRALS, EPOCHS);
        assertThat(a.sameAs(b)).isTrue();
        assertThat(TrainerTest.weights(written.model())).isEqualTo(TrainerTest.weights(plain.model()));
    }

    @Test
    void partsAreShownAndToldToCallbacks() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<Map<String, Double>> seen = new ArrayList<>();
        trainer()
                .progress(new ConsoleProgress(new PrintStream(out, true, StandardCharsets.UTF_8), false))
                .callbacks(Callback.onStep(r -> seen.add(r.averages())))
                .fit(DATA, Epochs.of(1));
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("loss ", "classification ", "regression ");
        assertThat(seen).allSatisfy(a -> assertThat(a).containsKeys("classification", "regression"));
    }

    /// Gradients and losses of a sample of weight 2 are those of having it twice.
    @Test
    void weightsOfSamplesCountAsRepetitions() {
        float[][] points = {{1, 0}, {0, 1}, {0.5f, -1}};
        Batches weighted = batches(points, new int[] {0, 1, 1}, new float[] {1, 0, 2});
        Batches repeated = batches(new float[][] {points[0], points[2], points[2]}, new int[] {0, 1, 1}, null);
        Trainer one = plain();
        Trainer other = plain();
        History a = one.fit(weighted, EPOCHS);
        History b = other.fit(repeated, EPOCHS);
        assertThat(a.training("loss")).containsExactly(b.training("loss"), within(1e-6));
        assertThat(one.evaluate(weighted).loss())
                .isCloseTo(other.evaluate(repeated).loss(), within(1e-6));
        float[] p = one.predict(Tensor.of(points)).toFloats();
        assertThat(p).containsExactly(other.predict(Tensor.of(points)).toFloats(), within(1e-6f));
    }

    private static Trainer plain() {
        return Trainer.of(Sequential.of(linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Sgd.of(0.5))
                .progress(false);
    }

    private static Batches batches(float[][] points, int[] labels, float @Nullable [] weights) {
        Samples samples = new Samples(points, labels, labels.length, false);
        return weights == null
                ? samples
                : new Changed(samples, batch -> batch.with("weights", Tensor.of(weights, weights.length)));
    }

    @Test
    void weightsNeedTerms() {
        Batches weighted = batches(new float[][] {{1, 0}}, new int[] {0}, new float[] {2});
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain().loss((p, y) -> p.sum()).fit(weighted, EPOCHS))
                .withMessage("loss: a batch with weights of samples for a loss without terms, expected a TermLoss such"
                        + " as Loss.crossEntropy()");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor scalar = Tensor.scalar(1);
        Outcome outcome = Outcome.of(scalar, Tensor.zeros(2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Outcome.of(Tensor.zeros(2), scalar))
                .withMessage("outcome: loss F32[2], expected a scalar of F32 or F64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outcome.and("part", Tensor.zeros(1)))
                .withMessage("outcome: part F32[1], expected a scalar of F32 or F64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outcome.and("loss", scalar))
                .withMessage("outcome: a second loss, expected different names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outcome.and("part", scalar).and("part", scalar))
                .withMessage("outcome: a second part, expected different names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> outcome.output("age", scalar, scalar).output("age", scalar, scalar))
                .withMessage("outcome: a second output age, expected different names");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Metric.accuracy().forOutput("a").forOutput("b"))
                .withMessage("measure: a.accuracy for output b, expected one for no other output");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        trainer().metrics(Metric.accuracy().forOutput("arm")).fit(DATA, EPOCHS))
                .withMessage("metrics: no output arm for arm.accuracy, expected one of [square]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Trainer.of(Sequential.of(linear(2)))
                        .trainStep((model, batch) -> {
                            Tensor y = model.apply(batch.x());
                            return Outcome.of(y.sum(), y).and("accuracy", y.sum());
                        })
                        .metrics(Metric.accuracy())
                        .evaluate(SPIRALS))
                .withMessage("outcome: a part accuracy, which is also a metric, expected different names");
        assertThatIllegalStateException()
                .isThrownBy(() -> Trainer.of(Sequential.of(linear(2))).evaluate(SPIRALS))
                .withMessage("trainer: no loss, expected a call such as loss(Loss.crossEntropy()) or one of"
                        + " trainStep(...)");
    }
}
