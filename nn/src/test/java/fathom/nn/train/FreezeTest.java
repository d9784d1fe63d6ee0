package fathom.nn.train;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.spectralNorm;
import static fathom.nn.Layers.tanh;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.BatchNorm;
import fathom.nn.Context;
import fathom.nn.Layer;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Sgd;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Training a part of a model, and then all of it.
class FreezeTest {
    private static final Samples DATA = Samples.spirals(20, 16);

    /// A backbone whose paths begin with `0`, and a head `1`.
    private static Trainer trainer() {
        return Trainer.of(Sequential.of(
                        Sequential.of(linear(12), batchNorm(), tanh(), dropout(0.2), linear(6)), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.02))
                .metrics(Metric.accuracy())
                .seed(4)
                .progress(false);
    }

    private static Map<String, List<Float>> weights(Trainer trainer, Predicate<String> paths) {
        return TrainerTest.weights(trainer.model()).entrySet().stream()
                .filter(e -> paths.test(e.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Map<String, List<Float>> backbone(Trainer trainer) {
        return weights(trainer, path -> path.startsWith("0."));
    }

    private static Map<String, List<Float>> head(Trainer trainer) {
        return weights(trainer, path -> !path.startsWith("0."));
    }

    @Test
    void theHeadIsTrainedAloneAndThenAllOfIt() {
        Trainer trainer = trainer();
        trainer.fit(DATA, Epochs.of(1));
        Map<String, List<Float>> backbone = backbone(trainer);
        assertThat(backbone.keySet()).anyMatch(path -> path.endsWith("runningMean"));
        Map<String, List<Float>> head = head(trainer);

        trainer.freeze("0.*").fit(DATA, Epochs.of(2));
        assertThat(backbone(trainer)).isEqualTo(backbone);
        assertThat(head(trainer)).isNotEqualTo(head).hasSize(2);
        assertThat(trainer.steps()).isEqualTo(6);

        head = head(trainer);
        History last = trainer.freeze().optimizer(Adam.of(1e-3)).fit(DATA, Epochs.of(1));
        assertThat(last.epochs()).extracting(EpochResult::epoch).containsExactly(4);
        assertThat(head(trainer)).isNotEqualTo(head);
        backbone(trainer).forEach((path, values) -> {
            // What is normalised afterwards does not depend on a bias before.
            if (!path.equals("0.0.bias")) {
                assertThat(values).as(path).isNotEqualTo(backbone.get(path));
            }
        });
    }

    private static Trainer fineTuned(Memory first) {
        Trainer trainer = trainer().freeze("0.*").checkpoints(first);
        trainer.fit(DATA, Epochs.of(2));
        return trainer.freeze().optimizer(Adam.of(1e-3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bothPartsGoOnAfterAnInterruption(long step) {
        Memory unused = new Memory();
        Trainer whole = fineTuned(unused);
        History expected = whole.fit(DATA, Epochs.of(2));

        // In the first part.
        Memory memory = new Memory();
        Trainer first = trainer().freeze("0.*").checkpoints(memory);
        stopAfter(first, step);
        first.fit(DATA, Epochs.of(2));
        Trainer second = trainer().freeze("0.*").checkpoints(memory).resume();
        second.fit(DATA, Epochs.of(2));
        assertThat(second.freeze()
                        .optimizer(Adam.of(1e-3))
                        .fit(DATA, Epochs.of(2))
                        .sameAs(expected))
                .isTrue();
        assertThat(TrainerTest.weights(second.model())).isEqualTo(TrainerTest.weights(whole.model()));

        // In the second.
        Memory later = new Memory();
        Trainer third = fineTuned(later);
        stopAfter(third, step);
        third.fit(DATA, Epochs.of(2));
        Trainer fourth = trainer().optimizer(Adam.of(1e-3)).checkpoints(later).resume();
        assertThat(fourth.fit(DATA, Epochs.of(2)).sameAs(expected)).isTrue();
        assertThat(TrainerTest.weights(fourth.model())).isEqualTo(TrainerTest.weights(whole.model()));
    }

    private static void stopAfter(Trainer trainer, long step) {
        trainer.callbacks(Callback.onStep(r -> {
            if (r.step() == step) {
                trainer.stop();
            }
        }));
    }

    /// Frozen batch normalisation computes the same in training as in inference.
    @Test
    void frozenStatisticsTakeThePlaceOfTheBatchs() {
        Layer network = Sequential.of(linear(5), batchNorm(), tanh(), linear(2));
        Samples whole = DATA.batch(40).inOrder();
        for (boolean frozen : new boolean[] {false, true}) {
            double[] loss = new double[1];
            Trainer trainer = Trainer.of(network)
                    .loss(Loss.crossEntropy())
                    .optimizer(Sgd.of(0.1))
                    .callbacks(Callback.onStep(r -> loss[0] = r.loss()))
                    .progress(false);
            if (frozen) {
                trainer.freeze("1.*");
            }
            double before = trainer.build(Shape.of(2)).evaluate(whole).loss();
            trainer.fit(whole, Epochs.of(1));
            if (frozen) {
                assertThat(loss[0]).isCloseTo(before, within(1e-6));
            } else {
                assertThat(loss[0]).isNotCloseTo(before, within(1e-3));
            }
        }
    }

    /// To freeze the parameters alone leaves the statistics moving, as in PyTorch.
    @Test
    void frozenParametersAloneLeaveTheStatisticsMoving() {
        BatchNorm built = batchNorm().build(Shape.of(2), RandomStream.of(1));
        BatchNorm norm = new BatchNorm(
                built.weight().frozen(),
                built.bias().frozen(),
                built.runningMean(),
                built.runningVariance(),
                built.momentum(),
                built.epsilon());
        record Model(BatchNorm norm, Module head) implements Module {
            @Override
            public Tensor forward(Tensor x) {
                return head.apply(norm.apply(x));
            }
        }
        Model model = new Model(norm, linear(2).build(Shape.of(2), RandomStream.of(2)));
        Trainer trainer = Trainer.of(model)
                .loss(Loss.crossEntropy())
                .optimizer(Sgd.of(0.1))
                .progress(false);
        trainer.fit(DATA, Epochs.of(1));
        assertThat(norm.weight().value().toFloats()).containsOnly(1);
        float[] mean = norm.runningMean().value().toFloats();
        assertThat(mean[0]).isNotZero();
        trainer.freeze("norm.running*").fit(DATA, Epochs.of(1));
        assertThat(norm.runningMean().value().toFloats()).isEqualTo(mean);
    }

    @Test
    void frozenSpectralNormKeepsItsVectors() {
        Module layer = spectralNorm(linear(3)).build(Shape.of(4), RandomStream.of(1));
        Map<String, List<Float>> before = TrainerTest.weights(layer);
        Tensor x = RandomStream.of(2).normal(Shape.of(5, 4));
        Context.frozen(Modules.buffers(layer).values(), () -> {
            Context.training(RandomStream.of(3), () -> {
                layer.apply(x);
            });
            return true;
        });
        assertThat(TrainerTest.weights(layer)).isEqualTo(before);
        Context.training(RandomStream.of(3), () -> {
            layer.apply(x);
        });
        assertThat(TrainerTest.weights(layer)).isNotEqualTo(before);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().freeze("body.*").fit(DATA, Epochs.of(1)))
                .withMessageStartingWith("freeze: nothing matches body.*, expected paths such as [0.0.weight, ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().freeze("*").fit(DATA, Epochs.of(1)))
                .withMessageContaining("no trainable parameter among [0.0.weight, ");
        Memory memory = new Memory();
        trainer().freeze("0.*").checkpoints(memory).fit(DATA, Epochs.of(1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> trainer().checkpoints(memory).resume().fit(DATA, Epochs.of(2)))
                .withMessageContaining("made with frozen 0.*, now , expected the same");
    }
}
